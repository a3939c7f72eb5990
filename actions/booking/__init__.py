"""Booking in the chat: a service, a time, a contact, what may be shared, and then the appointment."""

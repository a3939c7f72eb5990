"""The appointment calendar and what waits to be booked or called back."""

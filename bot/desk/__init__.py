"""The front desk: inbox, outbox, channels and the pages that patients see."""

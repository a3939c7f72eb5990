"""The staff console: review, take over, book and learn."""

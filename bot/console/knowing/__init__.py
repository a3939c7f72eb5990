"""What the clinic can know of all conversations together: figures, charts and tables."""

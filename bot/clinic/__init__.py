"""Who the clinic is: its name, hours, services and numbers, read from one reviewed file."""

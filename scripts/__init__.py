"""Small programs for whoever develops or runs the project; the Makefile calls them."""

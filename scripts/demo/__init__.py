"""Fills a database with invented conversations, played through the real system, and opens the console on it."""

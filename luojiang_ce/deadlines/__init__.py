"""Deadlines that are running: whose, until when, and what happens when the calendar changes under them."""

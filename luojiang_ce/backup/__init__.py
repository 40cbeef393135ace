"""Copies of everything that must not be lost, and the way back: `manage.py backup`, `manage.py restore`."""

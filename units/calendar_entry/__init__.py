"""Entering rest days, closures and figures, with a preview of what would move."""

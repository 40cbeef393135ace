"""Transition tables, `fire()`, the event log and its chain. Only this package assigns a case's state."""

"""Pages of units, people, long absence, accounts and the event log."""

"""Long work with progress: a row with a lease in the database, the broker as a doorbell."""

"""The counter: appointments, and the morning's work with the rows of a batch (V5, V6)."""

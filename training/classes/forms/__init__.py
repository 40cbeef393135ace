"""What is typed about classes."""

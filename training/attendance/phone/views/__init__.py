"""Pages without an account for trainees, and those of the provider."""

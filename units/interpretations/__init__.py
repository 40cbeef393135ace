"""The bureau's interpretations of the notice (notice 三4)."""

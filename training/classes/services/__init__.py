"""The writes of this app: keyword-only, atomic; each says what it guarantees."""

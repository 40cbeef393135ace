"""Who signs in: brakes on guessing, known devices, passwords, sessions (等保2.0, OWASP ASVS 2 and 3)."""

"""What is confidential at rest: keys by their ids, sealed columns and files, and how all of it goes to a new key."""

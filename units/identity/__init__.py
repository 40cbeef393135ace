"""Names and papers of identity: readings, ID numbers, documents, codes of units. Pure but for the sealing of IDs."""

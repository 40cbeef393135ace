"""Time limits as they hold for one unit: the rules of all, the bureau's extensions, and what lapsed."""

"""Roster import: what units really have becomes people of the district (product.md U4)."""

"""Circulars (notice 三1: 及时传达): documents sent to units, and who has read and passed them on (product.md S10)."""

"""The pages of the real booklets: what is written into them, from the ledger, and who wrote it when (notice 二(一))."""

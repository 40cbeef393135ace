"""What a unit decided against one of its people for breaking the rules of continuing education (notice 三3)."""

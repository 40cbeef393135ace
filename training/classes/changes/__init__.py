"""Changes to a class after its approval, each an application of its own (product.md C5)."""

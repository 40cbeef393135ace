"""A case is given to a handler by name; a handler's open cases are handed over in one act (product.md U7)."""

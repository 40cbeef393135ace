"""A closed year as a package that is read and checked without this system (GB/T 18894, DA/T 46, DA/T 70)."""

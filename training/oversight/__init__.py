"""What 纪检 reads (S11): plans, consents, publications and decisions, through pages of their own that name nobody.

The role sees no row of any model elsewhere, so a new page shows it nothing until it is made for it here.
"""

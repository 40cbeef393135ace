"""Teachers' cycles: a unit's clerks see their own people's, reviewers their system's, the bureau all."""

from tests.luojiang_ce.access.matrix import CLERKS, DISTRICT_WIDE, REVIEWERS, Row

ROWS = [
    Row(f"cycles:{name}", CLERKS | DISTRICT_WIDE | REVIEWERS)
    for name in ("board", "export", "flagged", "export_flagged")
]

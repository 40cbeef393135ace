"""Teachers' cycles: a unit's clerks see their own people's, reviewers their system's, the bureau all."""

from tests.luojiang_ce.access.matrix import CLERKS, DISTRICT_WIDE, HANDLER, REVIEWERS, Row

READERS = CLERKS | DISTRICT_WIDE | REVIEWERS
KEEP = CLERKS | HANDLER | {"approver"}
ROWS = [
    *(Row(f"cycles:{name}", READERS) for name in ("board", "export", "flagged", "export_flagged")),
    Row("cycles:flags", frozenset({"approver"})),
    Row("cycles:lacking", KEEP),
    Row("cycles:set_for_many", KEEP, method="post", status=422),
]

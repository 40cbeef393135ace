"""Who gets into the pages of the waiting list."""

from __future__ import annotations

from tests.conftest import District
from tests.luojiang_ce.access.matrix import CLERKS, DISTRICT_WIDE, OWN_UNIT, REVIEWERS, Row
from tests.verification.counter.cases import a_waiting


def waiting_of_the_unit(district: District) -> list[int]:
    return [a_waiting(district).pk]


ROWS = [
    Row("batches:wait", CLERKS | REVIEWERS | frozenset({"handler"}), method="post", status=302),
    Row("batches:waiting", OWN_UNIT | DISTRICT_WIDE, waiting_of_the_unit),
]

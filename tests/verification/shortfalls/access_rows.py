"""Who is short: the unit's clerks, its authority, and whoever sees the district; the bureau reminds, a clerk plans."""

from tests.conftest import District
from tests.luojiang_ce.access.matrix import BUREAU, CLERKS, DISTRICT_WIDE, OWN_UNIT, REVIEWERS, Row

READERS = CLERKS | DISTRICT_WIDE | REVIEWERS


def the_unit(district: District) -> list[int]:
    return [district.unit.pk]


ROWS = [
    Row("shortfalls:overview", DISTRICT_WIDE | REVIEWERS, others=dict.fromkeys(CLERKS, 302)),
    Row("shortfalls:export", READERS),
    Row("shortfalls:remind", BUREAU, method="post", status=302),
    Row("shortfalls:count", READERS, method="post", status=302),
    Row("shortfalls:unit", OWN_UNIT | DISTRICT_WIDE, the_unit),
    Row("shortfalls:plan", OWN_UNIT, the_unit),
    Row("shortfalls:plan", OWN_UNIT, the_unit, method="post", status=422),
    Row("shortfalls:plan_later", OWN_UNIT, the_unit, method="post", status=302),
]

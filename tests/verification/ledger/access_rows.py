"""The ledger of a person of `district.unit`: the unit's clerks, and whoever sees the whole district."""

from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.access.matrix import CLERKS, DISTRICT_WIDE, OWN_UNIT, REVIEWERS, Row


def a_person(district: District) -> list[int]:
    return [person_in(district.unit).pk]


ROWS = [
    Row("ledger:people", CLERKS | DISTRICT_WIDE | REVIEWERS),
    Row("ledger:export", CLERKS | DISTRICT_WIDE | REVIEWERS),
    Row("ledger:person", OWN_UNIT | DISTRICT_WIDE, a_person),
]

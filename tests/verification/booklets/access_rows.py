"""Pages of booklets of a general unit: read as people's hours are, written by the unit's clerks."""

from tests.conftest import District
from tests.luojiang_ce.access.matrix import CLERKS, DISTRICT_WIDE, NOBODY, OWN_UNIT, REVIEWERS, Row
from tests.verification.batches.samples import staff
from tests.verification.booklets.written import job_of, written

WRITERS = CLERKS | {"health_reviewer"}


def a_person(district: District) -> list[int]:
    return [staff(district.unit, 1)[0].pk]


def a_mark(district: District) -> list[int]:
    return [written(job_of(staff(district.unit, 1)[0]), district.owner).pk]


ROWS = [
    Row("booklets:list", CLERKS | DISTRICT_WIDE | REVIEWERS),
    Row("booklets:export", CLERKS | DISTRICT_WIDE | REVIEWERS),
    Row("booklets:page", OWN_UNIT | DISTRICT_WIDE, a_person),
    Row("booklets:print", CLERKS | DISTRICT_WIDE | REVIEWERS, status=302),
    Row("booklets:pages", WRITERS, method="post", status=302),
    Row("booklets:written", NOBODY, method="post"),
    Row("booklets:take_back", OWN_UNIT, a_mark),
    Row("booklets:take_back", OWN_UNIT, a_mark, method="post", status=422),
]

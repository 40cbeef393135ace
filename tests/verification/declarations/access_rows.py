"""Who gets into declarations: the unit's clerks always, others once it was submitted."""

from tests.conftest import District
from tests.luojiang_ce.access.matrix import CLERKS, DISTRICT_WIDE, OWN_UNIT, REVIEWERS, Row
from tests.verification.declarations.cases import in_state


def a_draft(district: District) -> list[int]:
    return [in_state(district, "draft").pk]


def a_submitted_one(district: District) -> list[int]:
    return [in_state(district, "submitted").pk]


ROWS = [
    Row("declarations:list", CLERKS | DISTRICT_WIDE | REVIEWERS),
    Row("declarations:export", CLERKS | DISTRICT_WIDE | REVIEWERS),
    Row("declarations:new", CLERKS),
    Row("declarations:new", CLERKS, method="post", status=422),
    Row("declarations:declaration", OWN_UNIT | DISTRICT_WIDE, a_submitted_one),
    Row("declarations:edit", OWN_UNIT, a_draft),
    Row("declarations:edit", OWN_UNIT, a_draft, method="post", status=422),
]

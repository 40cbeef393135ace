"""Who gets into filings of self-study: the unit's clerks always, others once they were submitted."""

from tests.conftest import District
from tests.luojiang_ce.access.matrix import CLERKS, DISTRICT_WIDE, NOBODY, OWN_UNIT, REVIEWERS, Row
from tests.verification.self_study.cases import study_of


def a_draft(district: District) -> list[int]:
    return [study_of(district).pk]


def a_submitted_one(district: District) -> list[int]:
    return [study_of(district, "submitted").pk]


def an_approved_one(district: District) -> list[int]:
    return [study_of(district, "approved").pk]


ROWS = [
    Row("self_study:list", CLERKS | DISTRICT_WIDE | REVIEWERS),
    Row("self_study:export", CLERKS | DISTRICT_WIDE | REVIEWERS),
    Row("self_study:new", CLERKS),
    Row("self_study:new", CLERKS, method="post", status=422),
    Row("self_study:selfstudy", OWN_UNIT, a_draft),
    Row("self_study:selfstudy", OWN_UNIT | DISTRICT_WIDE, a_submitted_one),
    Row("self_study:selfstudy", OWN_UNIT | DISTRICT_WIDE, an_approved_one),
    Row("self_study:edit", OWN_UNIT, a_draft),
    Row("self_study:edit", NOBODY, a_submitted_one),
    Row("self_study:edit", OWN_UNIT, a_draft, method="post", status=422),
]

"""Who gets into declarations: the unit's clerks always, others once it was submitted."""

from tests.conftest import District
from tests.luojiang_ce.access.matrix import CLERKS, DISTRICT_WIDE, NOBODY, OWN_UNIT, REVIEWERS, Row
from tests.verification.declarations.cases import in_state
from verification.declarations.forms import FORMS


def a_draft(district: District) -> list[int]:
    return [in_state(district, "draft").pk]


def a_submitted_one(district: District) -> list[int]:
    return [in_state(district, "submitted").pk]


def proof_of_a_draft(district: District) -> list[object]:
    return [*a_draft(district), "proof"]


ROWS = [
    Row("declarations:list", CLERKS | DISTRICT_WIDE | REVIEWERS),
    Row("declarations:export", CLERKS | DISTRICT_WIDE | REVIEWERS),
    Row("declarations:new_many", CLERKS),
    Row("declarations:new_many", CLERKS, method="post", data={"do": "submit"}, status=422),
    Row("declarations:together", OWN_UNIT, a_draft),
    Row("declarations:together", NOBODY, a_submitted_one),
    Row("declarations:together_files", OWN_UNIT, proof_of_a_draft, method="post", status=302),
    Row("declarations:choose", CLERKS),
    *(Row("declarations:new", CLERKS, lambda district, form=form: [form]) for form, _ in FORMS),
    Row("declarations:new", CLERKS, lambda district: ["paper"], method="post", status=422),
    Row("declarations:declaration", OWN_UNIT | DISTRICT_WIDE, a_submitted_one),
    Row("declarations:edit", OWN_UNIT, a_draft),
    Row("declarations:edit", OWN_UNIT, a_draft, method="post", status=422),
]

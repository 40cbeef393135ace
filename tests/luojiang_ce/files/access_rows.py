"""Who gets at the files of a case: tried on a plan's 年度培训方案."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.files.models import Attachment
from tests.conftest import District
from tests.luojiang_ce.access.matrix import DISTRICT_CASES, OWN_UNIT, Row
from tests.training.plans.factories import a_plan, with_scheme
from training.plans.models import Plan


def draft(district: District) -> dict[str, object]:
    return {"case_type": "training_plans.plan", "pk": a_plan(district.unit).pk, "material": "scheme"}


def a_draft_case(district: District) -> list[object]:
    return ["training_plans.plan", a_plan(district.unit).pk]


def file_of_a_draft(district: District) -> list[object]:
    with_scheme(a_plan(district.unit), district.owner)
    return [Attachment.objects.get().uid]


def file_of_a_submitted_plan(district: District) -> list[object]:
    plan = a_plan(district.unit, state=Plan.State.SUBMITTED, first_submitted_at=clock.now())
    with_scheme(plan, district.owner)
    return [Attachment.objects.get().uid]


def act_on_a_draft(district: District) -> list[object]:
    return ["training_plans.plan", a_plan(district.unit).pk, "submit"]


ROWS = [
    Row("files:upload", OWN_UNIT, draft, method="post", status=302),
    Row("files:sort", OWN_UNIT, a_draft_case, method="post", status=302),
    Row("files:move", OWN_UNIT, file_of_a_draft, method="post", data={"material": "stamped"}, status=302),
    Row("files:remove", OWN_UNIT, file_of_a_draft, method="post", status=302),
    Row("files:download", OWN_UNIT, file_of_a_draft),
    Row("files:download", OWN_UNIT | DISTRICT_CASES, file_of_a_submitted_plan),
    Row("workflow:act", OWN_UNIT, act_on_a_draft),
]

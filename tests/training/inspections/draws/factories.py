"""Draws for tests: frozen lists of classes and declarations, drawn or not, and originals that were asked for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.events import record
from tests.conftest import District
from tests.factories import account_with
from tests.training.inspections.factories import a_class, second_inspector
from tests.verification.declarations.cases import declaration_of
from training.inspections.draws.draw import DrawList, Row, digest_of, text_of
from training.inspections.draws.models import Draw, OriginalsCheck
from training.inspections.draws.services import freeze_classes, freeze_declarations
from units.models import Account
from verification.declarations.models import Declaration


def in_days(days: int) -> date:
    return clock.today() + timedelta(days=days)


def a_draw(district: District, *, classes: int = 1, **kwargs: Any) -> Draw:
    """A frozen list of classes held tomorrow, two inspectors; the system makes the seed."""
    second_inspector(district)
    for _ in range(classes):
        a_class(district, in_days(1))
    facts: dict[str, Any] = {"since": in_days(0), "until": in_days(30), "count": 1, "seed_from": "system", **kwargs}
    return freeze_classes(**facts, actor=district.handler)


def drawn(case: Draw, district: District, **data: Any) -> Draw:
    """The same, drawn."""
    fire(case, "draw_by_system" if case.seed_from == "system" else "draw_by_number", actor=district.handler, data=data)
    return case


def accepted(district: District, unit: Any = None, **facts: Any) -> Declaration:
    """A declaration that a colleague of the handler accepted today."""
    made = declaration_of(unit or district.unit, state="accepted", first_submitted_at=clock.now(), **facts)
    record(made, "accept", actor=colleague_of_the_handler(district))
    return made


def colleague_of_the_handler(district: District) -> Account:
    """Another handler, always the same one."""
    known = Account.objects.filter(username="zhang-lan").first()
    return known or account_with(Role.BUREAU_HANDLER, district.bureau, username="zhang-lan", name="张澜")


def a_draw_of_declarations(district: District, *, declarations: int = 1, **kwargs: Any) -> Draw:
    """A frozen list of declarations that were accepted today."""
    for _ in range(declarations):
        accepted(district)
    facts: dict[str, Any] = {"since": in_days(0), "until": in_days(0), "count": 1, "seed_from": "system", **kwargs}
    return freeze_declarations(**facts, actor=district.handler)


def asked(district: District, **kwargs: Any) -> OriginalsCheck:
    """Originals that the district's unit was asked for, within ten days."""
    case = drawn(a_draw_of_declarations(district, **kwargs), district)
    fire(case, "ask", actor=district.handler, data={"wanted_on": in_days(10)})
    return OriginalsCheck.objects.filter(draw=case).latest("pk")


def draw_in(district: District, state: str) -> Draw:
    """A draw of one class of the district's unit that stands in this state, whatever else lies open."""
    second_inspector(district)
    course = a_class(district, in_days(1))
    rows = (Row(course.pk, course.unit_id, days=(in_days(1).isoformat(),)),)
    text = text_of(DrawList({"范围": "有课的培训班"}, 1, 0, rows))
    facts: dict[str, Any] = {"number": f"2026-CQ-{Draw.objects.count() + 9000}", "of": "classes", "state": state}
    if state in ("drawn", "done"):
        taken = {"counter": 1, "value": 0, "shares": 1}
        one = {"key": course.pk, "number": taken, "day": in_days(1).isoformat(), "day_number": taken}
        facts |= {"seed": "7", "drawn_at": clock.now()}
        facts["result"] = [{**one, "inspectors": _pair(district), "inspector_numbers": [taken, taken]}]
    return Draw.objects.create(
        listed=text.encode(), digest=digest_of(text), size=1, count=1, seed_from="system", **facts
    )  # fmt: skip


def _pair(district: District) -> list[int]:
    return [district.inspector.pk, second_inspector(district).pk]


def check_in(district: District, state: str) -> OriginalsCheck:
    """A check of a declaration of the district's unit that stands in this state."""
    made = OriginalsCheck.objects.count()
    return OriginalsCheck.objects.create(
        number=f"2026-HC-{made + 9000}", draw=draw_in(district, "done"), declaration=accepted(district),
        unit=district.unit, wanted_on=in_days(10), state=state,
    )  # fmt: skip

"""Objections to own records, for the walk through every state, transition and role."""

from __future__ import annotations

from typing import Any

from luojiang_ce import clock
from luojiang_ce.workdays.models import DeadlineSetting
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.workflow.walk import Kind
from tests.verification.own_record.slips import held_by
from units.models import Person
from verification.own_record.models import Objection

ANSWERED = {"result": "stands", "answer": "与签到表一致"}


def an_objection(district: District, state: str = "filed", *, person: Person | None = None, **facts: Any) -> Objection:
    """Of somebody of the owner's unit, against the record of this year."""
    settled = {**ANSWERED, "answered_on": clock.today()} if state == "answered" else {}
    whose = person or person_in(district.unit, "温知故")
    values = {"slip": held_by(whose), "year": clock.today().year, "about": "年度记录", "text": "少记了一个班"}
    return Objection.objects.create(person=whose, unit=district.unit, state=state, **{**values, **settled, **facts})


def a_result(district: District, objection: Objection) -> dict[str, str]:
    """What the form of an answer gives; its text is the note."""
    return {"result": "stands"}


def without_a_clock(district: District, objection: Objection) -> None:
    """The bureau has set no days."""
    DeadlineSetting.objects.update(objection_days=None)


def the_same_slip(district: District, objection: Objection) -> dict[str, int | None]:
    """What the person's own page gives."""
    return {"slip": objection.slip_id}


READY = {"withdraw": the_same_slip, "answer": a_result, "answer_referred": a_result, "ask_bureau": without_a_clock}
KINDS = [Kind(Objection, an_objection, ready=READY)]

"""Who gets into the forms of opinions."""

from __future__ import annotations

from luojiang_ce import clock
from tests.conftest import District
from tests.luojiang_ce.access.matrix import HANDLER, Row
from tests.training.plans.factories import a_plan
from training.plans.models import Plan


def of_a_supervised_unit(district: District) -> list[object]:
    """A plan of the neighbour's unit, which the owner's supervises."""
    district.neighbour_unit.supervisor = district.unit
    district.neighbour_unit.save()
    plan = a_plan(district.neighbour_unit, state=Plan.State.SUBMITTED, first_submitted_at=clock.now())
    return ["training_plans.plan", plan.pk]


ROWS = [
    Row("opinions:give", frozenset({"owner", "colleague"}), of_a_supervised_unit),
    Row("opinions:record", HANDLER, of_a_supervised_unit),
]

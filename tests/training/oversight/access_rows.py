"""Who gets into the pages of oversight: the role alone."""

from __future__ import annotations

from luojiang_ce import clock
from tests.conftest import District
from tests.luojiang_ce.access.matrix import NOBODY, Row
from tests.training.plans.factories import a_batch, a_plan
from training.plans.models import PlanBatch

OVERSEER = frozenset({"overseer"})


def before_bodies(district: District) -> list[int]:
    return [a_batch(PlanBatch.State.CONSENTING).pk]


def being_gathered(district: District) -> list[int]:
    return [a_batch().pk]


def filed(district: District) -> list[int]:
    return [a_plan(district.unit, state="submitted", first_submitted_at=clock.now()).pk]


def draft(district: District) -> list[int]:
    return [a_plan(district.unit).pk]


ROWS = [
    Row("oversight:batches", OVERSEER),
    Row("oversight:batch", OVERSEER, before_bodies),
    Row("oversight:batch", NOBODY, being_gathered),
    Row("oversight:plans", OVERSEER),
    Row("oversight:plan", OVERSEER, filed),
    Row("oversight:plan", NOBODY, draft),
    Row("oversight:classes", OVERSEER),
    Row("oversight:inspections", OVERSEER),
    Row("oversight:decisions", OVERSEER),
    Row("oversight:draws", OVERSEER),
]

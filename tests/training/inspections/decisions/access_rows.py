"""A decision is the bureau's until the inspected unit is told; its reach is never another's."""

from __future__ import annotations

from typing import Any

from tests.conftest import District
from tests.luojiang_ce.access.matrix import (
    CASE_LISTS,
    CLERKS,
    DISTRICT_WIDE,
    EVERYONE,
    HANDLER,
    NOBODY,
    OWN_UNIT,
    Row,
)
from tests.training.factories import class_of
from tests.training.inspections.decisions.cases import a_decision
from tests.training.inspections.decisions.factories import an_inspection

INSPECTOR = frozenset({"inspector"})
READ = OWN_UNIT | DISTRICT_WIDE | INSPECTOR


def in_state(state: str) -> Any:
    def sample(district: District) -> list[Any]:
        return [a_decision(district, state).pk]

    return sample


def a_visit(district: District) -> list[Any]:
    return [an_inspection(district, class_of(district.unit)).pk]


ROWS = [
    Row("decisions:list", CLERKS | CASE_LISTS | INSPECTOR),
    Row("decisions:export", CLERKS | CASE_LISTS | INSPECTOR),
    Row("criticisms:list", EVERYONE, public=True),
    Row("decisions:new", HANDLER, a_visit),
    Row("decisions:decision", DISTRICT_WIDE, in_state("draft")),
    Row("decisions:decision", READ, in_state("told")),
    Row("decisions:decision", READ, in_state("decided")),
    Row("decisions:edit", HANDLER, in_state("draft")),
    Row("decisions:edit", NOBODY, in_state("told")),
    Row("decisions:settle", HANDLER, in_state("heard")),
    Row("decisions:reach", CASE_LISTS, in_state("proposed")),
]

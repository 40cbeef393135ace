"""Rule sets for the walk of tests/luojiang_ce/workflow/test_walk.py."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from luojiang_ce import clock
from luojiang_ce.access import case_key
from tests.conftest import District
from tests.luojiang_ce.workflow.walk import Kind
from verification.requirements.models import FigureChange, Rule, RuleSet, Trial


def rules_of(district: District, state: str = RuleSet.State.DRAFT, **other: Any) -> RuleSet:
    """A set for everybody of the general staff that asks 80 hours, written by the handler."""
    facts = {
        "code": f"general-2026-{RuleSet.objects.count()}",
        "title": "一般人员 2026",
        "document": "闽人社〔2026〕0号",
        "category": "general",
        "first_year": 2026,
        "created_by": district.handler,
        **other,
    }
    made = RuleSet.objects.create(state=state, **facts)
    Rule.objects.create(
        rule_set=made,
        position=1,
        code="total",
        title="年度总学时",
        source="第三条",
        measure="hours",
        required=Decimal(80),
    )
    return made


def figure_of(district: District, state: str = FigureChange.State.DRAFT, **other: Any) -> FigureChange:
    """At least 30 hours of public courses in a year that is free, proposed by the handler."""
    facts = {"key": "public_minimum", "amount": Decimal(30), "document": "闽人社〔2025〕0号", **other}
    year = facts.pop("year", 2017 + FigureChange.objects.count())
    return FigureChange.objects.create(state=state, year=year, created_by=district.handler, **facts)


def tried(district: District, case: RuleSet | FigureChange) -> None:
    """Of the newest year for which it holds: as it would be with the case; of one in force without it."""
    case_type, case_id = case_key(case)
    this_year = clock.today().year
    Trial.objects.create(
        case_type=case_type,
        case_id=case_id,
        title=f"{case}",
        version=case.version,
        year=min(this_year, getattr(case, "last_year", None) or this_year),
        people=0,
        filed=0,
        ends=case.is_in_force,
        made_by=district.handler,
    )


KINDS = [
    Kind(RuleSet, rules_of, ready={"propose": tried, "put_in_force": tried, "end": tried}),
    Kind(FigureChange, figure_of, ready={"propose": tried, "put_in_force": tried}),
]

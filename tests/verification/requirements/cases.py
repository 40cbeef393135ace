"""Rule sets for the walk of tests/luojiang_ce/workflow/test_walk.py."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from luojiang_ce import clock
from tests.conftest import District
from tests.luojiang_ce.workflow.walk import Kind
from verification.requirements.models import Rule, RuleSet, Trial


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


def tried(district: District, rule_set: RuleSet) -> None:
    Trial.objects.create(
        rule_set=rule_set,
        version=rule_set.version,
        year=clock.today().year,
        people=0,
        filed=0,
        made_by=district.handler,
    )


KINDS = [Kind(RuleSet, rules_of, ready={"propose": tried, "put_in_force": tried, "end": tried})]

"""Interpretations for the walk of tests/luojiang_ce/workflow/test_walk.py."""

from __future__ import annotations

from datetime import date
from typing import Any

from luojiang_ce import clock
from tests.conftest import District
from tests.luojiang_ce.workflow.walk import Kind
from units.interpretations.models import Interpretation


def interpretation_of(district: District, state: str = "draft", **other: Any) -> Interpretation:
    """How half a day without a sign-out counts."""
    facts = {
        "clause": "一(五)3",
        "question": "半日只签到没有签退的怎么算",
        "answer": "不计学时；确已到课的，由申办单位按规定更正。",
        "holds_from": date(2026, 1, 1),
        "number": None if state in ("draft", "proposed") else f"JS-{Interpretation.objects.count() + 1}",
        "withdrawn_on": clock.today() if state == "withdrawn" else None,
        "created_by": district.handler,
        **other,
    }
    return Interpretation.objects.create(state=state, **facts)


KINDS = [Kind(Interpretation, interpretation_of)]

"""Filings of self-study for tests: of one person of the district's unit, in any state."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from luojiang_ce import clock
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.workflow.walk import Kind, returned_before
from units.models import Person
from verification.self_study.models import SelfStudy


def study_of(district: District, state: str = "draft", *, people: tuple[Person, ...] = (), **facts: Any) -> SelfStudy:
    """20 professional hours that begin in a week and last two months."""
    today, now = clock.today(), clock.now()
    given = {
        "title": "设施蔬菜水肥一体化",
        "content": "自学教材第一至六章，每周一章",
        "date_from": today + timedelta(days=7),
        "date_to": today + timedelta(days=67),
        "guide": "指导人甲，高级农艺师",
        "assessment": "闭卷考试，60 分合格",
        "subject": "professional",
        "measure": "hours",
        "amount": Decimal("20.0"),
        "basis": "测文〔2020〕1号第3条",
        "unit": district.unit,
        "created_by": district.owner,
        "first_submitted_at": None if state in ("draft", "cancelled") else now,
        "submitted_at": None if state in ("draft", "cancelled") else now,
        **({"approved_at": now, "approved_by": district.approver} if state in ("approved", "revoked") else {}),
        **facts,
    }
    study = SelfStudy.objects.create(state=state, **given)
    study.people.set(people or [person_in(district.unit)])
    return study


KINDS = [Kind(SelfStudy, study_of, ready={"allow_return": returned_before})]

"""Sanctions for the walk of tests/luojiang_ce/workflow/test_walk.py."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from luojiang_ce import clock
from luojiang_ce.files.services import attach
from tests.conftest import District
from tests.documents import PDF
from tests.factories import person_in
from tests.luojiang_ce.workflow.walk import Kind
from units.models import Person
from units.sanctions.models import Sanction


def days_ago(days: int) -> date:
    return clock.today() - timedelta(days=days)


def facts(**other: Any) -> dict[str, Any]:
    """What a clerk types."""
    return {
        "breach": "broken_off",
        "breach_detail": "",
        "learning": "水利工程研修班",
        "happened_on": days_ago(60),
        "narrative": "第二天起不再到课",
        "criticism": True,
        "no_refund": False,
        "dismissal": False,
        "other_measure": "",
        "decided_on": days_ago(30),
        "document": "青农〔2026〕7号",
        "ends_on": None,
        **other,
    }


def sanction_of(
    district: District, state: str = Sanction.State.DRAFT, *, person: Person | None = None, **other: Any
) -> Sanction:
    """Of somebody of the owner's unit, who broke off two months ago."""
    filed = None if state == "draft" else clock.now()
    serial = Sanction.objects.count() + 1
    settled: dict[str, Any] = {
        "person": person or person_in(district.unit),
        "unit": district.unit,
        "number": None if state == "draft" else f"WG-{serial}",
        "withdrawn_on": clock.today() if state == "withdrawn" else None,
        "created_by": district.owner,
        "first_submitted_at": filed,
        "submitted_at": filed,
    }
    return Sanction.objects.create(state=state, **(settled | facts(**other)))


def with_decision(district: District, sanction: Sanction) -> None:
    attach(case=sanction, material="decision", upload=SimpleUploadedFile("决定.pdf", PDF), actor=district.owner)


def today(district: District, sanction: Sanction) -> dict[str, date]:
    return {"withdrawn_on": clock.today()}


KINDS = [Kind(Sanction, sanction_of, ready={"record": with_decision, "withdraw": today})]

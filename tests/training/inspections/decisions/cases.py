"""Decisions for the walk through every state, transition and role."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from luojiang_ce import clock
from luojiang_ce.files.services import attach
from tests.conftest import District
from tests.documents import PDF
from tests.factories import person_in
from tests.luojiang_ce.workflow.walk import Kind
from tests.training.factories import class_of, enrol, sign_all
from tests.training.inspections.decisions.factories import a_draft
from training.inspections.decisions.models import Decision
from training.inspections.models import Inspection

TOLD = (Decision.State.DRAFT, Decision.State.DROPPED)
AFTERWARDS = (*Decision.IN_FORCE, Decision.State.WITHDRAWN)


def a_decision(district: District, state: str) -> Decision:
    """On a class of one trainee from next door, of which a half-day is taken."""
    course = class_of(district.unit, opens_on=clock.today() - timedelta(days=3))
    sign_all(course, [enrol(course, person_in(district.neighbour_unit))])
    made = a_draft(district, course, half_days=[(course.opens_on, "morning")])
    now = clock.now()
    Decision.objects.filter(pk=made.pk).update(
        state=state,
        number=None if state in TOLD else f"2026-CL-{made.pk:04d}",
        told_at=None if state in TOLD else now,
        decided_at=now if state in AFTERWARDS else None,
    )
    if state in Decision.IN_FORCE:
        Inspection.objects.filter(pk=made.inspection_id).update(state=Inspection.State.CLOSED)
    return Decision.objects.get(pk=made.pk)


def stated_on_paper(district: District, made: Decision) -> dict[str, Any]:
    upload = SimpleUploadedFile("书面陈述.pdf", PDF)
    attach(case=made, material="statement", upload=upload, actor=district.handler)
    return {}


KINDS = [Kind(Decision, a_decision, ready={"answer_on_paper": stated_on_paper})]

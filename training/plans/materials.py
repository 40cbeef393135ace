"""The files of a batch: each body's answer on paper."""

from __future__ import annotations

from luojiang_ce.access import READ_CASES, Actor, Role
from luojiang_ce.files.materials import Material
from luojiang_ce.files.models import Attachment
from luojiang_ce.once import once
from units.access import sees_district

from .models import ConsentBody, PlanBatch


@once
def consent_bodies() -> list[ConsentBody]:
    """Every body, former ones too, in their order. One query."""
    return list(ConsentBody.objects.all())


def consent_code(body: ConsentBody) -> str:
    """The code under which the scans of a body's answer are kept."""
    return f"consent-{body.pk}"


def may_read_answers(batch: PlanBatch, account: Actor) -> bool:
    """Who reads what a body wrote and downloads it: the bureau, the auditor, the bodies; not the units, of whose items
    and others' it may speak."""
    return sees_district(account, READ_CASES) or account.holds(Role.CONSENT_OFFICER)


def has_scan(batch: PlanBatch, body: ConsentBody) -> bool:
    """Is the body's answer to this batch there as a scan?"""
    return Attachment.objects.of(batch).filter(material=consent_code(body)).exists()


def consent_materials(batch: PlanBatch) -> list[Material]:
    """A line per consent body for the scan of its answer, which a recorded answer needs (P3)."""
    answered = set(batch.consents.values_list("body_id", flat=True))
    return [
        _material(body, is_answered=body.pk in answered)
        for body in consent_bodies()
        if body.active or body.pk in answered
    ]


def _material(body: ConsentBody, *, is_answered: bool) -> Material:
    return Material(
        consent_code(body), f"{body.name}意见", "会签意见或会议纪要扫描件", "一(五)1", required=lambda case: is_answered
    )

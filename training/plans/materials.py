"""The files of a batch: the bodies' answers on paper."""

from __future__ import annotations

from luojiang_ce.access import READ_CASES, Actor, Role
from luojiang_ce.files.materials import Material, files_of
from luojiang_ce.uploads.places import SCAN
from units.access import sees_district

from .bodies import asked_of, bodies_of, consent_bodies
from .models import Consent, ConsentBody, PlanBatch


def consent_code(body: ConsentBody) -> str:
    """The code under which the scans of a body's answer are kept."""
    return f"consent-{body.pk}"


def may_read_answers(batch: PlanBatch, account: Actor) -> bool:
    """Who reads what a body wrote and downloads it: the bureau, the auditor, the bodies; not the units, of whose items
    and others' it may speak. Each body judges by itself: it reads the other's answer once its own is given."""
    if sees_district(account, READ_CASES):
        return True
    if not account.holds(Role.CONSENT_OFFICER):
        return False
    given = {consent.body_id for consent in batch.consents.all()}
    own = {body.pk for body in bodies_of(account)}.intersection(body.pk for body in asked_of(batch))
    return batch.state == PlanBatch.State.PUBLISHED or own <= given


def has_scan(batch: PlanBatch, body: ConsentBody) -> bool:
    """Is the body's answer to this batch, as it was sent last, there as a scan?"""
    scans = (each for each in files_of(batch) if each.material == consent_code(body))
    return any(batch.sent_at is None or each.uploaded_at >= batch.sent_at for each in scans)


def consent_materials(batch: PlanBatch) -> list[Material]:
    """A line per consent body for the scan of its answer, which an answer recorded from paper needs (P3)."""
    ways = {consent.body_id: consent.way for consent in batch.consents.all()}
    asked = {body.pk for body in asked_of(batch)}
    return [
        _material(body, needed=ways.get(body.pk) == Consent.Way.PAPER)
        for body in consent_bodies()
        if body.pk in asked or body.pk in ways
    ]


def _material(body: ConsentBody, *, needed: bool) -> Material:
    said = f"{body.name}意见", "会签意见或会议纪要扫描件", "一(五)1"
    return Material(consent_code(body), *said, required=lambda case: needed, takes=SCAN)

"""The on-site sheet: kept while it is filled in, sent once, and what comes with it (product.md I2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.files.checks import checked
from luojiang_ce.files.models import Attachment
from luojiang_ce.files.services import attach, remove
from luojiang_ce.id_shapes import mask_ids
from luojiang_ce.refusals import NotPossible
from luojiang_ce.uploads.places import PHOTOGRAPH, SIGNATURE
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.engine import fire
from training.inspections.case import PHOTO, PROVIDER, materials, may_change_files
from training.inspections.models import Finding, Inspection, OnSiteSheet
from training.inspections.on_site import as_filed, signers


@dataclass(frozen=True)
class Found:
    """Something found wrong; `whole`: in the whole class, not in this half-day alone."""

    kind: str
    text: str
    clause: str = ""
    whole: bool = False


@dataclass(frozen=True)
class Seen:
    """What an inspector has typed: fields of the sheet, findings; the phone's own number of this sheet."""

    facts: Mapping[str, Any]
    found: Sequence[Found]
    client_id: UUID | None = None


# --- files ------------------------------------------------------------------------------------------------------------


def keep_picture(*, case: Inspection, material: str, upload: UploadedFile[Any], actor: Actor) -> Attachment:
    """A photograph or a signature; the same one sent again is kept once, a signature takes the place of the one before.

    Raises BadFile for what is no picture, or a signature without a line in it; NotPossible when the record was sent.
    """
    upload.name = _named(case, material, upload.name or "")
    picture = checked(upload, PHOTOGRAPH if material == PHOTO else SIGNATURE)
    with transaction.atomic():
        to: dict[str, Any] = {"case": case, "actor": actor, "may_change": may_change_files}
        kept = attach(material=material, upload=picture, **to)
        if material != PHOTO:
            for former in Attachment.objects.of(case).filter(material=material).exclude(pk=kept.pk):
                remove(attachment=former, **to)
    return kept


def take_away(*, case: Inspection, name: str, actor: Actor) -> None:
    """Take a photograph off the sheet, by its name, as long as nothing was sent. Raises NotPossible when it was."""
    for photograph in Attachment.objects.of(case).filter(material=PHOTO, name=name):
        remove(attachment=photograph, case=case, actor=actor, may_change=may_change_files)


def _named(case: Inspection, material: str, name: str) -> str:
    """A photograph keeps its name; a signature says whose it is."""
    return name if material == PHOTO else f"{materials(case)[material]}{PurePath(name).suffix}"


# --- the sheet --------------------------------------------------------------------------------------------------------


def save_sheet(*, case: Inspection, seen: Seen, actor: Actor) -> OnSiteSheet:
    """Keep it as far as it is filled in; nothing is asked for yet. Raises NotPossible when the record was sent."""
    with transaction.atomic():
        locked = _locked(case)
        _must_be_open(locked, actor)
        return _write(locked, seen, actor)


def send_sheet(*, case: Inspection, seen: Seen, actor: Actor) -> OnSiteSheet:
    """The record is whole and signed: the visit is recorded, and the unit hears of it.

    Sent a second time (after a dead network, by the same phone) it changes nothing. Raises NotPossible, with every
    reason, where signatures are missing, or another sheet was sent before.
    """
    with transaction.atomic():
        locked = _locked(case)
        sent = OnSiteSheet.objects.filter(inspection=case.pk, sent_at__isnull=False)
        if seen.client_id and (known := sent.filter(client_id=seen.client_id).first()):
            return known
        _must_be_open(locked, actor)
        sheet = _write(locked, seen, actor)
        if missing := missing_signatures(locked, refused=sheet.refused):
            raise NotPossible(f"还差签名：{'、'.join(missing)}")
        sheet.sent_at = clock.now()
        sheet.save()
        fire(case, "record", actor=actor, data={"findings": [each.kind for each in seen.found]})
    return sheet


def missing_signatures(case: Inspection, *, refused: bool) -> list[str]:
    """Who has not signed yet. One who refuses is not waited for; every inspector is."""
    return [
        each.name or each.part for each in signers(case) if not each.file and not (each.code == PROVIDER and refused)
    ]


def _locked(case: Inspection) -> Inspection:
    return Inspection.objects.select_for_update().get(pk=case.pk)


def _must_be_open(locked: Inspection, actor: Actor) -> None:
    """Raises NotPossible where the record cannot be written any more: what was typed stays where it is."""
    if may_change_files(locked, actor):
        return
    if locked.state == Inspection.State.CANCELLED:
        raise NotPossible("这次检查已取消，没有提交；确实去过现场的，请联系区人社局经办重新安排")
    sheet = OnSiteSheet.objects.filter(inspection=locked, sent_at__isnull=False).select_related("saved_by").first()
    if sheet is None:
        raise NotPossible("您现在不是这次检查的检查人，没有保存；请联系区人社局经办")
    who, at = sheet.saved_by.name if sheet.saved_by else "有人", clock.local(sheet.sent_at or sheet.saved_at)
    raise NotPossible(f"这次检查的记录已由{who}于 {full(at.date())} {at:%H:%M} 提交，本次填写的没有再提交")


def _write(case: Inspection, seen: Seen, actor: Actor) -> OnSiteSheet:
    visited: datetime = seen.facts["visited_at"]
    filed = as_filed(case, clock.local(visited).date()).frozen(seen.facts["half_day"])
    sheet = OnSiteSheet.objects.filter(inspection=case).first() or OnSiteSheet(inspection=case)
    for name, value in seen.facts.items():
        setattr(sheet, name, mask_ids(value) if isinstance(value, str) else value)
    sheet.filed = {**filed, "inspectors": [each.name for each in case.inspectors.all()]}
    sheet.client_id = seen.client_id or sheet.client_id
    sheet.saved_at, sheet.saved_by_id = clock.now(), actor.pk
    sheet.save()
    _write_findings(sheet, seen.found)
    return sheet


def _write_findings(sheet: OnSiteSheet, found: Sequence[Found]) -> None:
    """Until it is sent the sheet is the inspectors' own: what was ticked before and is no more was never found."""
    case = sheet.inspection
    case.findings.all().delete()
    day = clock.local(sheet.visited_at).date()
    rows = [
        Finding(
            inspection=case, kind=each.kind, text=mask_ids(each.text),
            clause=mask_ids(each.clause) or Finding.CLAUSES[Finding.Kind(each.kind)],
            date=None if each.whole else day, half_day="" if each.whole else sheet.half_day,
        )
        for each in found
    ]  # fmt: skip
    Finding.objects.bulk_create(rows)

"""Attaching and removing files; each leaves an event on the case."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.events import record

from .checks import check_upload
from .models import Attachment

MayChange = Callable[[Any, Actor], bool]


def attach(
    *, case: Any, material: str, upload: UploadedFile[Any], actor: Actor, may_change: MayChange | None = None
) -> Attachment:
    """Keep an upload as a file of the case; the same file under the same material is kept once.

    `may_change`: asked of the locked case, so that nothing is added to one that was filed in the meantime.
    Raises BadFile (with a message for the user) when the file cannot be taken, NotPossible when the case is closed.
    """
    name = (upload.name or "未命名")[-200:]
    checked = check_upload(name, cast(BinaryIO, upload), upload.size or 0, settings.UPLOAD_LIMIT_BYTES)
    sha256 = hashlib.sha256(checked.content).hexdigest()
    with transaction.atomic():
        _must_be_open(case, actor, may_change)
        again = Attachment.objects.of(case).filter(material=material, sha256=sha256).first()
        if again:
            return again
        kept = Attachment(
            case_type=case._meta.label_lower,
            case_id=case.pk,
            material=material,
            name=name,
            size=len(checked.content),
            content_type=checked.content_type,
            sha256=sha256,
            taken_at=checked.taken_at,
            uploaded_by_id=actor.pk,
        )
        kept.file.save(name, ContentFile(checked.content), save=False)
        kept.save()
        record(case, "file_added", actor=actor, note=name, data={"attachment": kept.pk, "material": material})
    return kept


def remove(*, attachment: Attachment, case: Any, actor: Actor, may_change: MayChange | None = None) -> None:
    """Take a file off the case; it stays stored, and the event says who removed it.

    `may_change` as for `attach`. Raises NotPossible when the case is closed.
    """
    with transaction.atomic():
        _must_be_open(case, actor, may_change)
        changed = Attachment.objects.filter(pk=attachment.pk, removed_at=None).update(removed_at=clock.now())
        if changed:
            record(case, "file_removed", actor=actor, note=attachment.name, data={"attachment": attachment.pk})


def restore(*, attachment: Attachment, case: Any, actor: Actor, may_change: MayChange | None = None) -> Attachment:
    """Put a removed file back on its case, with an event. Raises NotPossible when the case is closed."""
    with transaction.atomic():
        _must_be_open(case, actor, may_change)
        if Attachment.objects.filter(pk=attachment.pk).exclude(removed_at=None).update(removed_at=None):
            record(case, "file_restored", actor=actor, data={"attachment": attachment.pk})
    return attachment


def _must_be_open(case: Any, actor: Actor, may_change: MayChange | None) -> None:
    """The workflow locks the same row, so a file and a filing come one after the other."""
    if may_change is None:
        return
    stored = type(case)._base_manager.select_for_update().get(pk=case.pk)
    if not may_change(stored, actor):
        raise NotPossible("这一件刚刚已经提交或办结，材料没有改动；需要改的请先撤回或等退回补正")

"""Attaching, removing and clearing away files; each leaves an event on the case."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Exists, OuterRef

from luojiang_ce import clock
from luojiang_ce.access import Actor, case_models
from luojiang_ce.jobs.services import ring_after_commit
from luojiang_ce.refusals import NotPossible
from luojiang_ce.sealing.storage import DRAFTS
from luojiang_ce.uploads.places import MATERIAL, Place
from luojiang_ce.workflow.drafts import DELETED
from luojiang_ce.workflow.engine import SYSTEM
from luojiang_ce.workflow.events import record, record_many
from luojiang_ce.workflow.models import Event

from .checks import Checked, checked
from .materials import Material
from .models import Attachment, AttachmentQuerySet
from .registry import rules_for

UNDO = "file"
FINGERPRINT_TASK = "luojiang_ce.files.tasks.fingerprint"
LEFT_BEHIND = timedelta(hours=6)  # no request and no renewal of a file takes so long
A_FEW = 10  # contents for which an upload rings: the worker has papers and mails to send besides
# A deleted draft is put back from the session of whoever deleted it, which ends after half an hour without an act; the
# rest is for whoever calls the next day. What was never sent is no record, so nothing asks for it to be kept longer.
KEEP = timedelta(days=7)
# What one stored file says of itself on every case that it belongs to.
SHARED = ("case_type", "material", "file", "name", "size", "content_type", "sha256", "taken_at")
MayChange = Callable[[Any, Actor], bool]


def attach(
    *,
    case: Any,
    material: str,
    upload: UploadedFile[Any] | Checked,
    actor: Actor,
    may_change: MayChange | None = None,
    place: Place = MATERIAL,
) -> Attachment:
    """Keep an upload as a file of the case; the same content under the same material is kept once, and what is given
    back `was_there`. Within a transaction of the caller's it was `checked` before. `place`: what may be sent there, of
    an upload that was not.

    `may_change`: asked of the locked case, so that nothing is added to one that was filed in the meantime.
    Raises BadFile (with a message for the user) when the file cannot be taken, NotPossible when the case is closed.
    """
    facts: dict[str, Any] = {"material": material, "upload": upload, "actor": actor, "may_change": may_change}
    return attach_to_all(cases=[case], place=place, **facts)[0]


def attach_to_all(
    *,
    cases: Sequence[Any],
    material: str,
    upload: UploadedFile[Any] | Checked,
    actor: Actor,
    may_change: MayChange | None = None,
    place: Place = MATERIAL,
) -> list[Attachment]:
    """Keep an upload once, as a file of each of these cases of one kind: what is stored is the same, what is removed
    from one stays with the others. Raises as `attach` does, and then adds nothing to any.
    """
    found = upload if isinstance(upload, Checked) else checked(upload, place)
    # What is looked into here took seconds, in which nobody waited for the locks of a transaction around this one.
    with transaction.atomic(durable=found is not upload):
        noted = _noted_of(found)
        _must_be_open(cases, actor, may_change)
        there = {file.case_id: file for file in _same_file(cases, material, noted["sha256"])}
        for file in there.values():
            file.was_there = True
        facts = {"case_type": cases[0]._meta.label_lower, "material": material, "uploaded_by_id": actor.pk, **noted}
        new = {case.pk: Attachment(case_id=case.pk, **facts) for case in cases if case.pk not in there}
        _store(list(new.values()), found.content)
        ring_after_commit(FINGERPRINT_TASK, A_FEW)
        added = [(case, _noted(new[case.pk])) for case in cases if case.pk in new]
        record_many(added, "file_added", actor=actor, note=noted["name"])
    return [new.get(case.pk) or there[case.pk] for case in cases]


def share(
    *, files: Sequence[Attachment], cases: Sequence[Any], actor: Actor, may_change: MayChange | None = None
) -> None:
    """Make stored files those of these cases of one kind too, each under its material, with an event on each; the new
    cases have none of them yet. Raises NotPossible when one is closed."""
    if not (files and cases):
        return
    with transaction.atomic():
        _must_be_open(cases, actor, may_change)
        for file in files:
            facts = {name: getattr(file, name) for name in SHARED}
            new = [Attachment(case_id=case.pk, uploaded_by_id=actor.pk, **facts) for case in cases]
            Attachment.objects.bulk_create(new)
            added = [(case, _noted(row)) for case, row in zip(cases, new, strict=True)]
            record_many(added, "file_added", actor=actor, note=file.name)


def _noted(file: Attachment) -> dict[str, Any]:
    """What the event of a new file says of it: row and bytes are held against that (audited.py)."""
    return {"attachment": file.pk, "material": file.material, "sha256": file.sha256}


def _noted_of(found: Checked) -> dict[str, Any]:
    return {
        "name": found.name,
        "size": len(found.content),
        "content_type": found.content_type,
        "sha256": hashlib.sha256(found.content).hexdigest(),
        "taken_at": found.taken_at,
    }


def _same_file(cases: Sequence[Any], material: str, sha256: str) -> AttachmentQuerySet:
    rows = Attachment.objects.filter(material=material, sha256=sha256, removed_at=None)
    return rows.filter(case_type=cases[0]._meta.label_lower, case_id__in=[case.pk for case in cases])


def _store(rows: list[Attachment], content: bytes) -> None:
    if not rows:
        return
    first = rows[0]
    first.file.save(first.name, ContentFile(content), save=False)
    for other in rows[1:]:
        other.file = first.file.name
    Attachment.objects.bulk_create(rows)


def remove(*, attachment: Attachment, case: Any, actor: Actor, may_change: MayChange | None = None) -> None:
    """Take a file off the case; it stays stored, and the event says who removed it.

    `may_change` as for `attach`. Raises NotPossible when the case is closed.
    """
    with transaction.atomic():
        _must_be_open([case], actor, may_change)
        changed = Attachment.objects.filter(pk=attachment.pk, removed_at=None).update(removed_at=clock.now())
        if changed:
            record(case, "file_removed", actor=actor, note=attachment.name, data={"attachment": attachment.pk})


def move(
    *, attachment: Attachment, case: Any, material: Material, actor: Actor, may_change: MayChange | None = None
) -> None:
    """Put a file under another material of its case, with an event; `may_change` as for `attach`.

    Raises NotPossible when the case is closed, the material takes no such file, or the same file is there already.
    """
    with transaction.atomic():
        _must_be_open([case], actor, may_change)
        if not material.fits(attachment):
            raise NotPossible(f"“{attachment.name}”没有移动：“{material.title}”{material.takes.said}")
        if _same_file([case], material.code, attachment.sha256).exclude(pk=attachment.pk).exists():
            raise NotPossible(f"那里已有同一个文件，“{attachment.name}”没有移动；不要的可以移除")
        if Attachment.objects.filter(pk=attachment.pk, removed_at=None).update(material=material.code):
            data = {"attachment": attachment.pk, "material": material.code}
            record(case, "file_moved", actor=actor, note=attachment.name, data=data)


def put_back(*, uid: str | list[str], actor: Any) -> str:
    """Undo a removal (registered as `UNDO`): of one file, or of the files that were taken off many cases of one kind
    in one act, as far as the actor may still change these. Returns what to say of it. Raises NotPossible.
    """
    removed = list(Attachment.objects.filter(uid__in=[uid] if isinstance(uid, str) else uid))
    with transaction.atomic():
        cases = _still_open(removed, actor)
        if not cases:
            raise NotPossible("不能恢复：您现在不能改动这一件的材料")
        back = [each for each in removed if each.case_id in cases and each.removed_at]
        Attachment.objects.filter(pk__in=[each.pk for each in back]).update(removed_at=None)
        record_many([(cases[each.case_id], {"attachment": each.pk}) for each in back], "file_restored", actor=actor)
    left = f"，另 {len(removed) - len(cases)} 件您现在不能改动" if len(cases) < len(removed) else ""
    return f"{removed[0]}（{len(cases)} 件{left}）" if len(removed) > 1 else str(removed[0])


def _still_open(files: Sequence[Attachment], actor: Any) -> dict[int, Any]:
    """The cases of these files, of one kind, that the actor sees and may change, locked."""
    if not files:
        return {}
    rows: Any = case_models()[files[0].case_type]
    seen = list(rows._default_manager.visible_to(actor).filter(pk__in=[each.case_id for each in files]))
    return {case.pk: case for case in _locked(seen) if rules_for(case).may_change(case, actor)}


def remove_from_all(
    *, attachment: Attachment, cases: Sequence[Any], actor: Actor, may_change: MayChange | None = None
) -> list[Attachment]:
    """Take the same file off each of these cases that has it; returns what went. Raises as `remove` does."""
    with transaction.atomic():
        _must_be_open(cases, actor, may_change)
        rows = list(_same_file(cases, attachment.material, attachment.sha256))
        Attachment.objects.filter(pk__in=[row.pk for row in rows]).update(removed_at=clock.now())
        of = {case.pk: case for case in cases}
        gone = [(of[row.case_id], {"attachment": row.pk}) for row in rows]
        record_many(gone, "file_removed", actor=actor, note=attachment.name)
    return rows


def purge_deleted(now: datetime | None = None) -> int:
    """Delete the files of drafts that were deleted longer ago than KEEP, with an event on each draft; the log still
    says who had attached what. Returns how many files went.

    The files go first: when that is interrupted, the rows still say what is left to do.
    """
    gone = 0
    for case, files in _of_deleted((now or clock.now()) - KEEP):
        purge(case, files)
        gone += len(files)
    return gone


def sweep_spool(now: datetime | None = None) -> int:
    """Delete what nobody writes any more: uploads that a power cut or a kill left where they waited, plain as they are,
    and drafts of stored files. Returns how many went."""
    before = ((now or clock.now()) - LEFT_BEHIND).timestamp()
    folders = (Path(settings.FILE_UPLOAD_TEMP_DIR), Path(settings.MEDIA_ROOT) / DRAFTS)
    gone = [path for folder in folders for path in folder.glob("*") if path.is_file() and path.stat().st_mtime < before]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


@transaction.atomic
def purge(case: Any, files: Sequence[Attachment]) -> None:
    """Delete these files of a case with their rows, for good; on record. One that others have too stays theirs."""
    keys = [each.pk for each in files]
    # One file may prove what many were taught.
    others = Attachment.objects.exclude(pk__in=keys)
    shared = set(others.filter(file__in=[each.file.name for each in files]).values_list("file", flat=True))
    for attachment in files:
        if attachment.file.name not in shared:
            attachment.file.delete(save=False)
    Attachment.objects.filter(pk__in=keys).delete()
    record(case, "files_purged", actor=SYSTEM, data={"attachment": keys})


def _of_deleted(before: datetime) -> Iterator[tuple[Any, list[Attachment]]]:
    """Cases that are not there any more and were deleted as drafts before that moment, each with its files."""
    deleted = Event.objects.filter(case_type=OuterRef("case_type"), case_id=OuterRef("case_id"), name=DELETED)
    rows = Attachment.objects.filter(Exists(deleted.filter(at__lt=before)), ~Exists(deleted.filter(at__gte=before)))
    for case_type, case_id in rows.order_by().values_list("case_type", "case_id").distinct():
        model = case_models()[case_type]
        if not model._base_manager.filter(pk=case_id).exists():
            yield model(pk=case_id), list(Attachment.objects.filter(case_type=case_type, case_id=case_id))


def _must_be_open(cases: Sequence[Any], actor: Actor, may_change: MayChange | None) -> None:
    """The workflow locks the same rows, so a file and a filing come one after the other. Raises NotPossible."""
    if cases and may_change is None:
        return
    stored = _locked(cases)
    if len(stored) < len(cases):
        raise NotPossible("刚刚已有人删除，材料没有改动；请返回名单核对")
    if not (stored and may_change and all(may_change(each, actor) for each in stored)):
        raise NotPossible("这一件刚刚已经提交或办结，材料没有改动；需要改的请先撤回或等退回补正")


def _locked(cases: Sequence[Any]) -> list[Any]:
    """These cases of one kind as they are stored, those that are still there."""
    if not cases:
        return []
    rows = type(cases[0])._base_manager.select_for_update()
    return list(rows.filter(pk__in=[case.pk for case in cases]).order_by("pk"))

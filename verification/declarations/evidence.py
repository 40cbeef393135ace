"""Evidence of many people at once: files or a ZIP, each given to whose declaration its name speaks of (product.md C6).

The worker sorts them. What several could be meant by, or nobody, waits on a page until the clerk says whose it is; what
cannot be kept is named with the reason. Nothing is given to anybody twice.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role
from luojiang_ce.files.checks import Checked, checked
from luojiang_ce.files.services import attach
from luojiang_ce.files.sorting import place_of
from luojiang_ce.id_shapes import mask_ids
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import JobFailed, Progress, enqueue
from luojiang_ce.refusals import NotPossible
from luojiang_ce.sealing.storage import own_content
from luojiang_ce.uploads.bad import BadFile
from luojiang_ce.uploads.packages import is_archive
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.events import record
from units.access import must_file_for
from units.filed_case import EDITABLE, may_edit
from units.models import Employment, Unit
from verification.declarations import uploads as uploads_of
from verification.declarations.matching import How, Match, Somebody, match
from verification.declarations.materials import materials
from verification.declarations.models import Declaration, LooseFile
from verification.declarations.together import declared_together
from verification.declarations.unpacking import Unpacked, unpacked

JOB = "declarations.evidence"
DISCARDED = "evidence_discarded"  # name of the event on the unit
TOLD = 200  # lines that the page lists
# What becomes of a file, and how the job's message counts it.
OUTCOMES = {"attached": "已归入", "asked": "待指定", "known": "已经在待指定里", "problems": "不能接收"}
_NUMBER = re.compile(r"SB-20\d{2}-(\d{1,12})", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class Sent:
    """Uploads that lie sealed for the job that is to have this uid; their names without ID numbers."""

    uid: UUID
    names: Sequence[str]


def keep(*, unit: Unit, uploads: Sequence[UploadedFile[Any]], actor: Actor) -> Sent:
    """Keep the uploads, sealed; not within a transaction, for it takes seconds. What is not handed to `take_in` goes a
    day later. Raises NotPossible with everything that cannot be taken; then nothing is kept."""
    must_file_for(unit.pk, actor)
    if wrong := uploads_of.what_is_wrong(uploads):
        raise NotPossible(*wrong)
    sent = Sent(uuid4(), [mask_ids(each.name or "") for each in uploads])
    uploads_of.keep(uploads, sent.uid)
    return sent


def take_in(*, unit: Unit, sent: Sent, of: Declaration | None, actor: Actor) -> Job:
    """Have what was kept sorted by a job; `of`: only among those declared with this one."""
    args = {"unit": unit.pk, "of": of.pk if of else None, "files": sent.names}
    return enqueue(JOB, title=f"整理佐证材料（{len(sent.names)} 个上传的文件）", owner=actor, args=args, uid=sent.uid)


# --- the worker's part ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Among:
    """A unit's declarations that files are sorted to, the names of everybody who works there, and who sorts."""

    unit: int
    cases: Sequence[Declaration]
    staff: frozenset[str]
    owner: Any


def sort_evidence(job: Job, progress: Progress) -> tuple[str, str]:
    """Give each file to whom its name speaks of. It may run again with the same end. Raises JobFailed."""
    owner: Any = get_user_model()._default_manager.get(pk=job.owner_id)
    if not owner.is_active or job.args["unit"] not in owner.unit_ids(Role.UNIT_CLERK):
        uploads_of.forget(job)
        raise JobFailed("您已不是该单位的专办员，材料没有归入")
    jobs = Employment.objects.filter(unit=job.args["unit"], ended_on=None)
    staff = frozenset(jobs.values_list("person__name", flat=True))
    among = _Among(job.args["unit"], list(targets(job.args["unit"], job.args["of"])), staff, owner)
    told: dict[str, list[list[str]]] = {kind: [] for kind in OUTCOMES}
    for number, each in enumerate(_files(job)):
        kind, said = _place(each, among)
        told[kind].append([mask_ids(each.path), mask_ids(said)])
        progress(number, number + 1)
    job.args |= {kind: rows[:TOLD] for kind, rows in told.items()}
    uploads_of.forget(job)
    counts = [f"{said} {len(told[kind])} 个" for kind, said in OUTCOMES.items() if kind != "known" or told[kind]]
    return "，".join(counts), f"{reverse('declarations:evidence')}?job={job.uid}"


def targets(unit: int, of: int | None = None) -> Iterable[Declaration]:
    """The declarations of a unit that are still with it, or those of one learning among them."""
    rows = Declaration.objects.filter(unit=unit, state__in=EDITABLE).select_related("person", "unit", "filing")
    if of is None:
        return rows.order_by("person__pinyin", "pk")
    chosen = rows.filter(pk=of).first()
    return declared_together(chosen) if chosen else ()


def _files(job: Job) -> Iterator[Unpacked]:
    """The uploads one after the other, a ZIP as what is in it."""
    for name, content in uploads_of.read(job):
        if not is_archive(content):
            yield Unpacked(name, content)
            continue
        try:
            yield from unpacked(io.BytesIO(content), name, settings.UPLOAD_LIMIT_BYTES)
        except NotPossible as refused:
            yield Unpacked(name, problem=str(refused))


def _place(file: Unpacked, among: _Among) -> tuple[str, str]:
    """Where a file went (see OUTCOMES), and what is said of it."""
    if file.problem:
        return "problems", file.problem
    found = _whose(file.path, among)
    try:
        upload = checked(SimpleUploadedFile(_name(file.path), file.content))
        if found.how is How.SURE:
            case = next(each for each in among.cases if each.pk == found.keys[0])
            return "attached", _give(case, upload, among.owner)
    except BadFile as bad:
        return "problems", str(bad)
    except NotPossible:  # the case was filed meanwhile
        pass
    if not _keep_loose(file.path, upload.content, found, among):
        return "known", "同名、同内容的一份已经在待指定里，没有再留一份"
    return "asked", "有几件都可能是" if found.keys else "文件名里没有认出是谁的"


def _whose(path: str, among: _Among) -> Match:
    """Whose declaration a file's name speaks of; of several of one person that whose learning it names."""
    people = [Somebody(each.pk, each.person.name, each.person.masked_id[-4:]) for each in among.cases]
    found = match(path, people, among.staff)
    if found.how is How.ASKED:
        meant = [each for each in among.cases if each.pk in found.keys]
        titled = [each.pk for each in meant if each.title in path]
        if len(titled) == 1 and len({each.person_id for each in meant}) == 1:
            return Match(How.SURE, tuple(titled))
    return found


def _give(case: Declaration, upload: Checked, actor: Actor) -> str:
    """Attach it under the material that its name speaks of; says whose it is now."""
    place = place_of(upload.name, materials(case))
    kept = attach(case=case, material=place, upload=upload, actor=actor, may_change=may_edit)
    return label_of(case) + (f"：与已有的“{kept}”内容相同，没有重复保存" if kept.was_there else "")


def label_of(case: Declaration) -> str:
    """How a declaration is called where one is chosen."""
    return f"{case.person.name} {case.number} {case.title}"


def _keep_loose(path: str, content: bytes, found: Match, among: _Among) -> bool:
    """Was it kept, to be asked about? Not where the same waits already, from this upload or another."""
    digest, path = hashlib.sha256(content).hexdigest(), mask_ids(path)[-300:]
    there = {"unit_id": among.unit, "path": path, "sha256": digest}
    if LooseFile.objects.filter(**there).exists():
        return False
    row = LooseFile(**there, size=len(content), candidates=list(found.keys), uploaded_by=among.owner)
    row.file.save(_name(path), ContentFile(content), save=False)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:  # another job was quicker
        row.file.storage.delete(str(row.file.name))
        return False
    return True


def _name(path: str) -> str:
    name = PurePosixPath(path.replace("\\", "/")).name
    return "未命名" if name in ("", ".", "..") else name


# --- what was asked ---------------------------------------------------------------------------------------------------


def meant_by(typed: str, cases: Sequence[Declaration]) -> Declaration:
    """The declaration that was typed: its number, or the name of who has one alone. Raises NotPossible."""
    if found := _NUMBER.search(typed):
        chosen = [each for each in cases if each.pk == int(found[1])]
    else:
        chosen = [each for each in cases if each.person.name == typed.strip()]
    if len(chosen) == 1:
        return chosen[0]
    if chosen:
        raise NotPossible(f"“{typed}”有 {len(chosen)} 件申报，请选带编号的一件")
    raise NotPossible(f"没有找到“{typed}”在本单位手上的申报；请先建立申报，或核对姓名、编号")


def settle(*, loose: LooseFile, case: Declaration, actor: Actor) -> str:
    """Give a file that waited to this declaration; of two clerks at once one does. Raises NotPossible, BadFile."""
    try:
        upload = checked(SimpleUploadedFile(_name(loose.path), own_content(loose.file, loose.uid)))
    except FileNotFoundError as gone:
        raise NotPossible(_settled(loose)) from gone
    with transaction.atomic():
        row = _still_there(loose)
        said = _give(case, upload, actor)
        _throw_away(row)
    return said


def discard(*, loose: LooseFile, actor: Actor) -> None:
    """Throw a file away that belongs to nobody, with an event of the unit. Raises NotPossible where somebody was
    quicker."""
    must_file_for(loose.unit_id, actor)
    with transaction.atomic():
        row = _still_there(loose)
        sent = f"{full(clock.local(row.uploaded_at).date())}由{row.uploaded_by.name}上传"
        record(row.unit, DISCARDED, actor=actor, note=f"{row.path}（{sent}）")
        _throw_away(row)


def _still_there(loose: LooseFile) -> LooseFile:
    row = LooseFile.objects.select_for_update().filter(pk=loose.pk).first()
    if row is None:
        raise NotPossible(_settled(loose))
    return row


def _settled(loose: LooseFile) -> str:
    return f"“{loose}”刚才已经办理过了"


def _throw_away(row: LooseFile) -> None:
    name, storage = str(row.file.name), row.file.storage
    row.delete()
    transaction.on_commit(lambda: storage.delete(name))

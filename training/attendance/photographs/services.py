"""Taking photographs of sheets in, having them read, and writing what a person has confirmed: never anything else."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time
from functools import partial
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models.fields.files import FieldFile
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role
from luojiang_ce.files.checks import Checked, as_time
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import Progress, enqueue
from luojiang_ce.refusals import NotPossible, refusing_clashes
from luojiang_ce.sealing.storage import own_content
from luojiang_ce.uploads.bad import BadFile
from luojiang_ce.uploads.door import named, passed, received
from luojiang_ce.uploads.pictures import taken_of
from luojiang_ce.uploads.places import IMAGES, PHOTOGRAPH, SIGNED_SHEET, Kind
from luojiang_ce.versions import Standing
from training.attendance.freezing import reasons_against
from training.attendance.models import Sign
from training.attendance.services import Recorded, Wanted, attach_scan, record_signs
from training.classes.models import ClassApplication

from . import layout
from .code import SheetCode, read_code
from .models import KEEP, Photograph
from .proposals import Cell, Fault, Ink, Reading
from .reader import SheetReader

JOB = "attendance.photographs"
MOST_FILES = 40  # in one upload
Stage = Photograph.Stage


# --- taking in --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TakenIn:
    """Of an upload: the job that reads what was taken, and why each other file was not."""

    job: Job | None
    refused: Sequence[str]


def take_in(*, application: ClassApplication, uploads: Sequence[UploadedFile[Any]], actor: Actor) -> TakenIn:
    """Keep pictures and PDFs of signed sheets of a class and have them read. Raises NotPossible where none may come."""
    if reasons := reasons_against(application, (), actor):
        raise NotPossible(*reasons)
    if not uploads:
        raise NotPossible("还没有选择文件，请先选择再上传")
    if len(uploads) > MOST_FILES:
        raise NotPossible(f"一次最多上传 {MOST_FILES} 个文件，这次选了 {len(uploads)} 个，没有上传；请分几次上传")
    kept, refused = [], []
    for upload in uploads:
        try:
            with refusing_clashes():
                kept.append(_keep(application, upload, actor))
        except NotPossible as wrong:
            refused.append(str(wrong))
    title = f"识别签到表照片 {len(kept)} 份：{application}"[:200]
    job = enqueue(JOB, title=title, owner=actor, args={"photographs": kept}, case=application) if kept else None
    return TakenIn(job, refused)


def _keep(application: ClassApplication, upload: UploadedFile[Any], actor: Actor) -> int:
    name = named(upload.name, 180)
    file = cast(BinaryIO, upload)
    found = received(name, file, upload.size or 0, settings.UPLOAD_LIMIT_BYTES, SIGNED_SHEET)
    digest = hashlib.sha256(found.content).hexdigest()
    same = application.photographs.filter(sha256=digest).exclude(stage=Stage.DISCARDED)
    if there := same.first():
        raise BadFile(f"“{name}”已经上传过（{there.get_stage_display()}），没有重复上传")
    row = Photograph(application=application, name=name, sha256=digest, uploaded_by_id=actor.pk)
    row.content_type = found.kind
    _store(row, "content", found.content)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:  # the same was taken in meanwhile
        row.content.storage.delete(str(row.content.name))
        raise
    return row.pk


def _store(row: Photograph, field: str, content: bytes) -> None:
    getattr(row, field).save(field, ContentFile(content), save=False)


def opened(row: Photograph, file: FieldFile) -> bytes:
    """The content of one of its files."""
    return own_content(file, row.uid)


def cuts_of(row: Photograph) -> list[dict[str, str]]:
    """The cut-outs of each line by column, JPEG in base64; none where they are gone."""
    cuts: list[dict[str, str]] = json.loads(opened(row, row.cuts)) if row.cuts else []
    return cuts


# --- reading ----------------------------------------------------------------------------------------------------------


def read_photographs(job: Job, progress: Progress) -> tuple[str, str]:
    """The worker's part: read what waits of these, keep the proposals."""
    waiting = Photograph.objects.filter(pk__in=job.args["photographs"], stage=Stage.WAITING).order_by("pk")
    pks = list(waiting.values_list("pk", flat=True))
    with SheetReader() as reader:
        for number, pk in enumerate(pks):
            # Asked for one by one: reading takes seconds, and what was given up meanwhile has no file any more.
            if row := waiting.select_related("application").filter(pk=pk).first():
                keep_readings(row, _read(reader, row, partial(progress, number, len(pks))))
            progress(number + 1, len(pks))
    of = Photograph.objects.filter(application=job.case_id)
    to_confirm, unread = (of.filter(stage=stage).count() for stage in (Stage.READ, Stage.UNREAD))
    said = f"{to_confirm} 页待您确认" + (f"，{unread} 份没有读出" if unread else "")
    return said, reverse("photographs:class", args=[job.case_id])


def _read(reader: SheetReader, row: Photograph, told: Callable[[], None]) -> list[Reading]:
    """Each page that the file holds; `told` after each, for sixty of them take minutes."""
    found = []
    for reading in reader.read(opened(row, row.content), is_pdf=row.content_type == Kind.PDF):
        found.append(_through_the_door(row, reading))
        told()
    return found


def _through_the_door(row: Photograph, reading: Reading) -> Reading:
    """What the process drew of a stranger's PDF is looked into as if the stranger had sent it."""
    if not reading.picture:
        return reading
    try:
        page = passed(row.name, base64.b64decode(reading.picture), PHOTOGRAPH)
    except BadFile:
        return Reading(Fault.BROKEN, reading.pages)
    return replace(reading, picture=base64.b64encode(page.content).decode())


@transaction.atomic
def keep_readings(row: Photograph, readings: Sequence[Reading]) -> None:
    """A row for each page, the first of them the file's own; nothing where another worker was quicker."""
    locked = Photograph.objects.select_for_update().filter(pk=row.pk, stage=Stage.WAITING).first()
    if locked is None:
        return
    names = ("application", "name", "content_type", "sha256", "uploaded_by", "uploaded_at")
    for number, reading in enumerate(readings):
        page = row if number == 0 else Photograph(**{name: getattr(row, name) for name in names})
        if reading.picture or len(readings) > 1:
            page.part = number + 1
        if reading.picture:  # a page of a PDF becomes a picture of its own, in the place of the file
            _delete_later(page.content)
            page.content_type = "image/jpeg"
            _store(page, "content", base64.b64decode(reading.picture))
        _note(page, reading)
        page.save()


def _note(page: Photograph, reading: Reading) -> None:
    """What was found: the half-day and its proposals, or what is wrong."""
    code = read_code(reading.code)
    page.fault = _fault(page, reading, code) or ""
    page.stage = Stage.UNREAD if page.fault else Stage.READ
    page.found = {"missing": list(reading.missing), "turned": reading.turned}
    if code and page.fault == Fault.OTHER_CLASS:
        page.found["application"] = code.application
    if code and not page.fault:
        page.date, page.half_day, page.page, page.pages = code.date, code.half_day, code.page, code.pages
        page.found |= _proposals(code, reading)
        cuts = [{column: cell.cut for column, cell in row.items()} for row in reading.rows]
        _store(page, "cuts", json.dumps(cuts).encode())


def _fault(page: Photograph, reading: Reading, code: SheetCode | None) -> Fault | None:
    if reading.fault and not (reading.fault is Fault.CORNERS and reading.code):
        return reading.fault
    if code is None:
        return Fault.FOREIGN_CODE
    return Fault.OTHER_CLASS if code.application != page.application_id else reading.fault


def _proposals(code: SheetCode, reading: Reading) -> dict[str, Any]:
    """The lines by enrolment, and how many of those below for who is on no list are signed."""
    lines = [
        [enrolment, *(part for column in layout.SIGNED for part in _plain(cells[column]))]
        for enrolment, cells in zip(code.rows, reading.rows, strict=False)
    ]
    spare = reading.rows[len(code.rows) :]
    extra = sum(any(cell.ink is not Ink.EMPTY for cell in cells.values()) for cells in spare)
    return {"lines": lines, "extra": extra}


def _plain(cell: Cell) -> tuple[str, str]:
    return cell.ink.value, cell.doubt.value


# --- confirming -------------------------------------------------------------------------------------------------------


def corrections_of(row: Photograph) -> Standing:
    """What was corrected by hand in its half-day: those cells are asked, and nobody confirms over what is not seen."""
    signs = Sign.objects.filter(enrolment__application=row.application_id, half_day=row.half_day)
    signs = signs.filter(date=row.date) if row.date else signs.none()
    found = list(signs.exclude(struck_at=None, reason="").select_related("struck_by", "recorded_by").order_by("pk"))
    newest = max(found, key=lambda sign: sign.struck_at or sign.recorded_at, default=None)
    values = [(sign.pk, bool(sign.struck_at)) for sign in found]
    if newest is None:
        return Standing(values)
    return Standing(values, newest.struck_by or newest.recorded_by, newest.struck_at or newest.recorded_at)


@transaction.atomic
def confirm(
    *,
    photograph: Photograph,
    signed: Mapping[str, Iterable[int]],
    time_in: time | None,
    time_out: time | None,
    actor: Actor,
    version: int | None = None,
) -> Recorded:
    """Record whom a person has confirmed as signed (`in` and `out`: enrolment ids), and keep the photograph as the
    signed sheet of the half-day. What is recorded already is left alone. Raises NotPossible, Conflict.
    """
    # The class first, as whoever writes or corrects signs locks it: no correction comes between the look and the signs.
    ClassApplication.objects.select_for_update().get(pk=photograph.application_id)
    row = _locked(photograph)
    if row.key is None or row.stage != Stage.READ:
        raise NotPossible(said_of_end(row))
    if reasons := reasons_against(row.application, [row.key], actor):
        raise NotPossible(*reasons)
    corrections_of(row).must_be(version)
    ins, outs = (set(signed[column]) for column in layout.SIGNED)
    wanted = [
        Wanted(pk, *row.key, time_in if pk in ins else None, time_out if pk in outs else None)
        for pk in sorted(ins | outs)
    ]
    done = record_signs(application=row.application, wanted=wanted, source=Sign.Source.SHEET, actor=actor)
    attach_scan(application=row.application, key=row.key, scan=_as_scan(row), actor=actor)
    row.result = {"in": done.signed_in, "out": done.signed_out, "left": done.left_alone}
    _end(row, Stage.CONFIRMED, actor)
    return done


def _as_scan(row: Photograph) -> Checked:
    """It came through the door when it was taken in: what a person has confirmed is kept bit for bit."""
    name = f"{row.name.rpartition('.')[0]} 第{row.part}页.jpg" if row.part else row.name
    content = opened(row, row.content)
    taken = as_time(taken_of(content)) if row.content_type in IMAGES else None
    return Checked(name, row.content_type, content, taken)


@transaction.atomic
def discard(*, photograph: Photograph, actor: Actor) -> None:
    """Give a photograph up; nothing of it is kept. Raises NotPossible where it was confirmed meanwhile."""
    row = _locked(photograph)
    if row.application.unit_id not in actor.unit_ids(Role.UNIT_CLERK):
        raise NotPossible("只有办班单位的专办员可以放弃签到表照片")
    if row.stage in (Stage.CONFIRMED, Stage.DISCARDED):
        raise NotPossible(said_of_end(row))
    _end(row, Stage.DISCARDED, actor)


def _locked(photograph: Photograph) -> Photograph:
    return Photograph.objects.select_for_update().get(pk=photograph.pk)


def said_of_end(row: Photograph) -> str:
    """Why it can not be confirmed any more, or not yet."""
    if row.stage == Stage.WAITING:
        return "这份照片还在识别，请稍后再来确认"
    if row.stage == Stage.UNREAD:
        return "这份照片没有读出签到表，不能登记；请重拍上传"
    who = row.ended_by.name if row.ended_by else "系统"
    return f"这份照片{row.get_stage_display()}（{who}），没有重复办理"


def _end(row: Photograph, stage: str, actor: Actor) -> None:
    """Its files go: what was confirmed lies with the half-day's sheet."""
    row.stage, row.ended_by_id, row.ended_at = stage, actor.pk, clock.now()
    _let_go(row)


def _let_go(row: Photograph) -> None:
    row.purged_at = clock.now()
    _delete_later(row.content)
    _delete_later(row.cuts)
    row.content = row.cuts = ""
    row.save()


def _delete_later(file: FieldFile) -> None:
    """When the row is known not to name it any more."""
    if file.name:
        transaction.on_commit(partial(file.storage.delete, file.name))


def purge() -> int:
    """Delete what nobody has confirmed in time. Returns how many went."""
    old = Photograph.objects.filter(purged_at=None, uploaded_at__lt=clock.now() - KEEP)
    gone = 0
    for row in old.order_by("pk"):
        with transaction.atomic():
            if still := Photograph.objects.select_for_update().filter(pk=row.pk, purged_at=None).first():
                still.stage, still.ended_at = Stage.DISCARDED, clock.now()
                _let_go(still)
                gone += 1
    return gone

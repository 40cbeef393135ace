"""One way in for every kind of sheet: read, problems by cell, preview, confirmation, the wrong rows back.

An import is declared once, as an `ImportKind`: its form, what its rows mean (`plan`), how they are written (`write`),
and its words. Pages (`views`), preview, returned rows and background work are the same for all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, BinaryIO, Generic, NamedTuple, TypeVar, cast

from django import forms
from django.apps import apps
from django.db import models, transaction
from django.urls import reverse

from luojiang_ce.access import Actor, case_key
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import JobFailed, Progress, enqueue, register_job
from luojiang_ce.refusals import NotPossible
from luojiang_ce.uploads.reader import Budget

from .definitions import Column, SheetForm
from .entries import Sheet, sheet_among
from .forms import UploadForm
from .models import ImportBatch
from .preview import Outcome, Shown, preview_of
from .problems import CellProblem, FileProblem, NoHeader, TakesLonger
from .reading import Limits, tables_apart
from .reading import Reading as HowToRead
from .returning import returned_workbook
from .rows import WRONG, Reading, ReadRow
from .services import (
    ImportGone,
    back_to_preview,
    begin_confirmation,
    confirm_chunk,
    keep_preview,
    keep_refusal,
    keep_returned,
    note_left_out,
    stage_import,
    staged_file,
)

S = TypeVar("S", bound=models.Model)
T = TypeVar("T")
State = ImportBatch.State
READ_JOB, CONFIRM_JOB = "{}_read", "{}_confirm"  # by the kind's code

# What is answered within the request: about 2,000 people (S6: small files answer at once), if it is read within two
# seconds and two others at most are being read. Everything else is a job.
SMALL_ROWS = 2000
SMALL_BYTES = 400_000
_BESIDE = 1000  # rows of a table besides its entries: titles, empty ones, sums
SMALL = HowToRead(
    Limits(inflated_bytes=2_000_000, tags=300_000),
    SMALL_ROWS + _BESIDE,
    Budget(cpu=2, memory=280_000_000, answer=10_000_000),
    patience=1,
)
# Of a job: 20,000 people with 30 columns take some ten seconds, and 40 MB to tell.
_JOB = Budget(cpu=90, memory=2_000_000_000, wall=600, answer=100_000_000)


class Urls(NamedTuple):
    """Names of the pages; they take the id of the scope first, unless the upload form asks for the scope."""

    upload: str
    page: str
    returned: str


@dataclass(frozen=True)
class Confirmation(Generic[S]):
    """Into what, by whom, of which import, and what was typed beside the button."""

    scope: S
    actor: Actor
    batch: ImportBatch
    typed: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ImportKind(Generic[S, T]):
    """One import. `S` is the model it imports into (its scope), `T` what one of its rows means."""

    code: str
    name: str  # as in 导入花名册
    form: SheetForm
    most_rows: int
    # Columns that the form has and the import does not read; what names a row, as a title.
    unread: tuple[str, ...] = ()
    # Columns that are read and too many to be named one by one: the help of another says what they are.
    unsaid: tuple[str, ...] = ()
    named: str = "姓名"
    # The order of the columns of rows that are pasted without a header; with it, rows can be pasted at all. Not where
    # people are listed: what was pasted is shown again, and ID numbers never are.
    order: tuple[str, ...] = ()

    # What a row may come to besides WRONG; what of it the preview shows.
    outcomes: tuple[Outcome, ...]
    shows: tuple[Shown, ...]
    # Columns of which a file has one at least, though none of them is required by itself; else it is told this.
    one_of: frozenset[str] = frozenset()
    without: str = ""
    # The rows of a sheet by themselves: no database. Raises FileProblem for the sheet as a whole.
    read: Callable[[Sheet], Sequence[Any]] = lambda sheet: sheet.entries
    # What these rows mean, held against the database as it is now. Reads only.
    plan: Callable[[Sheet, Sequence[Any], S], list[ReadRow[T]]]
    # What the preview may say of planned rows to whoever uploaded them: nothing of people of others but what was typed.
    discreet: Callable[[ImportBatch, Sheet, Sequence[ReadRow[T]]], list[ReadRow[T]]] = lambda batch, sheet, rows: [
        *rows
    ]
    # Writes planned rows; gets them under the locks of import and scope, says how many had which result.
    write: Callable[[Sequence[ReadRow[T]], Confirmation[S]], Mapping[str, int]]
    # In chunks, each written for itself (else the sound rows at once or none).
    chunked: bool = False
    # The file replaces what is there: one wrong row forbids it, and all rows go back to their owner.
    all_or_nothing: bool = False

    # Into what the account may import; where the address does not name it, `scope_field` of the upload form does.
    scopes: Callable[[Any], models.QuerySet[S]]
    scope_field: str = ""
    upload_form: type[UploadForm] = UploadForm
    # Asked beside the button, by what was read; goes to `write` as `typed`.
    asks: Callable[[ImportBatch], type[forms.Form]] = lambda batch: forms.Form
    why_closed: Callable[[S], str | None] = lambda scope: None
    # Why this account may have no file read now, whatever it is imported into.
    why_stopped: Callable[[Any], str] = lambda account: ""

    urls: Urls
    title: str
    lead: str
    crumbs: Callable[[Any], list[tuple[str, str]]]
    template_url: Callable[[Any], str]
    # Where the way leads back to, and on after an import unless it `stays` on its own pages.
    back: Callable[[Any], str]
    stays: bool = False
    # What the preview says beyond the rows: `notes` with those of an outcome, more `counts`, what its template takes.
    facts: Callable[[Reading[T], S], dict[str, Any]] = lambda reading, scope: {}
    facts_template: str = ""
    # The button by the counts, empty where there is nothing to import; then `idle` says so.
    button: Callable[[Mapping[str, int]], str]
    idle: str = "没有可以导入的行"
    results: tuple[tuple[str, str], ...]
    said: Callable[[Mapping[str, int]], str] = lambda result: ""
    # What is said of a row that the preview had no fault to find with and that was not written, by its problem's code.
    left_out: Mapping[str, CellProblem] = field(default_factory=dict, hash=False)

    @property
    def columns(self) -> list[Column]:
        """The columns that are read, as the page names them."""
        left_out = {*self.unread, *self.unsaid}
        return [column for column in self.form.columns if column.key not in left_out]

    def url(self, name: str, scope_id: int, *args: Any) -> str:
        """The address of one of the pages."""
        return reverse(name, args=args if self.scope_field else (scope_id, *args))

    def page(self, batch: ImportBatch) -> str:
        """Where an import stands."""
        return self.url(self.urls.page, batch.scope_id, batch.token)


Kind = ImportKind[Any, Any]
_in_background: set[str] = set()


def register_import(kind: Kind) -> None:
    """Leave big files of this kind to the worker; called in the app's `ready()`, else the request reads them."""
    _in_background.add(kind.code)
    register_job(READ_JOB.format(kind.code), partial(_read_job, kind))
    register_job(CONFIRM_JOB.format(kind.code), partial(_confirm_job, kind))


def scope_of(batch: ImportBatch) -> Any:
    """What the import's rows go into."""
    return apps.get_model(batch.scope_type)._default_manager.get(pk=batch.scope_id)


def read_file(
    kind: ImportKind[S, T], file: BinaryIO, scope: S, *, pasted: bool = False, how: HowToRead | None = None
) -> Reading[T]:
    """What importing the file would do now. Reads only. Raises FileProblem for the file as a whole, TakesLonger."""
    sheet = _sheet_in(kind, file, pasted, how)
    return Reading(sheet, kind.plan(sheet, kind.read(sheet), scope))


def counts_of(kind: Kind, reading: Reading[Any]) -> dict[str, int]:
    """How many rows there are, and how many of each outcome."""
    found = [row.outcome for row in reading.rows]
    outcomes = (*(outcome.code for outcome in kind.outcomes), WRONG)
    return {"rows": len(found), **{code: found.count(code) for code in outcomes}}


def _sheet_in(kind: Kind, file: BinaryIO, pasted: bool, how: HowToRead | None = None) -> Sheet:
    """`how`: as in a request; None: as in a job."""
    tables = tables_apart(file, how or HowToRead(None, 2 * kind.most_rows + _BESIDE, _JOB, patience=_JOB.wall))
    sheet = sheet_among(tables, kind.form, max_entries=kind.most_rows, order=kind.order if pasted else ())
    if how and len(sheet.entries) > SMALL_ROWS:
        raise TakesLonger
    if kind.one_of and not kind.one_of & sheet.header.columns.keys():
        raise NoHeader(kind.without)
    return sheet


def submit(
    kind: Kind, *, scope: models.Model, file: BinaryIO, name: str, size: int, actor: Actor, pasted: bool = False
) -> ImportBatch:
    """Keep an uploaded file, or what was pasted, and read it: a small one at once, a big one in the background, and so
    one that only while it is read shows how big it is."""
    batch = stage_import(kind=kind.code, owner=actor, scope=scope, name=name, file=file, pasted=pasted)
    if kind.code not in _in_background:
        return read_staged(kind, batch)
    if size <= SMALL_BYTES:
        with suppress(TakesLonger):
            return read_staged(kind, batch, SMALL)
    enqueue(READ_JOB.format(kind.code), title=f"读取{kind.name}：{batch.name}", owner=actor, case=batch)
    return batch


def read_staged(kind: Kind, batch: ImportBatch, how: HowToRead | None = None) -> ImportBatch:
    """Read a staged file and keep its preview. Writes the import, and what `discreet` puts on record.

    Raises ImportGone; TakesLonger for what is not to be read now, with nothing written.
    """
    file, scope = staged_file(batch), scope_of(batch)
    try:
        found = read_file(kind, file, scope, pasted=batch.pasted, how=how)
    except FileProblem as problem:
        keep_refusal(batch, problem)
        return batch
    reading = Reading(found.sheet, kind.discreet(batch, found.sheet, found.rows))
    plan = preview_of(reading, kind.shows) | kind.facts(reading, scope)
    counts = counts_of(kind, reading) | plan.pop("counts", {})
    returned = returned_workbook(reading, whole=kind.all_or_nothing) if counts[WRONG] else None
    keep_preview(batch, plan=plan, counts=counts, returned=returned)
    return batch


def confirm(kind: Kind, batch: ImportBatch, *, actor: Actor, typed: Mapping[str, Any] | None = None) -> ImportBatch:
    """Take an import into confirmation and write it: at once; in the background what the worker has read, because it
    is read again, and many rows in chunks.

    Once, whatever is clicked twice; one that broke off goes on where it stopped, and one whose job is still to be done
    is left to it. Raises NotPossible with the reasons (nothing is written; it can be tried again), ImportGone.
    """
    if why := kind.why_closed(scope_of(batch)):
        raise NotPossible(why)
    if kind.all_or_nothing and (wrong := batch.counts.get(WRONG)):
        raise NotPossible(f"有 {wrong} 行读不了，改好后重新上传")
    job, many = latest_job(batch), kind.chunked and batch.counts.get("rows", 0) > SMALL_ROWS
    if kind.code not in _in_background or not (job or many):
        how = SMALL if kind.code in _in_background else None
        try:
            return write_staged(kind, batch, actor=actor, typed=typed, how=how)
        except TakesLonger as busy:
            raise NotPossible("现在同时读取的文件多，没有导入；请过几秒再点一次") from busy
    begin_confirmation(batch)
    # A preview is there a moment before the job that has read it is over: that one will not write it.
    writing = CONFIRM_JOB.format(kind.code)
    left_to_it = job is not None and job.kind == writing and not job.is_over
    if batch.state == State.CONFIRMING and not left_to_it:
        title, args = f"导入{kind.name}：{batch.name}", {"typed": dict(typed or {})}
        enqueue(writing, title=title, owner=actor, args=args, case=batch)
    return batch


def write_staged(
    kind: Kind,
    batch: ImportBatch,
    *,
    actor: Actor,
    typed: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    how: HowToRead | None = None,
) -> ImportBatch:
    """Take an import into confirmation and write it, planned anew against current data under the locks.

    Can be called again after any interruption, or twice at once: each row is written once. Raises NotPossible, and
    TakesLonger where it is not to be read now (`how`, as in `read_staged`).
    """
    if batch.state == State.CONFIRMED:
        return batch
    file = staged_file(batch)
    if batch.state not in (State.PREVIEWED, State.CONFIRMING):
        raise ImportGone("这个文件没有可以确认的预览，请重新上传文件")
    sheet = _sheet_in(kind, file, batch.pasted, how)
    rows = kind.read(sheet)
    scopes = apps.get_model(batch.scope_type)._default_manager

    def write(chunk: Sequence[Any]) -> Mapping[str, int]:
        # One import at a time writes into a scope.
        scope = scopes.select_for_update(of=("self",)).get(pk=batch.scope_id)
        planned = kind.plan(sheet, chunk if kind.chunked else rows, scope)
        note_left_out(batch, planned)
        return kind.write(planned, Confirmation(scope, actor, batch, typed or {}))

    # Whole, in one transaction with its beginning: a refusal leaves the preview as it was.
    with nullcontext() if kind.chunked else transaction.atomic():
        begin_confirmation(batch)
        while batch.state != State.CONFIRMED:
            batch = confirm_chunk(batch, rows if kind.chunked else [rows], write)
            if progress:
                progress(batch.done, len(rows))
        if left := batch.plan.get("left_out"):
            keep_returned(batch, returned_workbook(Reading(sheet, _not_written(kind, batch, left))))
    return batch


def _not_written(kind: Kind, batch: ImportBatch, left: Sequence[Mapping[str, Any]]) -> list[ReadRow[Any]]:
    """The wrong rows of the preview, with their problems, and those that were left out when the others were written."""
    changed = CellProblem(kind.form.columns[0].key, "预览以后，系统里的内容有变动", "请重新上传，看现在的原因")
    wrong = {row["row"]: [CellProblem(**each) for each in row["problems"]] for row in batch.plan["rows"]}
    found = {**wrong, **{row["row"]: [kind.left_out.get(row["code"], changed)] for row in left}}
    return [ReadRow.wrong(number, "", problems) for number, problems in found.items() if problems]


def latest_job(batch: ImportBatch) -> Job | None:
    """The job that reads or writes this import, if there is or was one."""
    case_type, case_id = case_key(batch)
    return Job.objects.filter(case_type=case_type, case_id=case_id).first()


def _read_job(kind: Kind, job: Job, progress: Progress) -> tuple[str, str]:
    """Read a staged file; done again after an interruption, it comes to the same preview."""
    batch = ImportBatch.objects.get(pk=cast(int, job.case_id))
    try:
        batch = read_staged(kind, batch)
    except NotPossible as gone:
        raise JobFailed(str(gone)) from gone
    return f"已读取 {batch.name}", kind.page(batch)


def _confirm_job(kind: Kind, job: Job, progress: Progress) -> tuple[str, str]:
    """Write a confirmed import; done again after an interruption, it goes on where it stopped."""
    batch = ImportBatch.objects.select_related("owner").get(pk=cast(int, job.case_id))
    try:
        batch = write_staged(kind, batch, actor=batch.owner, typed=job.args.get("typed"), progress=progress)
    except NotPossible as refused:
        if not kind.chunked:  # nothing was written: it can be looked at, answered and confirmed again
            back_to_preview(batch)
        raise JobFailed(str(refused)) from refused
    return kind.said(batch.result), kind.page(batch)

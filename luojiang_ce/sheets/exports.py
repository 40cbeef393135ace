"""Lists to take away as .xlsx: a short one at once, a long one in the background, found again for some days.

An app registers each list in `ready()`; its page links to an `export_view`, or calls `export_list`. The rows are asked
for anew under the account's own rights when the work is done, and the workbook lies encrypted until its owner fetches
it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from io import BytesIO
from types import SimpleNamespace
from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from luojiang_ce.access import Actor, Capability, View, can
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import Progress, ask_for
from luojiang_ce.typed import own_page, ticked_rows
from luojiang_ce.workflow.events import record

from . import kept
from .definitions import Column, Kind, Opinion, SheetForm
from .marks import mark_of
from .responses import XLSX, download, workbook_response
from .writing import Plain, write_list

KIND = "export"
AT_ONCE = 1000  # rows; about two seconds
KEEP = timedelta(days=7)
FOLDER = "exports"
CHUNK = 1000  # rows that are read at a time
Rows = Iterable[Mapping[str, Plain]]


@dataclass(frozen=True)
class Told:
    """A column: its title, and what it says of a row. A path is followed as in a template, and says nothing where
    something on the way is missing."""

    title: str
    says: str | Callable[[Any], Plain]
    kind: Kind = "text"
    width: int = 12

    def of(self, row: Any) -> Plain:
        """What it says of this row."""
        return _follow(row, self.says) if isinstance(self.says, str) else self.says(row)


def _follow(row: Any, path: str) -> Any:
    for name in path.split("."):
        if row is None:
            return None
        row = getattr(row, name)
        row = row() if callable(row) else row
    return row


@dataclass(frozen=True)
class ListExport:
    """A list: what the account sees of it, in order, the filters of its page, and its columns.

    `dress(rows, query, account)`: the rows with what a page works out for many at once, whatever its filters ask for.
    """

    title: str
    seen: Callable[[Any], QuerySet[Any]]
    filters: Any
    columns: tuple[Told, ...]
    dress: Callable[[list[Any], QueryDict, Actor], Iterable[Any]] = lambda rows, query, account: rows

    def found(self, account: Any, query: QueryDict) -> QuerySet[Any]:
        """The rows as the page's filters leave them; of a request they look at nothing but the user."""
        rows: QuerySet[Any] = self.filters(query, queryset=self.seen(account), request=SimpleNamespace(user=account)).qs
        return rows

    def rows(self, found: QuerySet[Any], query: QueryDict, account: Actor) -> Rows:
        """These rows in words, by the number of the column.

        Read whole chunks, by keys: whoever reads on from an open cursor on SQLite can note no progress after others
        have written.
        """
        keys = list(found.values_list("pk", flat=True))
        for start in range(0, len(keys), CHUNK):
            chunk = list(found.filter(pk__in=keys[start : start + CHUNK]))
            for row in self.dress(chunk, query, account):
                yield {str(n): each.of(row) for n, each in enumerate(self.columns)}

    @cached_property
    def form(self) -> SheetForm:
        """The workbook's columns."""
        columns = (Column(str(n), each.title, kind=each.kind, width=each.width) for n, each in enumerate(self.columns))
        return SheetForm(self.title, self.title, tuple(columns))


_exports: dict[str, ListExport] = {}


def register_export(key: str, export: ListExport) -> None:
    """Make a list known; called in the app's `ready()`."""
    _exports[key] = export


def export_title(key: str) -> str:
    """How a list is called; empty where there is none of that key."""
    return _exports[key].title if key in _exports else ""


def people_workbook(
    request: HttpRequest,
    form: SheetForm,
    rows: Iterable[Mapping[str, Plain]],
    name: str,
    head: Mapping[str, Plain] | None = None,
    boxes: Sequence[Opinion] = (),
) -> HttpResponse:
    """The people of a case, or of a register, as a workbook; on record, as every list of people that is taken away."""
    account: Any = request.user
    found = list(rows)
    record(account, "exported", actor=account, data={"list": name, "rows": len(found)})
    return workbook_response(form, found, name, head, boxes, taken_by=account)


def export_list(request: HttpRequest, key: str) -> HttpResponseBase:
    """The list as the page's filters leave it, or of it what was ticked on the page: a workbook, or the page of the job
    that makes it. It is on record."""
    account: Any = request.user
    export = _exports[key]
    found = export.found(account, request.GET)
    ticked = None
    if request.method == "POST":
        ticked = ticked_rows(request.POST)
        found = found.filter(pk__in=ticked)
    number = found.count()
    if request.method == "POST" and not number:
        messages.error(request, "还没有勾选，请先勾选要导出的行")
        return redirect(own_page(request.POST.get("back", ""), "/"))
    record(account, "exported", actor=account, data={"list": key, "rows": number})
    if number <= AT_ONCE:
        rows = export.rows(found, request.GET, account)
        return workbook_response(export.form, rows, export.title, taken_by=account)
    title = f"导出{export.title}（{number} 行）"
    job = ask_for(
        KIND, title=title, owner=account, args={"list": key, "query": request.GET.urlencode(), "ticked": ticked}
    )
    return redirect("jobs:progress", uid=job.uid)


def export_view(capability: Capability, key: str) -> View:
    """The view that hands the list of this key to whoever has the capability."""

    @can(capability)
    def export(request: HttpRequest) -> HttpResponseBase:
        """The list as .xlsx."""
        return export_list(request, key)

    return export


def make_workbook(job: Job, progress: Progress) -> tuple[str, str]:
    """The job's work: write the list and keep it, encrypted, for its owner."""
    export = _exports[job.args["list"]]
    account = get_user_model().objects.get(pk=job.owner_id)
    query = QueryDict(job.args["query"])
    found = export.found(account, query)
    if (ticked := job.args.get("ticked")) is not None:
        found = found.filter(pk__in=ticked)
    total, book = found.count(), BytesIO()
    rows = _counted(export.rows(found, query, account), total, progress)
    write_list(export.form, rows, book, mark=mark_of(account))
    kept.keep(job, book.getvalue(), account, FOLDER)
    return f"共 {total} 行，{KEEP.days} 天内可以下载", reverse("sheets:export", args=[job.uid])


def kept_workbook(job: Job, account: Actor) -> HttpResponseBase | None:
    """The workbook of a finished job, for its owner; None when it has been deleted, or a role was lost since."""
    content = kept.kept(job, account, FOLDER)
    return None if content is None else download(content, f"{_exports[job.args['list']].title}.xlsx", XLSX)


def purge_exports() -> int:
    """Delete workbooks older than KEEP: they hold people's data. Returns how many went."""
    return kept.purge(KIND, KEEP, "文件已按期删除，需要的请重新导出", FOLDER)


def _counted(rows: Rows, total: int, progress: Progress) -> Rows:
    for number, row in enumerate(rows):
        if number % 500 == 0:
            progress(number, total)
        yield row

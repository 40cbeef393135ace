"""Which cases belong to a year, and which of them are closed. It walks every registered kind, so that a new one is
archived without a line here.

A case belongs to the year that it is about (`CaseKind.year`, or its field `year`); one that is about no year to that in
which it was first closed (DA/T 22: 跨年度办理的归入办结年), whatever was done to it afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from django.db.models import F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow.case_kind import CaseKind, Workflow, kind_of, kinds_with_a_table
from luojiang_ce.workflow.models import Event

CHUNK = 50  # cases at hand at a time: a class brings the signs of all its trainees
T = TypeVar("T")
LATER = "；办结后归入办结的年度"
PENDING = (Paper.State.PENDING, Paper.State.FAILED)


@dataclass(frozen=True)
class Belonging:
    """A case of the year; `reason`: why it is not closed, empty where it is; the last event about it or its papers."""

    case: Any
    reason: str
    last_event: int


def in_chunks(rows: Iterable[T]) -> Iterator[list[T]]:
    """As many at a time as are at hand at once."""
    waiting = iter(rows)
    while some := list(islice(waiting, CHUNK)):
        yield some


def year_path(kind: CaseKind) -> str:
    """The path to the year that a case of this kind is about; empty where it is about none."""
    return kind.year or ("year" if "year" in _names(kind) else "")


def _names(kind: CaseKind) -> set[str]:
    return {each.name for each in kind.model._meta.concrete_fields}


def archived_kinds() -> list[CaseKind]:
    """The kinds whose cases are archived; papers lie with the case that they are of."""
    return [kind for kind, _ in kinds_with_a_table() if kind.archived and kind.model is not Paper]


def belonging(kind: CaseKind, year: int) -> Iterator[Belonging]:
    """The cases of a kind that belong to a year, in their order; drafts that were never handed over are none."""
    rows = _rows(kind, year)
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    for some in in_chunks(ids):
        chunk = list(rows_at_hand(kind, some))
        last, pending = last_events(chunk), _with_pending(chunk)
        for case in chunk:
            reason = why_open(case) or (f"有 {pending[case.pk]} 份文书尚未生成" if case.pk in pending else "")
            yield Belonging(case, reason, last.get(case.pk, 0))


def rows_at_hand(kind: CaseKind, ids: list[int]) -> Any:
    """Cases by id, with what their names need."""
    links = [each.name for each in kind.model._meta.concrete_fields if each.is_relation]
    return kind.model._default_manager.filter(pk__in=ids).select_related(*links).order_by("pk")


def why_open(case: Any) -> str:
    """Why a case is not closed: whose turn it is, or that what it is a row of is not; empty where it is closed."""
    kind = kind_of(case)
    table: Workflow = kind.table  # type: ignore[assignment]  # asked of kinds with a table
    if turns := table.states[case.state].turns_of(case):
        return f"状态是“{case.get_state_display()}”，等{turns[0].who.label}办理{'' if year_path(kind) else LATER}"
    for field in {table.within, table.filed_with} - {""}:
        whole = getattr(case, field)
        if whole is not None and why_open(whole):
            return f"所在的{whole._meta.verbose_name}“{whole}”尚未办结"
    return ""


def last_events(cases: list[Any]) -> dict[int, int]:
    """The last event about each of these cases of one kind, or about a paper of it. Three queries."""
    if not cases:
        return {}
    key, ids = cases[0]._meta.label_lower, [case.pk for case in cases]
    own = Event.objects.filter(case_type=key, case_id__in=ids).order_by().values_list("case_id")
    found = dict(own.annotate(last=Max("pk")))
    papers = dict(Paper.objects.filter(case_type=key, case_id__in=ids).values_list("pk", "case_id"))
    of_papers = Event.objects.filter(case_type=Paper._meta.label_lower, case_id__in=papers).order_by()
    for paper, last in of_papers.values_list("case_id").annotate(last=Max("pk")):
        found[papers[paper]] = max(found.get(papers[paper], 0), last)
    return found


def _rows(kind: CaseKind, year: int) -> Any:
    rows, names = kind.model._default_manager.all(), _names(kind)
    if "first_submitted_at" in names:
        rows = rows.exclude(state="draft", first_submitted_at=None)
    if path := year_path(kind):
        return rows.filter(**{path: year})
    moved = Event.objects.filter(~Q(source=F("target")), case_type=kind.key, case_id=OuterRef("pk"))
    closed = moved.exclude(target__in=kind.table.open_states)  # type: ignore[union-attr]  # of kinds with a table
    first, last = Subquery(closed.order_by("pk").values("at")[:1]), Subquery(moved.order_by("-pk").values("at")[:1])
    began = [F("created_at")] if "created_at" in names else []
    return rows.annotate(belongs_at=Coalesce(first, last, *began)).filter(belongs_at__year=year)


def _with_pending(cases: list[Any]) -> dict[int, int]:
    """How many papers of a case are still being made. One query."""
    found: dict[int, int] = {}
    if cases:
        rows = Paper.objects.filter(case_type=cases[0]._meta.label_lower, case_id__in=[case.pk for case in cases])
        for pk in rows.filter(state__in=PENDING).values_list("case_id", flat=True):
            found[pk] = found.get(pk, 0) + 1
    return found

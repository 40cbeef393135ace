"""What a package would hold, told before it is asked for: how many cases, how many of them are still open, and of how
many papers no published head could prove anything yet. Of a supplement: of the cases that it looks at.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from operator import or_
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, TextField, Value
from django.db.models.constants import LOOKUP_SEP
from django.db.models.functions import Cast

from luojiang_ce.papers.leaves import ISSUED
from luojiang_ce.papers.models import Paper
from luojiang_ce.proof import tree
from luojiang_ce.workflow.case_kind import CaseKind, kind_of

from .blocks import in_blocks
from .later import KEPT_SECONDS, later_of
from .traces import whole_fields
from .year import PENDING, archived_kinds, reasons_of, rows_at_hand, rows_by_year, rows_of

LOOKED_AT = 500  # open cases that are judged one by one for a page; where there are more, it says so
_CACHED = "archive:cases-by-year"
Rows = Sequence[tuple[CaseKind, Any]]


@dataclass(frozen=True)
class Outlook:
    """`cases`: that belong to it, `open`: of those that are not closed and stay out (`more`: at least), `waiting`:
    papers that no published head holds."""

    cases: int
    open: int
    more: bool
    waiting: int

    @property
    def packed(self) -> int:
        """How many would lie in the package."""
        return self.cases - self.open

    @property
    def open_said(self) -> str:
        """So many of them, as pages say it."""
        return f"{self.open} 件{'以上' if self.more else ''}"


def outlook(year: int, *, supplement: bool = False) -> Outlook:
    """Of a whole year, or of what came and changed since it was packed. Three queries, and a few for each kind of which
    cases may be open or papers wait."""
    rows = _supplemented(year) if supplement else [(kind, rows_of(kind, year)) for kind in archived_kinds()]
    found = list(islice(_open(rows), LOOKED_AT + 1))
    return Outlook(_count(rows), len(found[:LOOKED_AT]), len(found) > LOOKED_AT, _waiting(rows))


def _supplemented(year: int) -> Rows:
    ids: dict[str, list[int]] = defaultdict(list)
    for each in later_of(year):
        ids[each.kind].append(each.case_id)
    kinds = (kind for kind in archived_kinds() if kind.key in ids)
    return [(kind, kind.model._default_manager.filter(pk__in=ids[kind.key])) for kind in kinds]


def _count(rows: Rows) -> int:
    return _all(_named(kind, of_kind) for kind, of_kind in rows).count() if rows else 0


def _open(rows: Rows) -> Iterator[int]:
    """The cases that are not closed, as the package itself will judge them."""
    if not rows:
        return
    ids: dict[str, list[int]] = defaultdict(list)
    doubtful = _all(_named(kind, of_kind.filter(_may_be_open(kind))) for kind, of_kind in rows)
    for key, case in doubtful[: 2 * LOOKED_AT]:
        ids[key].append(case)
    for kind, _ in rows:
        for some in in_blocks(ids[kind.key]):
            yield from reasons_of(kind, list(rows_at_hand(kind, some)))


def _named(kind: CaseKind, rows: Any) -> Any:
    named = rows.order_by().annotate(of_kind=Value(kind.key, TextField()), of_case=F("pk"))
    return named.values_list("of_kind", "of_case")


def _all(rows: Iterable[Any]) -> Any:
    first, *others = rows
    return first.union(*others, all=True)


def _may_be_open(kind: CaseKind) -> Q:
    """Is it, or what it is a row of, in a state in which it may be somebody's turn, or are papers of it being made?"""
    made = Paper.objects.filter(case_type=kind.key, case_id=OuterRef("pk"), state__in=PENDING).order_by()
    return reduce(or_, _in_open_states(kind), Q(Exists(made)))


def _in_open_states(kind: CaseKind, path: str = "") -> Iterator[Q]:
    yield Q(**{f"{path}state__in": kind.table.open_states})  # type: ignore[union-attr]  # of kinds with a table
    for name in whole_fields(kind):
        whole: Any = kind.model._meta.get_field(name).related_model
        yield from _in_open_states(kind_of(whole), f"{path}{name}{LOOKUP_SEP}")


def _waiting(rows: Rows) -> int:
    """Papers of these cases that no published head holds: beside them would lie no proof."""
    waiting = tree.unpublished(ISSUED).exclude(number=None).order_by().values_list("case_type", "case_id")
    papers: dict[str, Counter[int]] = defaultdict(Counter)
    for key, case in waiting:
        papers[key][case] += 1
    return sum(_of_rows(of_kind, papers[kind.key]) for kind, of_kind in rows if kind.key in papers)


def _of_rows(rows: Any, papers: Counter[int]) -> int:
    """Papers of those of these cases that are among the rows."""
    return sum(papers[pk] for some in in_blocks(papers) for pk in rows.filter(pk__in=some).values_list("pk", flat=True))


def cases_by_year() -> dict[int, int]:
    """How many cases belong to each year, as of at most ten minutes ago. One query."""
    found: Any = cache.get_or_set(_CACHED, _by_year, KEPT_SECONDS)
    return dict(found)


def _by_year() -> dict[int, int]:
    counted: Counter[int] = Counter()
    for year, cases in _all(_years_of(kind) for kind in archived_kinds()):
        counted[year] += cases
    return dict(counted)


def _years_of(kind: CaseKind) -> Any:
    rows, path = rows_by_year(kind)
    grouped = rows.order_by().annotate(of_year=Cast(F(path), IntegerField())).values("of_year")
    return grouped.annotate(of_cases=Count("pk")).values_list("of_year", "of_cases")


def forget() -> None:
    """Count again."""
    cache.delete(_CACHED)

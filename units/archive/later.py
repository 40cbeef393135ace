"""What a year's packages do not hold as it is now: cases that came after them, cases that went on since, and cases that
were left out and may be closed by now. The page of the year and a supplement rest on the same answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.core.cache import cache
from django.db.models import Exists, F, OuterRef, Q, TextField, Value
from django.db.models.functions import Cast

from luojiang_ce.workflow.case_kind import CaseKind, always

from .blocks import in_blocks
from .content import clean
from .models import Item, Package
from .traces import has_changed, whole_has_changed
from .year import archived_kinds, kind_name, reasons_of, rows_at_hand, rows_of, year_path

KEPT_SECONDS = 600  # the list of years looks at every case of every year that was packed
_CACHED = "archive:changed-years"
CAME_LATER = "封装后新增"
PACKED = "已归档"
NOTHING = Value("")


@dataclass(frozen=True)
class Later:
    """A case that a supplement is to look at: its kind and id, and how it stood in the packages so far: not at all (no
    title), packed, or left out for a reason."""

    kind: str
    case_id: int
    title: str
    reason: str

    @property
    def then(self) -> str:
        """How it stood, in words."""
        return (self.reason or PACKED) if self.title else CAME_LATER


@dataclass(frozen=True)
class Shown:
    """One of them as a page shows it: `now`: why it is not closed now; empty where a supplement can take it."""

    title: str
    then: str
    now: str


def later_of(year: int) -> list[Later]:
    """All of a year, kind by kind; none where the year was never packed. Two queries, and a few for each kind of which
    something was left out that may be closed now."""
    packages = list(Package.objects.filter(year=year).standing().order_by().values_list("pk", flat=True))
    found = [Later(*row) for row in _rows(year, packages).order_by("of_kind", "of_case")] if packages else []
    left: dict[str, list[int]] = defaultdict(list)
    for each in found:
        if each.reason:
            left[each.kind].append(each.case_id)
    still_open = {(kind.key, pk) for kind in archived_kinds() for pk in _still_open(kind, left[kind.key])}
    return [each for each in found if (each.kind, each.case_id) not in still_open]


def _still_open(kind: CaseKind, ids: Sequence[int]) -> Iterator[int]:
    """Of cases that were left out those that still are not closed: of them the package tells the truth."""
    for some in in_blocks(ids):
        yield from reasons_of(kind, list(rows_at_hand(kind, some)))


def shown(some: Sequence[Later]) -> list[Shown]:
    """Those of a page, with their names and how they are now. A few queries for each kind among them."""
    return [each for kind in archived_kinds() for each in _shown(kind, [row for row in some if row.kind == kind.key])]


def _shown(kind: CaseKind, some: Sequence[Later]) -> Iterator[Shown]:
    cases = {case.pk: case for case in rows_at_hand(kind, [row.case_id for row in some])} if some else {}
    reasons = reasons_of(kind, list(cases.values()))
    for row in some:
        if case := cases.get(row.case_id):
            yield Shown(row.title or title_of(kind, case), row.then, reasons.get(case.pk, ""))


def title_of(kind: CaseKind, case: Any) -> str:
    """How a case is called in the archive."""
    return clean(f"{kind_name(kind.key)}：{case}")[:300]


def changed_years() -> set[int]:
    """The years of which there are any, as of at most ten minutes ago."""
    found: Any = cache.get_or_set(_CACHED, _asked, KEPT_SECONDS)
    return set(found)


def forget() -> None:
    """A package was made: look again."""
    cache.delete(_CACHED)


def _asked() -> set[int]:
    years = set(Package.objects.standing().order_by().values_list("year", flat=True))
    return {year for year in years if later_of(year)}


# --- in the database: one query for all kinds -------------------------------------------------------------------------


def _rows(year: int, packages: Sequence[int]) -> Any:
    items = Item.objects.filter(package__in=packages)
    came = (_columns(_came(kind, year, items), Value(kind.key), "pk") for kind in archived_kinds())
    return _columns(_went_on(year, items), "case_type", "case_id", "title", "reason").union(*came, all=True)


def _columns(rows: Any, kind: Any, case: str, title: Any = NOTHING, reason: Any = NOTHING) -> Any:
    texts = {"of_kind": kind, "of_title": title, "of_reason": reason}
    told = {name: Cast(text, TextField()) for name, text in texts.items()}
    return rows.order_by().annotate(of_case=F(case), **told).values_list("of_kind", "of_case", "of_title", "of_reason")


def _came(kind: CaseKind, year: int, items: Any) -> Any:
    """Cases of the year that stand in none of its packages."""
    of_kind = items.filter(case_type=kind.key, case_id=OuterRef("pk"))
    return rows_of(kind, year).filter(~Exists(of_kind))


def _went_on(year: int, items: Any) -> Any:
    """Items, each the last of its case, of cases that still belong to the year and about which something was done; of
    what was left out only what may be closed by now."""
    kinds = archived_kinds()
    case = {"case_type": OuterRef("case_type"), "case_id": OuterRef("case_id")}
    last = ~Exists(items.filter(**case, pk__gt=OuterRef("pk")))
    changed, whole = has_changed(kinds), whole_has_changed(kinds)
    left = ~Q(reason="") & (changed | whole) & _any(kinds, _may_be_closed)
    of_year = _any(kinds, lambda kind: _is_about(kind, year))
    return items.filter(Q(reason="") & changed | left, last, of_year, stays=True)


def _any(kinds: Sequence[CaseKind], test: Callable[[CaseKind], Q]) -> Q:
    """Of items: what holds of their kind."""
    return reduce(or_, (Q(case_type=kind.key) & test(kind) for kind in kinds))


def _is_about(kind: CaseKind, year: int) -> Q:
    """Is the case still about the year? One about none stays in that in which it was first closed."""
    path = year_path(kind)
    return Q(Exists(_case(kind).filter(**{path: year}))) if path else ~Q(pk__in=[])


def _may_be_closed(kind: CaseKind) -> Q:
    """Is the case in no state in which it is always somebody's turn?"""
    states = kind.table.states.items()  # type: ignore[union-attr]  # of kinds with a table
    surely_open = [name for name, info in states if any(turn.when is always for turn in info.turns)]
    return Q(Exists(_case(kind).exclude(state__in=surely_open)))


def _case(kind: CaseKind) -> Any:
    return kind.model._base_manager.filter(pk=OuterRef("case_id")).order_by()

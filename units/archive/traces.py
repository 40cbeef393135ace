"""What is done to a case and to what belongs to it, as it can be told apart later: the last event, and how many rows
that have no events of their own (hours in the ledger and what counters them) name it.

The events are those of the case, of its papers, and of the rows below it that are a kind of case without states (sheets
of a class, opinions): the same that lie in the package (`records`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from operator import add
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, Subquery, Value
from django.db.models.constants import LOOKUP_SEP
from django.db.models.functions import Coalesce

from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow.case_kind import CaseKind
from luojiang_ce.workflow.models import Event

from .blocks import in_blocks
from .content import generic_links, is_kind, links_to

CHAIN = 4  # an entry is countered, comes back, is countered again, comes back


@dataclass(frozen=True)
class Way:
    """From rows of a model to the case to which they belong: the path to its id, and where rows of several kinds of
    cases do, the path to its kind."""

    model: Any
    path: str
    type_path: str = ""

    def rows(self, key: Any, lookup: str, cases: Any) -> Any:
        """The rows of cases of a kind. `cases`: by `exact` an id, by `in` several, or references to them."""
        of_kind = {self.type_path: key} if self.type_path else {}
        return self.model._base_manager.filter(**of_kind, **{f"{self.path}__{lookup}": cases}).order_by()

    def owners(self, key: str, ids: Sequence[int]) -> dict[int, int]:
        """The rows of many cases: their ids with those of the cases."""
        return dict(self.rows(key, "in", ids).values_list("pk", self.path))

    def counts(self, key: str, ids: Sequence[int]) -> dict[int, int]:
        """How many rows each of these cases has."""
        return dict(self.rows(key, "in", ids).values_list(self.path).annotate(Count("pk")))


PAPERS = Way(Paper, "case_id", "case_type")


@cache
def naming() -> tuple[Way, ...]:
    """To rows that name their case, whatever kind it is of."""
    return tuple(Way(child, id_name, type_name) for child, (type_name, id_name) in generic_links())


def below(model: Any) -> tuple[Way, ...]:
    """To rows that point at a case of this model, or at rows that do."""
    return tuple(Way(child, path) for child, path in _below(model))


def _below(model: Any, to: str = "", seen: frozenset[Any] = frozenset()) -> Iterator[tuple[Any, str]]:
    for child, name in links_to(model):
        if child not in seen:
            path = f"{name}{LOOKUP_SEP}{to}" if to else name
            yield child, path
            yield from _below(child, path, seen | {model, child})


def with_events(ways: Sequence[Way]) -> list[Way]:
    """Those of them to rows that have events of their own."""
    return [way for way in ways if is_kind(way.model)]


@cache
def entries() -> tuple[Way, ...]:
    """To rows that name their case and have no events, and to what counters those, whatever names it: a counter-entry
    is its corrector's, and may be countered in turn."""
    named = [way for way in naming() if not is_kind(way.model)]
    return (*named, *(each for way in named for each in _countering(way)))


def _countering(way: Way) -> Iterator[Way]:
    for name in (name for child, name in links_to(way.model) if child is way.model):
        for chain in (LOOKUP_SEP.join([name] * times) for times in range(1, CHAIN + 1)):
            yield Way(way.model, f"{chain}{LOOKUP_SEP}{way.path}", f"{chain}{LOOKUP_SEP}{way.type_path}")


# --- of cases at hand -------------------------------------------------------------------------------------------------


def last_events(kind: CaseKind, ids: Sequence[int]) -> dict[int, int]:
    """The last event about each of these cases and what belongs to it. Its queries do not grow with the cases as long
    as what belongs to them fits into a block."""
    found: Counter[int] = Counter()
    _take_last(found, kind.key, {pk: [pk] for pk in ids})
    for way in (PAPERS, *with_events(naming()), *with_events(below(kind.model))):
        owners = way.owners(kind.key, ids)
        _take_last(found, way.model._meta.label_lower, {row: [case] for row, case in owners.items()})
    return dict(found)


def last_of_wholes(kind: CaseKind, cases: Sequence[Any]) -> dict[int, int]:
    """The last event about what each of these cases is a row of: a row is not closed before that is."""
    found: Counter[int] = Counter()
    for name in whole_fields(kind):
        rows: dict[int, list[int]] = defaultdict(list)
        for case in cases:
            rows[getattr(case, f"{name}_id")].append(case.pk)
        _take_last(found, _whole_key(kind, name), rows)
    return dict(found)


def _take_last(found: Counter[int], key: str, cases: Mapping[int, Sequence[int]]) -> None:
    """`cases`: by the id of a row, for which cases its events count."""
    for some in in_blocks(cases):
        rows = Event.objects.filter(case_type=key, case_id__in=some).order_by().values_list("case_id")
        for pk, last in rows.annotate(last=Max("pk")):
            found.update({case: max(0, last - found[case]) for case in cases[pk]})


def rows_of_each(kind: CaseKind, ids: Sequence[int]) -> dict[int, int]:
    """How many rows belong to each of these cases, nearly: what names a row of it is left out."""
    return _counted((*below(kind.model), *naming()), kind, ids)


def entries_of(kind: CaseKind, ids: Sequence[int]) -> dict[int, int]:
    """How many rows without events name each of these cases, with what counters them."""
    return _counted(entries(), kind, ids)


def _counted(ways: Sequence[Way], kind: CaseKind, ids: Sequence[int]) -> dict[int, int]:
    found: Counter[int] = Counter()
    for way in ways:
        found.update(way.counts(kind.key, ids))
    return dict(found)


# --- of items of a package, in the database ---------------------------------------------------------------------------


def has_changed(kinds: Sequence[CaseKind]) -> Q:
    """Of items of these kinds: was something done to the case, or to what belongs to it, since it was looked at?
    Entries are counted where there were some then: those that came to a case without any came with an event of it."""
    found = Q(_since(OuterRef("case_type"), OuterRef("case_id")))
    for way in (PAPERS, *with_events(naming())):
        found |= _since_of(way)
    for kind in kinds:
        for way in with_events(below(kind.model)):
            found |= Q(case_type=kind.key) & _since_of(way)
    of_each = (way.rows(OuterRef("case_type"), "exact", OuterRef("case_id")) for way in entries())
    now: Any = reduce(add, (Coalesce(Subquery(_number(rows)), 0) for rows in of_each), Value(0))
    return found | Q(entries__gt=0) & ~Q(entries=now)


def whole_has_changed(kinds: Sequence[CaseKind]) -> Q:
    """Of items of these kinds: was something done to what the case is a row of?"""
    found = Q(pk__in=[])
    for kind in kinds:
        for name in whole_fields(kind):
            whole = kind.model._base_manager.filter(pk=OuterRef(OuterRef("case_id"))).values(name)
            found |= Q(_since(_whole_key(kind, name), whole), case_type=kind.key)
    return found


def _since_of(way: Way) -> Q:
    rows = way.rows(OuterRef(OuterRef("case_type")), "exact", OuterRef(OuterRef("case_id"))).values("pk")
    return Q(_since(way.model._meta.label_lower, rows))


def _since(key: Any, rows: Any) -> Exists:
    """Is there a later event about a row, or one of some rows, of a kind?"""
    which = {"case_id": rows} if isinstance(rows, OuterRef) else {"case_id__in": rows}
    return Exists(Event.objects.filter(case_type=key, pk__gt=OuterRef("last_event"), **which).order_by())


def _number(rows: Any) -> Any:
    return rows.annotate(all=Value(1)).values("all").annotate(number=Count("pk")).values("number")


def whole_fields(kind: CaseKind) -> list[str]:
    """The fields that say what a case is a row of."""
    table: Any = kind.table
    return sorted({table.within, table.filed_with} - {""})


def _whole_key(kind: CaseKind, name: str) -> str:
    return str(kind.model._meta.get_field(name).related_model._meta.label_lower)

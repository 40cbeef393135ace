"""Which cases belong to a year, and which of them are closed. It walks every registered kind, so that a new one is
archived without a line here.

A case belongs to the year that it is about (`CaseKind.year`, or its field `year`); one that is about no year to that in
which it was first closed (DA/T 22: 跨年度办理的归入办结年), whatever was done to it afterwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from luojiang_ce.papers.kinds import paper_kinds
from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow.case_kind import CaseKind, Workflow, kind_of, kinds_with_a_table
from luojiang_ce.workflow.models import Event

from .blocks import in_blocks
from .naming import fit_for_files
from .traces import entries_of, last_events, last_of_wholes, whole_fields

FIRST_YEAR = 2000  # nothing older is in the system
LATER = "；办结后归入办结的年度"
PENDING = (Paper.State.PENDING, Paper.State.FAILED)


@dataclass(frozen=True)
class Belonging:
    """A case of the year. `reason`: why it is not closed, empty where it is. `last_event`: the last about it and what
    belongs to it, for one that is not closed also about what it is a row of. `entries`: how many rows without events
    of their own (hours in the ledger) name it."""

    case: Any
    reason: str
    last_event: int
    entries: int

    @property
    def stays(self) -> bool:
        """Does it belong to the year whatever becomes of it?"""
        return not self.reason.endswith(LATER)


def year_path(kind: CaseKind) -> str:
    """The path to the year that a case of this kind is about; empty where it is about none."""
    return kind.year or ("year" if "year" in _names(kind) else "")


def _names(kind: CaseKind) -> set[str]:
    return {each.name for each in kind.model._meta.concrete_fields}


def archived_kinds() -> list[CaseKind]:
    """The kinds whose cases are archived; papers lie with the case that they are of. Those with papers about cases of
    other kinds come first: their files are there before anything leads to them."""
    kinds = [kind for kind, _ in kinds_with_a_table() if kind.archived and kind.model is not Paper]
    about_others = {
        each.case_model for each in paper_kinds().values() if each.subject_model not in (None, each.case_model)
    }
    return sorted(kinds, key=lambda kind: kind.model not in about_others)


def kind_name(key: str) -> str:
    """What people call a kind of case; its key where there is none any more."""
    return next((str(kind.model._meta.verbose_name) for kind in archived_kinds() if kind.key == key), key)


def folder_name(key: str) -> str:
    """What the folder of a kind is called: as the kind is, with the app's name where two kinds are called alike."""
    return _folder_names(tuple((kind.key, str(kind.model._meta.verbose_name)) for kind in archived_kinds())).get(
        key, fit_for_files(key)
    )


@cache
def _folder_names(kinds: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """By key, of kinds with their names: asked for each case of a package, made once."""
    names = {key: fit_for_files(name) for key, name in kinds}
    alike = Counter(names.values())
    return {key: name if alike[name] < 2 else f"{name}（{_app_name(key)}）" for key, name in names.items()}


def _app_name(key: str) -> str:
    return fit_for_files(str(apps.get_app_config(key.partition(".")[0]).verbose_name))


def belonging(kind: CaseKind, year: int) -> Iterator[Belonging]:
    """The cases of a kind that belong to a year, in their order; drafts that were never handed over are none."""
    yield from looked_at(kind, list(rows_of(kind, year).order_by("pk").values_list("pk", flat=True)))


def looked_at(kind: CaseKind, ids: Sequence[int]) -> Iterator[Belonging]:
    """Cases by id, as they are now."""
    for some in in_blocks(ids):
        cases = list(rows_at_hand(kind, some))
        reasons, last, entries = reasons_of(kind, cases), last_events(kind, some), entries_of(kind, some)
        wholes = last_of_wholes(kind, [case for case in cases if case.pk in reasons])
        for case in cases:
            seen = max(last.get(case.pk, 0), wholes.get(case.pk, 0))
            yield Belonging(case, reasons.get(case.pk, ""), seen, entries.get(case.pk, 0))


def rows_at_hand(kind: CaseKind, ids: Sequence[int]) -> Any:
    """Cases by id, with what their names, turns and fields need."""
    links = [each.name for each in kind.model._meta.concrete_fields if each.is_relation]
    many = [each.name for each in kind.model._meta.many_to_many]
    rows = kind.rows(kind.model._default_manager.filter(pk__in=ids)).defer(None)  # every field is archived
    return rows.select_related(*links).prefetch_related(*many).order_by("pk")


def reasons_of(kind: CaseKind, cases: Sequence[Any]) -> dict[int, str]:
    """Why cases of a kind are not closed: whose turn it is, that what they are rows of is not, that papers are still
    made; of those that are closed nothing. At most two queries."""
    turns = {case.pk: told for case in cases if (told := _turn(case))}
    if turns and not year_path(kind):
        closed = _closings(kind).filter(case_id__in=list(turns)).order_by().values_list("case_id", flat=True)
        turns |= {pk: f"{turns[pk]}{LATER}" for pk in turns.keys() - set(closed)}
    return _pending(kind, cases) | {case.pk: told for case in cases if (told := _open_whole(case))} | turns


def _turn(case: Any) -> str:
    """Whose turn it is with a case; empty where it is nobody's."""
    table: Workflow = kind_of(case).table  # type: ignore[assignment]  # asked of kinds with a table
    turns = table.states[case.state].turns_of(case)
    return f"状态是“{case.get_state_display()}”，等{turns[0].who.label}办理" if turns else ""


def _open_whole(case: Any) -> str:
    """That what a case is a row of is not closed; empty where it is."""
    wholes = [whole for field in whole_fields(kind_of(case)) if (whole := getattr(case, field)) is not None]
    found = (f"所在的{each._meta.verbose_name}“{each}”尚未办结" for each in wholes if _turn(each) or _open_whole(each))
    return next(found, "")


def rows_of(kind: CaseKind, year: int) -> Any:
    """The rows of a kind that belong to a year."""
    rows, path = rows_by_year(kind)
    return rows.filter(**{path: year})


def rows_by_year(kind: CaseKind) -> tuple[Any, str]:
    """All rows of a kind that are archived in some year, and the path to that year."""
    rows, names = kind.model._default_manager.all(), _names(kind)
    if "first_submitted_at" in names:
        rows = rows.exclude(state="draft", first_submitted_at=None)
    if path := year_path(kind):
        return rows, path
    moved = _moves(kind).filter(case_id=OuterRef("pk"))
    closed = _closings(kind).filter(case_id=OuterRef("pk"))
    first, last = Subquery(closed.order_by("pk").values("at")[:1]), Subquery(moved.order_by("-pk").values("at")[:1])
    began = [F("created_at")] if "created_at" in names else []
    return rows.annotate(belongs_at=Coalesce(first, last, *began)), "belongs_at__year"


def _moves(kind: CaseKind) -> Any:
    return Event.objects.filter(~Q(source=F("target")), case_type=kind.key)


def _closings(kind: CaseKind) -> Any:
    return _moves(kind).exclude(target__in=kind.table.open_states)  # type: ignore[union-attr]  # of kinds with a table


def _pending(kind: CaseKind, cases: Sequence[Any]) -> dict[int, str]:
    """Of which cases papers are still being made."""
    rows = Paper.objects.filter(case_type=kind.key, case_id__in=[case.pk for case in cases], state__in=PENDING)
    found = Counter(rows.values_list("case_id", flat=True)) if cases else Counter()
    return {pk: f"有 {count} 份文书尚未生成" for pk, count in found.items()}

"""What the log says happened, against the rows that say how things stand: whoever alters a row and leaves the log alone
is found here. The blocks and apps above register what is theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, Subquery

from . import chain
from .case_kind import CaseKind, Workflow, kinds_with_a_table
from .chain import BATCH, Audit, Done, batches, readable
from .drafts import DELETED
from .models import Event, LeftEvent

Progress = Callable[[int, int], None]  # how many rows of how many are looked at
STEP = 500  # rows between two words of how far it is


@dataclass(frozen=True)
class Compared:
    """Rows that are held against the events that made them.

    `count`: how many there are to look at; `check` yields what is wrong, in Chinese with the place, and says how many
    more it has looked at; `older`: what it cannot tell, because the events are from before it was in them.
    """

    label: str
    count: Callable[[], int]
    check: Callable[[Done], Iterable[str]]
    older: Callable[[], str] = lambda: ""


_compared: list[Compared] = []


def register_comparison(compared: Compared) -> None:
    """Have these rows looked at by every check; called in the app's `ready()`."""
    _compared.append(compared)


def check(progress: Progress = lambda done, total: None) -> Audit:
    """The log by itself, then everything registered against it. Reads only, in bounded memory."""
    compared = [Compared("办理状态", _cases, _check_states), *_compared]
    events = Event.objects.count() + LeftEvent.objects.count()
    done = _Counter(progress, 3 * events + sum(each.count() for each in compared))
    audit = chain.check(done)
    if audit.problems:
        audit.problems = _still(audit.problems, chain.check().problems)
    for each in compared:
        audit.problems += (f"{each.label}：{problem}" for problem in _found_twice(each, done))
        if older := each.older():
            audit.notes.append(f"{each.label}：{older}")
    done.finish()
    return audit


def _found_twice(compared: Compared, done: Done) -> list[str]:
    found = list(readable("比对", compared.check(done)))
    return _still(found, readable("比对", compared.check(lambda rows: None))) if found else []


def _still(found: Iterable[str], again: Iterable[str]) -> list[str]:
    """What is wrong at both looks. Rows and their events are not read at one moment: what somebody did in between looks
    like an alteration, and is none when it is looked at again."""
    there = frozenset(again)
    return [problem for problem in found if problem in there]


class _Counter:
    """Adds up what the parts have looked at, and tells of it now and then."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done, self._told = progress, max(total, 1), 0, 0

    def __call__(self, rows: int) -> None:
        self._done = min(self._done + rows, self._total)
        if self._done - self._told >= STEP:
            self._told = self._done
            self._progress(self._done, self._total)

    def finish(self) -> None:
        self._progress(self._total, self._total)


# --- the states of cases ----------------------------------------------------------------------------------------------


def _cases() -> int:
    return sum(kind.model._base_manager.count() for kind, _ in kinds_with_a_table())


def _check_states(done: Done) -> Iterator[str]:
    for kind, table in kinds_with_a_table():
        yield from _check_kind(kind, table, done)
        yield from _check_gone(kind, table)


def _check_kind(kind: CaseKind, table: Workflow, done: Done) -> Iterator[str]:
    """Each case stands where its last step led, and one that was never moved where it was made. Row and events are read
    by one statement, so that nothing moves in between."""
    given, of_case = kind.given(), Event.objects.filter(case_type=kind.key, case_id=OuterRef("pk")).order_by("-pk")
    moved = of_case.filter(name__in=_steps(table))
    rows = kind.model._base_manager.order_by("pk").annotate(
        _moved=Subquery(moved.values("target")[:1]), _told=Subquery(of_case.values("target")[:1])
    )
    words = dict(kind.model._meta.get_field("state").flatchoices)
    begins = next(iter(table.states))
    for batch in batches(rows.values_list("pk", "state", "_moved", "_told").iterator(BATCH)):
        for pk, state, by_step, by_event in batch:
            told = by_step or by_event or begins
            if state != told and (by_event or pk not in given):
                now, then = words.get(state, state), words.get(told, told)
                yield f"{kind.key}:{pk} 现在是“{now}”，按记录应是“{then}”：状态被改动，或记录被删除"
        done(len(batch))


def _check_gone(kind: CaseKind, table: Workflow) -> Iterator[str]:
    """What was ever moved is never deleted, but with its word: a row of a draft that was sent back."""
    here = kind.model._base_manager.filter(pk=OuterRef("case_id"))
    moved = Event.objects.filter(case_type=kind.key, name__in=_steps(table)).filter(~Exists(here))
    for pk in moved.order_by().values_list("case_id", flat=True).distinct():
        taken_out = Q(case_type=kind.key, case_id=pk, name=DELETED) | Q(name="edited", data__deleted_item=pk)
        if not Event.objects.filter(taken_out).exists():
            yield f"{kind.key}:{pk} 不在了，记录里没有删除：被删除"


def _steps(table: Workflow) -> list[str]:
    return [transition.name for transition in table.transitions]

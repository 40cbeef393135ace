"""Beginning and editing an application for a change; its way from there is case.py. The class itself is not touched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.calendar import UnknownYearError
from luojiang_ce.workdays.services import current_calendar
from luojiang_ce.workflow.changes import record_edit, values_of
from luojiang_ce.workflow.events import record
from training.classes.changes.assess import held_half_days, why_not_now
from training.classes.changes.content import Content, Row, difference, lecturers_of, merged, moved, standing
from training.classes.changes.lines import head_lines, row_said
from training.classes.changes.models import ClassChange
from training.classes.models import ClassApplication
from training.classes.same_rows import ids_of
from units.access import must_file_for
from units.filed_case import EDITABLE


def begin(
    *, application: ClassApplication, reason: str, place: str, opens_on: date | None, actor: Actor
) -> ClassChange:
    """A draft for a class: moved to another opening day with all its sessions, to another place, or neither as yet.

    Where one is open already, that one: a class has one open change at a time. Raises NotPossible, PermissionDenied.
    """
    must_file_for(application.unit_id, actor)
    with transaction.atomic():
        locked = ClassApplication.objects.select_for_update(of=("self",)).get(pk=application.pk)
        if refused := why_not_now(locked, clock.now()):
            raise NotPossible(refused)
        if begun := ClassChange.objects.open().filter(application=locked).first():
            return begun
        was = standing(locked)
        now = Content({**was.head, "place": place or was.head["place"]}, was.rows)
        now = _moved(was, now, opens_on) if opens_on else now
        change = ClassChange(application=locked, unit_id=locked.unit_id, reason=reason, created_by_id=actor.pk)
        _put(change, was, now)
        change.save()
        record(change, "created", actor=actor, data={"class": locked.pk})
    return change


def _moved(was: Content, now: Content, opens_on: date) -> Content:
    try:
        return moved(was, now, opens_on, current_calendar())
    except UnknownYearError as unknown:
        raise NotPossible(opens_on=str(unknown)) from unknown


def _put(change: ClassChange, was: Content, now: Content) -> None:
    change.former, change.proposed = difference(was, now.sorted())
    change.based_on = change.application.version


@contextmanager
def editing(
    change: ClassChange, *, actor: Actor, version: int | None, quiet: bool = False
) -> Iterator[tuple[ClassChange, Content, Content]]:
    """The locked change, the class as it stands and as it would be, which is changed inside; counts the save and writes
    an event (`quiet`: an autosave's). Raises NotPossible, or Conflict when somebody else saved since `version`.
    """
    with transaction.atomic():
        locked = ClassChange.objects.select_for_update().get(pk=change.pk)
        if locked.state not in EDITABLE:
            raise NotPossible(f"现在的状态是“{locked.get_state_display()}”，不能修改")
        locked.must_be(version)
        before, was = values_of(locked), standing(locked.application)
        wanted = merged(was, locked.former, locked.proposed)
        told = Content({**wanted.head}, [*wanted.rows])
        yield locked, was, wanted
        _put(locked, was, wanted)
        locked.count_edit(actor)
        locked.save()
        lists = {"课程表": ([*map(row_said, told.rows)], [*map(row_said, wanted.sorted().rows)])}
        changed = {name: value for name, value in wanted.head.items() if value != told.head[name]}
        more = [(line.label, line.was, line.now) for line in head_lines(told.head, changed)]
        record_edit(locked, (locked, before), actor=actor, more=more, lists=lists, quiet=quiet)


def save_head(
    *,
    change: ClassChange,
    reason: str,
    version: int | None,
    actor: Actor,
    quiet: bool = False,
    **head: Any,
) -> ClassChange:
    """Save why, and the fields of the head apart from the opening day, by their names. Raises NotPossible, Conflict."""
    with editing(change, actor=actor, version=version, quiet=quiet) as (locked, _, wanted):
        locked.reason = reason
        wanted.head.update(head)
    return locked


def move(*, change: ClassChange, opens_on: date, version: int | None, actor: Actor) -> ClassChange:
    """Another opening day: the last day and every session go with it (shifting.py). Raises NotPossible, Conflict."""
    with editing(change, actor=actor, version=version) as (locked, was, wanted):
        if locked.application.has_begun(clock.today()) and opens_on != was.head["opens_on"]:
            raise NotPossible(opens_on="培训班已经开班，不能再改开班日期；可以改还没有上的课")
        found = _moved(was, wanted, opens_on)
        wanted.head.update(found.head)
        wanted.rows[:] = found.rows
    return locked


def save_rows(
    *,
    change: ClassChange,
    rows: Sequence[Mapping[str, Any]],
    version: int | None,
    actor: Actor,
    quiet: bool = False,
) -> ClassChange:
    """Put these rows in place of those that can still be changed; half-days that have begun stay as they are.

    Rows that were there keep their ids. Raises NotPossible, Conflict.
    """
    with editing(change, actor=actor, version=version, quiet=quiet) as (locked, was, wanted):
        held = held_half_days(locked.application, clock.now())
        fixed, known = split(wanted.rows, was.rows, held)
        struck = [row for row in was.rows if row["id"] not in _ids([*fixed, *known])]
        ids = ids_of(list(rows), [row for row in [*known, *struck] if row["id"] is not None])
        names = lecturers_of(rows)
        wanted.rows[:] = [*fixed, *(_named(row, pk, names) for row, pk in zip(rows, ids, strict=True))]
    return locked


def split(rows: Sequence[Row], was: Sequence[Row], held: set[Any]) -> tuple[list[Row], list[Row]]:
    """The rows of the class in half-days that have begun, as they stand; of `rows` those that can still be changed."""
    fixed = [row for row in was if (row["date"], row["half_day"]) in held]
    return fixed, [row for row in rows if row["id"] not in _ids(fixed)]


def _ids(rows: Any) -> set[int]:
    return {row["id"] for row in rows if row["id"] is not None}


def _named(row: Mapping[str, Any], pk: int | None, names: Mapping[int, Any]) -> Row:
    lecturer = names.get(row["lecturer_id"])
    return {**row, "id": pk, "lecturer": lecturer.name if lecturer else ""}

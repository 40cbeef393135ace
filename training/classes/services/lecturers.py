"""Keeping a provider's lecturers (product.md C4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from django.db import transaction

from luojiang_ce.access import Actor
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.changes import in_words, stored_values
from luojiang_ce.workflow.events import record
from training.classes.models import Lecturer
from units.access import must_file_for
from units.identity.names import is_same_name
from units.models import Unit


@dataclass(frozen=True)
class LecturerFacts:
    """A lecturer as a timetable names one."""

    name: str
    employer: str
    title: str = ""


def save_lecturer(*, lecturer: Lecturer, actor: Actor, version: int | None = None) -> Lecturer:
    """Create or change a lecturer, with an event. Raises NotPossible where a colleague was quicker, or Conflict.

    Raises PermissionDenied unless the actor files for the unit.
    """
    must_file_for(lecturer.unit_id, actor)
    with transaction.atomic():
        _lock_lecturers_of(lecturer.unit_id)
        if known := known_already(lecturer):
            raise NotPossible(name=known)
        name, before = "edited" if lecturer.pk else "created", stored_values(lecturer)
        lecturer.save_over(version, actor)
        record(lecturer, name, actor=actor, note=in_words(lecturer, before))
    return lecturer


def known_already(lecturer: Lecturer) -> str:
    """Says that the provider has another lecturer with this name and employer; nothing where it has not."""
    same = Lecturer.objects.filter(unit=lecturer.unit_id, name=lecturer.name, employer=lecturer.employer)
    known = same.exclude(pk=lecturer.pk).exists()
    return f"{lecturer.employer}的{lecturer.name}已在本单位教师库里，请直接选用" if known else ""


def namesakes_of(lecturer: Lecturer) -> list[Lecturer]:
    """The provider's other lecturers of this name, by their units: it may be one of them. One query."""
    rows = Lecturer.objects.filter(unit=lecturer.unit_id).exclude(pk=lecturer.pk).order_by("employer", "pk")
    return [row for row in rows if is_same_name(row.name, lecturer.name)]


def register_lecturers(*, unit_id: int, facts: Iterable[LecturerFacts], actor: Actor) -> dict[tuple[str, str], int]:
    """Ids of these lecturers of a unit by (name, employer); whoever is not known yet is registered."""
    wanted: dict[tuple[str, str], LecturerFacts] = {}
    for fact in facts:
        # What one row leaves blank, another row says.
        if fact.title or (fact.name, fact.employer) not in wanted:
            wanted[fact.name, fact.employer] = fact
    with transaction.atomic():
        _lock_lecturers_of(unit_id)
        known = _known(unit_id, wanted)
        for key, fact in wanted.items():
            if key not in known:
                new = Lecturer(unit_id=unit_id, **asdict(fact))
                known[key] = save_lecturer(lecturer=new, actor=actor).pk
    return known


def _lock_lecturers_of(unit_id: int) -> None:
    """Whoever registers lecturers of a unit comes after the others: of a new one there is no row to lock yet."""
    Unit.objects.select_for_update().get(pk=unit_id)


def _known(unit_id: int, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    keys = set(wanted)
    rows = Lecturer.objects.filter(unit=unit_id, name__in={name for name, _ in keys})
    return {(row.name, row.employer): row.pk for row in rows if (row.name, row.employer) in keys}

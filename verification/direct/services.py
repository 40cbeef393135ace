"""Writing the bureau's own training and its pass list; its way from there is case.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction

from luojiang_ce.access import Actor
from luojiang_ce.refusals import NotPossible
from luojiang_ce.words import first_of
from luojiang_ce.workflow.changes import record_edit, values_of
from luojiang_ce.workflow.events import record
from units.models import Person, Unit
from verification.direct.models import DirectTraining, Passed
from verification.direct.pass_list import LISTED, UNLISTED, employers, why_closed

_COPIED = ("kind", "title", "document", "date_from", "date_to", "year", "subject", "catalogue", "course", "amount",
           "intensive")  # fmt: skip


def save_training(*, training: DirectTraining, actor: Actor, version: int | None = None) -> DirectTraining:
    """Keep a new or changed training. Raises NotPossible where it is not being drawn up any more, Conflict where
    somebody saved since `version`."""
    bureau = Unit.objects.bureau()
    assert bureau is not None  # its handler is at work
    with transaction.atomic():
        if training.pk:
            return _change(training, actor, version)
        list(Unit.objects.select_for_update().filter(pk=bureau.pk))
        if same := DirectTraining.objects.filter(state=DirectTraining.State.DRAFT, **values_of(training)).first():
            return same  # the second of two clicks
        training.unit, training.created_by_id = bureau, actor.pk
        training.save()
        record(training, "created", actor=actor)
    return training


def _change(training: DirectTraining, actor: Actor, version: int | None) -> DirectTraining:
    stored = _open(training)
    stored.must_be(version)
    before = values_of(stored)
    training.version = stored.version
    training.count_edit(actor)
    training.save(update_fields=[*before, *DirectTraining.COUNTED])
    record_edit(training, (training, before), actor=actor)
    if training.date_to != before["date_to"]:
        _employ_anew(training, actor)
    return training


def _employ_anew(training: DirectTraining, actor: Actor) -> None:
    """Another last day: everybody listed belongs to where he worked on that one; who that moves is on record."""
    rows = list(training.passed.select_related("person", "unit"))
    at = employers(training, [row.person_id for row in rows])
    moved = [row for row in rows if at.get(row.person_id, row.unit_id) != row.unit_id]
    if not moved:
        return
    units = Unit.objects.in_bulk({at[row.person_id] for row in moved})
    said = [f"{row.person.name}（{row.unit.short} → {units[at[row.person_id]].short}）" for row in moved]
    for row in moved:
        row.unit_id = at[row.person_id]
    Passed.objects.bulk_update(moved, ["unit"], batch_size=500)
    record(training, "edited", actor=actor, note=f"最后一天改动，所在单位随之改动：{first_of(said, 10)}")


def _open(training: DirectTraining) -> DirectTraining:
    """As it is stored, locked. Raises NotPossible where it was handed on since."""
    stored = DirectTraining.objects.select_for_update().get(pk=training.pk)
    if why := why_closed(stored):
        raise NotPossible(why)
    return stored


# --- the pass list ----------------------------------------------------------------------------------------------------


def list_people(*, training: DirectTraining, people: Sequence[Person], actor: Actor) -> int:
    """Put people on the pass list, each once; returns how many are new. Raises NotPossible where the list is closed."""
    with transaction.atomic():
        stored = _open(training)
        at = employers(stored, [person.pk for person in people])
        there = set(stored.passed.values_list("person", flat=True))
        new = [person for person in people if person.pk in at and person.pk not in there]
        rows = [Passed(training=stored, person=person, unit_id=at[person.pk]) for person in new]
        Passed.objects.bulk_create(rows, batch_size=500)
        if rows:
            record(stored, LISTED, actor=actor, data={"people": len(rows)})
    return len(rows)


def remove_people(*, training: DirectTraining, rows: Iterable[int], actor: Actor) -> int:
    """Take lines (ids) off the list; returns how many. Raises NotPossible where the list is closed."""
    with transaction.atomic():
        stored = _open(training)
        gone, _ = stored.passed.filter(pk__in=list(rows)).delete()
        if gone:
            record(stored, UNLISTED, actor=actor, data={"people": gone})
    return gone


def begin_again(*, training: DirectTraining, actor: Actor) -> DirectTraining:
    """What was withdrawn, drawn up anew with everybody on its list who was not withdrawn before. Asked twice, the draft
    that is there."""
    with transaction.atomic():
        old = DirectTraining.objects.select_for_update().get(pk=training.pk)
        if old.state != DirectTraining.State.WITHDRAWN:
            raise NotPossible(f"这期调训现在是“{old.get_state_display()}”，撤回以后才能重新编制")
        new = save_training(training=DirectTraining(**{name: getattr(old, name) for name in _COPIED}), actor=actor)
        people = Person.objects.filter(pk__in=old.passed.standing().values("person"))
        list_people(training=new, people=list(people), actor=actor)
    return new

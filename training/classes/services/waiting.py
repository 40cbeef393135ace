"""The waiting list of a full class: standing on it, moving up by itself, leaving it (product.md C7).

Whoever changes a list holds the lock of its class, so a freed place goes to one person, and never two to one place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role
from luojiang_ce.notices.services import notify
from luojiang_ce.workflow.engine import SYSTEM
from luojiang_ce.workflow.events import record
from training.classes.models import ClassApplication, Enrolment, Waiting
from training.half_days import ahead, all_slots
from units.identity.id_numbers import lookup_hash
from units.models import Employment, Person
from units.notify import clerks_of

Outcome = Waiting.Outcome


def is_under_way(application: ClassApplication) -> bool:
    """Has its first half-day begun? Then nobody moves up any more."""
    slots = all_slots(application.lessons())
    return len(ahead(slots, clock.now())) < len(slots)


def free_places(application: ClassApplication) -> int:
    """Places that nobody holds."""
    return max((application.people or 0) - application.enrolments.present().count(), 0)


def stand_in_line(application: ClassApplication, people: Iterable[tuple[Person, int]], actor: Actor) -> list[Waiting]:
    """Put people with their units at the end of the list of a locked class; who stands there already is left alone."""
    known = set(application.waiting.standing().values_list("person", flat=True))
    new = {person.pk: unit_id for person, unit_id in people if person.pk not in known}
    by: Any = actor.pk
    rows = [
        Waiting(application=application, person_id=pk, unit_id=unit_id, added_by_id=by) for pk, unit_id in new.items()
    ]
    made = Waiting.objects.bulk_create(rows)
    if made:
        record(application, "waiting", actor=actor, data={"count": len(made)})
    return made


def move_up(application: ClassApplication) -> int:
    """Give the free places of a locked class to who waits, in order, before it begins; returns how many moved up.

    Who is on the list of trainees already, or does not work in that unit any more, leaves the waiting list.
    """
    if application.state != ClassApplication.State.APPROVED or is_under_way(application):
        return 0
    present = set(application.enrolments.present().values_list("id_hash", flat=True))
    free, moved = (application.people or 0) - len(present), []
    jobs = Employment.objects.filter(person=OuterRef("person"), unit=OuterRef("unit"), ended_on=None)
    line: Any = application.waiting.standing().annotate(works_there=Exists(jobs))
    for row in line.select_related("person", "unit"):
        if free <= 0:
            break
        if row.person.id_hash in present:
            _leave([row], Outcome.LISTED)
        elif not row.works_there:
            _leave([row], Outcome.GONE)
        else:
            moved.append(row)
            free -= 1
    if moved:
        _enrol(application, moved)
    return len(moved)


def _enrol(application: ClassApplication, rows: Sequence[Waiting]) -> None:
    now, hashes = clock.now(), [row.person.id_hash for row in rows]
    # Whoever the unit had refused before is taken off, so that the list holds each person once.
    refused = application.enrolments.filter(id_hash__in=hashes, removed_at=None)
    refused.update(removed_at=now, removed_reason="重新报名")
    Enrolment.objects.bulk_create(_enrolment(row) for row in rows)
    _leave(rows, Outcome.MOVED_UP)
    record(application, "moved_up", actor=SYSTEM, data={"count": len(rows)})
    key = f"class-{application.pk}-moved-up-{rows[0].pk}"
    for unit_id, count in Counter(row.unit_id for row in rows).items():
        title = f"本单位 {count} 人由候补转为正式报名：{application}"
        notify(clerks_of(unit_id), title, key=key, url=reverse("classes:own_trainees"))
    notify(clerks_of(application.unit_id), f"{application} 候补递补 {len(rows)} 人", key=f"{key}-p", case=application)


def _enrolment(row: Waiting) -> Enrolment:
    """The unit agreed when it put the person on the waiting list (notice 二(一)3)."""
    person = row.person
    return Enrolment(
        application_id=row.application_id,
        person=person,
        unit_id=row.unit_id,
        name=person.name,
        employer=row.unit.name,
        masked_id=person.masked_id,
        id_hash=person.id_hash,
        last_six_hash=lookup_hash(person.id_number[-6:]),
        agreement=Enrolment.Agreement.AGREED,
        agreed_by_id=row.added_by_id,
        agreed_at=row.added_at,
        added_by_id=row.added_by_id,
    )


def _leave(rows: Iterable[Waiting], outcome: str) -> None:
    Waiting.objects.filter(pk__in=[row.pk for row in rows]).update(left_at=clock.now(), outcome=outcome)


@transaction.atomic
def leave(*, waiting_ids: Collection[int], actor: Actor) -> int:
    """A clerk takes own people off waiting lists; returns how many. Who moved up meanwhile is left alone."""
    own = Waiting.objects.standing().filter(pk__in=waiting_ids, unit__in=actor.unit_ids(Role.UNIT_CLERK))
    pks = own.order_by().values("application")
    classes = list(ClassApplication.objects.select_for_update().filter(pk__in=pks).order_by("pk"))
    counts = Counter(own.values_list("application", flat=True))
    own.update(left_at=clock.now(), outcome=Outcome.WITHDRAWN)
    for application in classes:
        if count := counts[application.pk]:
            record(application, "left_waiting", actor=actor, data={"count": count})
    return counts.total()

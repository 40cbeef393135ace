"""Trainees listed before their unit had registered them: people of the district as soon as it has (product.md C6).

A class that has ended is still open to this, until its recognition is decided: what the papers say stays as it was.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from luojiang_ce.workflow.engine import SYSTEM
from luojiang_ce.workflow.events import record
from training.classes.models import ClassApplication, Enrolment
from training.classes.services.trainees import ask_units
from units.identity.names import is_same_name
from units.models import Employment

KNOWN = "trainees_known"

_decided: list[Q] = []


def register_decided(decided: Q) -> None:
    """Which classes have papers that name their trainees for good; who decides on them (recognition) says it once."""
    _decided.append(decided)


def match_trainees() -> int:
    """Give trainees the person that works in the district under their ID and name; returns how many.

    Repeating it changes nothing. The unit of whoever was taken for a stranger is asked for its agreement; a unit of the
    district that has answered for a trainee stays the trainee's.
    """
    rows = known_by_now(Enrolment.objects.filter(application__in=_undecided()))
    asked_before = {row.pk for row in rows if row.unit_id == row.works_in}
    for row in rows:
        row.person_id = row.found
        if row.unit_id is None or row.agreement == Enrolment.Agreement.WAITING:
            row.unit_id, row.employer = row.works_in, row.works_at
    Enrolment.objects.bulk_update(rows, ["person", "unit", "employer"], batch_size=500)
    counts = Counter(row.application_id for row in rows)
    for application in ClassApplication.objects.filter(pk__in=counts).order_by("pk"):
        record(application, KNOWN, actor=SYSTEM, data={"count": counts[application.pk]})
        new = Enrolment.objects.answerable().filter(application=application, pk__in={row.pk for row in rows})
        ask_units(application, new.exclude(pk__in=asked_before))
    return len(rows)


def known_by_now(trainees: QuerySet[Enrolment]) -> list[Any]:
    """Those of these trainees, locked, whom nobody knew and whose ID and name somebody has who works in a unit now.

    `found` is that person; `works_in` and `works_at` the unit and its name. One query.
    """
    jobs = Employment.objects.filter(ended_on=None, person__id_hash=OuterRef("id_hash")).order_by("pk")
    listed = Enrolment.objects.filter(application=OuterRef("application"), person=OuterRef("found"), removed_at=None)
    rows: Any = trainees.select_for_update().filter(person=None, removed_at=None).exclude(id_hash="")
    found = rows.annotate(
        known_as=Subquery(jobs.values("person__name")[:1]),
        found=Subquery(jobs.values("person")[:1]),
        works_in=Subquery(jobs.values("unit")[:1]),
        works_at=Subquery(jobs.values("unit__name")[:1]),
    )
    return [row for row in found.filter(~Exists(listed), found__isnull=False) if is_same_name(row.name, row.known_as)]


def _undecided() -> QuerySet[ClassApplication]:
    """Classes that are held, or were, and on whose hours nobody has decided."""
    held = ClassApplication.objects.filter(state=ClassApplication.State.APPROVED)
    for decided in _decided:
        held = held.exclude(decided)
    return held

"""Hours that were recognised before a trainee's unit had registered the person: entered as soon as it has."""

from __future__ import annotations

from collections import defaultdict

from django.db.models import Q
from django.urls import reverse

from luojiang_ce.notices.services import notify
from luojiang_ce.workflow.engine import SYSTEM
from luojiang_ce.workflow.events import record
from training.classes.models import Enrolment
from training.classes.services.arrivals import known_by_now
from training.recognition.case import RECOGNITION, entries_of
from training.recognition.counting import UNREGISTERED
from training.recognition.models import Outcome, Recognition
from training.recognition.person_line import frozen_line
from units.models import Employment
from units.notify import clerks_of_units
from verification.ledger.services import post

ENTERED = "entered_later"
DECIDED = Q(recognition__isnull=False) & ~Q(recognition__state__in=RECOGNITION.open_states)


def enter_hours() -> int:
    """Post what the bureau had decided for trainees whose person is known by now; returns for how many.

    The amounts are those that were frozen with the decision, whose sheet says that they follow; the employer stays the
    one that it prints. Only trainees of a unit of the district: what strangers learned elsewhere is declared with
    evidence. Repeating it changes nothing.
    """
    waiting = Outcome.objects.filter(posted=False, why_not=UNREGISTERED)
    known = known_by_now(Enrolment.objects.filter(pk__in=waiting.order_by().values("enrolment")))
    for row in known:
        row.person_id = row.found
    Enrolment.objects.bulk_update(known, ["person"], batch_size=500)
    there = waiting.filter(enrolment__person__isnull=False)
    # A correction of one of them is decided before this or after it, never meanwhile.
    list(Recognition.objects.select_for_update().filter(pk__in=there.order_by().values("recognition")).order_by("pk"))
    rows = list(there.select_related("enrolment", "recognition__application__unit"))
    by_case: dict[Recognition, list[Outcome]] = defaultdict(list)
    for row in rows:
        by_case[row.recognition].append(row)
    for case, outcomes in by_case.items():
        _enter(case, outcomes)
    return len(rows)


def _enter(case: Recognition, outcomes: list[Outcome]) -> None:
    application = case.application
    lessons = application.lessons()
    lines = [frozen_line(outcome) for outcome in outcomes]
    entries = [entry for line in lines for entry in entries_of(application, line, lessons)]
    post(entries=entries, source=case, actor=SYSTEM)
    for outcome in outcomes:
        outcome.posted, outcome.why_not = True, ""
    Outcome.objects.bulk_update(outcomes, ["posted", "why_not"], batch_size=500)
    event = record(case, ENTERED, actor=SYSTEM, data={"outcomes": [outcome.pk for outcome in outcomes]})
    people = {outcome.enrolment.person_id for outcome in outcomes}
    units = Employment.objects.filter(person__in=people, ended_on=None).values_list("unit", flat=True)
    notify(
        clerks_of_units(set(units)),
        f"本单位人员登记后，已认定的培训学时入账：{application}",
        key=f"{ENTERED}-{case.pk}-{event.pk}",
        url=reverse("ledger:people"),
    )

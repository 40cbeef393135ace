"""Hours that were recognised before a trainee's unit had registered the person: entered as soon as it has."""

from __future__ import annotations

from collections import defaultdict

from django.urls import reverse

from luojiang_ce.notices.services import notify
from luojiang_ce.workflow.engine import SYSTEM
from luojiang_ce.workflow.events import record
from training.recognition.case import entries_of
from training.recognition.counting import UNREGISTERED
from training.recognition.models import Outcome, Recognition
from training.recognition.person_line import frozen_line
from units.notify import clerks_of
from verification.ledger.services import post

ENTERED = "entered_later"


def enter_hours() -> int:
    """Post what the bureau had decided for trainees whose person is known by now; returns for how many.

    The amounts are those that were frozen with the decision, whose sheet says that they follow. Only trainees of a
    unit of the district: what strangers learned elsewhere is declared with evidence. Repeating it changes nothing.
    """
    waiting = Outcome.objects.filter(posted=False, why_not=UNREGISTERED, enrolment__person__isnull=False)
    rows = list(waiting.select_related("enrolment", "recognition__application__unit"))
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
    for unit_id in {outcome.enrolment.unit_id for outcome in outcomes}:
        notify(
            clerks_of(unit_id or 0),
            f"本单位人员登记后，已认定的培训学时入账：{application}",
            key=f"{ENTERED}-{case.pk}-{event.pk}",
            url=reverse("ledger:people"),
        )

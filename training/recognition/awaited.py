"""Hours of classes that are in recognition: not in the ledger yet, shown beside its sums (product.md V1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from training.classes.models import Enrolment
from units.models import Person
from verification.ledger.registry import OnItsWay

from .counting import class_cases
from .hours import count_hours
from .models import Recognition

State = Recognition.State
UNDER_WAY = (State.SUBMITTED, State.RETURNED, State.CHECKED)


def in_recognition(people: Sequence[Person], year: int) -> Iterator[OnItsWay]:
    """What these people's classes under recognition give by their signs. Six queries, however many people."""
    enrolments = Enrolment.objects.present().filter(
        person__in=list(people), application__recognition__state__in=UNDER_WAY
    )
    members = {each.pk: each for each in enrolments.select_related("application__recognition")}
    applications = {each.application_id: each.application for each in members.values()}
    cases = class_cases(list(applications.values()), enrolments)
    for pk, case in cases.items():
        application = applications[pk]
        for result in count_hours(case):
            amount = sum((each.amount for each in result.amounts if each.year == year), Decimal(0))
            person_id = members[int(str(result.person))].person_id
            if amount and person_id:
                yield OnItsWay(
                    person_id=person_id,
                    title=str(application),
                    state=f"学时认定{application.recognition.get_state_display()}",
                    meaning="is-wait",
                    measure=application.measure,
                    amount=amount,
                )

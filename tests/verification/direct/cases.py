"""Trainings of the bureau for tests: with one person of the district's unit on the list, in any state."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from luojiang_ce import clock
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.workflow.walk import Kind
from tests.verification.batches.samples import a_seal
from units.models import Person
from verification.direct.models import DirectTraining, Passed


def training_of(
    district: District, state: str = "draft", *, people: tuple[Person, ...] | None = None, **facts: Any
) -> DirectTraining:
    """24 public hours of a course for newly employed staff that ended three days ago."""
    last = clock.today() - timedelta(days=3)
    given = {
        "kind": "induction",
        "title": "新录用人员初任培训班",
        "document": "测文〔2026〕7号",
        "date_from": last,
        "date_to": last,
        "year": last.year,
        "subject": "public",
        "amount": Decimal("24.0"),
        "unit": district.bureau,
        "created_by": district.handler,
        "stamped_at": clock.now() if state in ("stamped", "withdrawn") else None,
        **facts,
    }
    training = DirectTraining.objects.create(state=state, **given)
    for person in (person_in(district.unit),) if people is None else people:
        job = person.employments.get(ended_on=None)
        Passed.objects.create(training=training, person=person, unit=job.unit)
    return training


def with_a_seal(district: District, training: DirectTraining) -> None:
    """The bureau's verification seal is on record."""
    a_seal(district.bureau)


def with_another(district: District, training: DirectTraining) -> dict[str, int]:
    """One of two is taken back; the list without that one is stamped."""
    a_seal(district.bureau)
    other = Passed.objects.create(training=training, person=person_in(district.unit), unit=district.unit)
    return {"person": other.person_id}


READY = {"prepare": with_a_seal, "stamp": with_a_seal, "withdraw_one": with_another}
KINDS = [Kind(DirectTraining, training_of, ready=READY)]

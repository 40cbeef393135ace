"""Recognised classes and corrections of them, for several test files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from luojiang_ce import clock
from luojiang_ce.files.services import attach
from luojiang_ce.workflow.engine import fire
from tests.conftest import District
from tests.documents import PDF
from tests.factories import person_in
from tests.training.factories import class_of, enrol, recognition_of, sign_all, with_package
from training.classes.models import ClassApplication
from training.recognition.corrections import services
from training.recognition.corrections.ledger import entries_held
from training.recognition.counting import tally
from training.recognition.hours import portions
from training.recognition.models import Recognition, RecognitionCorrection
from verification.ledger.models import LedgerEntry

REASON = "检查发现签到不实"


def recognised(
    district: District, course: ClassApplication | None = None, *, people: int = 2, **kwargs: Any
) -> Recognition:
    """A recognised class of the own unit; its trainees work next door and were there all the time."""
    course = course or class_of(district.unit, opens_on=clock.today() - timedelta(days=7), **kwargs)
    sign_all(course, [enrol(course, person_in(district.neighbour_unit, f"学员{n:02d}")) for n in range(people)])
    return decided(district, recognition_of(course))


def decided(district: District, case: Recognition, name: str = "recognise") -> Recognition:
    """The draft filed, checked and decided."""
    with_package(case, district.owner)
    fire(case, "submit", actor=district.owner)
    fire(case, "check", actor=district.handler)
    fire(case, name, actor=district.approver)
    return case


def begun(district: District, case: Recognition) -> RecognitionCorrection:
    return services.begin(recognition=case, reason=REASON, actor=district.handler)


def asked_for(district: District, case: Recognition) -> RecognitionCorrection:
    """A draft of the provider's clerk, with evidence."""
    made = services.begin(recognition=case, reason="漏报一人", actor=district.owner)
    attach(case=made, material="evidence", upload=SimpleUploadedFile("签到表.pdf", PDF), actor=district.owner)
    return made


def amounts(case: RecognitionCorrection, number: int, hours: Any, actor: Any, year: int | None = None) -> None:
    """The n-th trainee gets so much (of the professional subject, in the year of the first day)."""
    application = case.recognition.application
    enrolment = application.enrolments.order_by("pk")[number]
    key = (year or application.opens_on.year, "professional")
    services.set_amounts(
        correction=case, enrolment=enrolment, amounts={key: Decimal(hours)}, reason="代签", actor=actor
    )


def corrected(district: District, made: RecognitionCorrection) -> RecognitionCorrection:
    """Proposed and decided."""
    made = RecognitionCorrection.objects.get(pk=made.pk)
    fire(made, "propose", actor=district.handler)
    fire(made, "correct", actor=district.approver)
    return made


def in_ledger(case: Recognition) -> dict[tuple[int, int, str, str], Decimal]:
    """What the class comes to in the ledger, by person, year, subject and course: every entry added up."""
    sums: dict[tuple[int, int, str, str], Decimal] = defaultdict(Decimal)
    roots = [each.entry.pk for each in entries_held(case)]
    rows, found = list(LedgerEntry.objects.filter(pk__in=roots)), []
    while rows:
        found += rows
        rows = list(LedgerEntry.objects.filter(counter_of__in=rows))
    for entry in found:
        sums[entry.person_id, entry.year, entry.subject, entry.course] += entry.amount
    return {key: amount for key, amount in sums.items() if amount}


def from_scratch(case: Recognition) -> dict[tuple[int, int, str, str], Decimal]:
    """The same, counted anew from signs, decisions and corrections by the pure counting."""
    case = Recognition.objects.get(pk=case.pk)
    lessons = case.application.lessons()
    found: dict[tuple[int, int, str, str], Decimal] = {}
    for trainee in tally(case).trainees:
        if trainee.enrolment.person_id is None or trainee.enrolment.unit_id is None:
            continue
        counted = {(each.date, each.half_day) for each in trainee.result.half_days if each.counted}
        for each in portions(trainee.finals, lessons, counted):
            found[trainee.enrolment.person_id, each.year, each.subject, each.course] = each.amount
    return found


def as_written() -> Mapping[int, tuple[Any, ...]]:
    """Every row of the ledger as it stands."""
    fields = [field.attname for field in LedgerEntry._meta.concrete_fields]
    return {row[0]: row for row in LedgerEntry.objects.values_list("pk", *fields)}

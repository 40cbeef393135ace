"""A school's yearly entry with marks, and the provider's proof per person (notice 二(一); product.md R5)."""

from __future__ import annotations

from datetime import time, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from pypdf import PdfReader

from luojiang_ce import clock
from tests.conftest import District
from tests.factories import person_in
from tests.training.factories import class_of, enrol, recognition_of, sign, sign_all
from tests.training.recognition.corrections import amounts, begun, corrected, decided, recognised
from tests.units.views.helpers import browser, workbook_rows
from tests.verification.batches.samples import learned
from training.recognition.models import AssessmentResult, Recognition
from units.models import Person
from verification.cycles.entries import lines_of
from verification.direct.models import DirectTraining
from verification.ledger.models import LedgerEntry
from verification.ledger.services import counter

pytestmark = [pytest.mark.django_db, pytest.mark.notice("二(一)教师考核")]


@pytest.fixture
def case(district: District) -> Recognition:
    """A class of the own unit, recognised; one trainee of the school next door has a score, the other none."""
    made = recognised(district)
    Person.objects.filter(enrolments__application=made.application).update(category="teacher")
    first = made.application.enrolments.order_by("pk").first()
    AssessmentResult.objects.create(enrolment=first, outcome="passed", score="92")
    return made


def entry_of(case: Recognition, number: int = 0) -> LedgerEntry:
    enrolment = case.application.enrolments.order_by("pk")[number]
    return LedgerEntry.objects.filter(person=enrolment.person).first()  # type: ignore[return-value]


def test_the_school_reads_content_hours_and_marks_and_takes_them_away(district: District, case: Recognition) -> None:
    client = browser(district.neighbour)
    page = client.get(reverse("cycles:entries")).content.decode()
    for words in ("学员00", case.application.title, "合格 92.0", "没有考核"):
        assert words in page
    head, *rows = workbook_rows(client.get(reverse("cycles:export_entries")))
    lines = [dict(zip(head, row, strict=True)) for row in rows]
    assert {line["姓名"]: line["考核成绩"] for line in lines}["学员00"] == "合格 92.0"
    assert "学员00" not in browser(district.owner).get(reverse("cycles:entries")).content.decode()


def test_the_proof_says_content_hours_and_result_and_leaves_room_for_the_stamp(
    district: District, case: Recognition
) -> None:
    entry = entry_of(case)
    answer = browser(district.neighbour).get(reverse("cycles:proof", args=[entry.pk]))
    content = b"".join(answer) if answer.streaming else answer.content
    text = "".join("".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())
    for words in ("中小学教师继续教育学习证明", "学员00", "合格92.0", case.unit.name, "培训机构证明", case.number):
        assert "".join(str(words).split()) in text
    assert all("".join(row.course.split()) in text for row in case.application.timetable.filter(counts=True))
    assert entry.person.id_number not in text


def test_another_school_opens_no_proof_and_what_was_reversed_has_none(district: District, case: Recognition) -> None:
    entry = entry_of(case)
    address = reverse("cycles:proof", args=[entry.pk])
    assert browser(district.owner).get(address).status_code == 404
    counter(entry=entry, reason="代签", actor=district.approver)
    assert browser(district.neighbour).get(address).status_code == 404


def test_the_page_asks_as_often_for_thirty_as_for_three(district: District, django_assert_max_num_queries: Any) -> None:
    numbers = []
    for size in (3, 27):
        made = recognised(district, people=size)
        Person.objects.filter(enrolments__application=made.application).update(category="teacher")
        client = browser(district.neighbour)
        client.get(reverse("cycles:entries"))
        with django_assert_max_num_queries(12) as queries:
            client.get(reverse("cycles:entries"))
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]


def text_of(district: District, entry: LedgerEntry) -> str:
    """What the proof says, without blanks."""
    answer = browser(district.neighbour).get(reverse("cycles:proof", args=[entry.pk]))
    content = b"".join(answer) if answer.streaming else answer.content
    return "".join("".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())


def test_the_proof_lists_the_half_days_that_the_teacher_was_at(district: District) -> None:
    """It listed the whole timetable of the class, whoever had been there."""
    course = class_of(district.unit, opens_on=clock.today() - timedelta(days=7))
    first, second = (enrol(course, person_in(district.neighbour_unit, name)) for name in ("顾清和", "傅以宁"))
    sign_all(course, [first])
    lessons = sorted(course.timetable.filter(counts=True), key=lambda each: (each.date, each.starts_at))
    there = lessons[0]
    sign(second, there.date, there.half_day, time_in=time(8), time_out=time(18))
    made = decided(district, recognition_of(course))
    Person.objects.filter(enrolments__application=course).update(category="teacher")
    entry = LedgerEntry.objects.filter(person=second.person).get()
    text = text_of(district, entry)
    kept = [each for each in lessons if (each.date, each.half_day) == (there.date, there.half_day)]
    assert "认定1个半日" in text
    assert f"{sum(each.hours for each in kept):.1f}学时" in text
    for each in lessons:
        assert ("".join(each.course.split()) in text) is (each in kept), each
    whole = text_of(district, LedgerEntry.objects.filter(person=first.person).first())  # type: ignore[arg-type]
    assert all("".join(each.course.split()) in whole for each in lessons)
    assert made.number in text


def test_what_was_decided_by_hand_and_what_was_corrected_is_proved_as_it_was_recognised(
    district: District, case: Recognition
) -> None:
    made = begun(district, case)
    amounts(made, 0, "3", district.handler)
    corrected(district, made)
    entry = LedgerEntry.objects.standing().get(person=entry_of(case).person)
    assert entry.source_type != "training_recognition.recognition"
    page = browser(district.neighbour).get(reverse("cycles:entries")).content.decode()
    assert reverse("cycles:proof", args=[entry.pk]) in page
    assert page.count("合格 92.0") == 1
    text = text_of(district, entry)
    assert "3.0学时" in text
    assert "见上" in text
    assert "代签" in text  # why it is less than was signed for


@pytest.mark.notice("二(二)")
def test_the_bureaus_own_training_is_passed_and_its_list_is_the_proof(district: District) -> None:
    person = person_in(district.unit, category="teacher")
    learned(person)
    client = browser(district.owner)
    assert "见申报材料" in client.get(reverse("cycles:entries")).content.decode()
    entries = LedgerEntry.objects.filter(person=person)
    (line, *_) = lines_of([changed(each) for each in entries])
    assert (line.result, line.called_up, line.proved) == ("合格", True, False)


def changed(entry: LedgerEntry) -> LedgerEntry:
    """As it stands where direct stamping posts it: entries themselves are never changed."""
    entry.source_type = DirectTraining._meta.label_lower
    return entry

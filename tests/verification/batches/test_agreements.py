"""Hours of a class to which the unit never agreed: by name in the batch, and how that is mended (notice 二(一)3)."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from luojiang_ce.files.checks import checked
from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.uploads.places import SCAN
from luojiang_ce.workflow.events import history
from tests.conftest import District
from tests.documents import PDF
from tests.factories import person_in
from tests.queries import statements
from tests.training.factories import class_of, enrol, recognition_of
from tests.verification.batches.samples import YEAR, a_draft, staff
from tests.verification.ledger.entries import hours, posted
from training.classes.models import Enrolment
from training.classes.services import late_agreement
from units.models import Person
from verification.batches.agreements import NotAgreed, not_agreed
from verification.batches.facts import in_question
from verification.batches.models import Batch
from verification.ledger.services import counter_many

pytestmark = [pytest.mark.django_db, pytest.mark.notice("二(一)3")]


def taught(district: District, person: Person, agreement: str = "waiting", year: int = YEAR) -> Enrolment:
    """Hours of a class of the neighbour's that is over; what the person's unit said of it."""
    course = class_of(district.neighbour_unit, opens_on=date(year, 5, 11))
    trainee = enrol(course, person)
    Enrolment.objects.filter(pk=trainee.pk).update(agreement=agreement, unit=district.unit)
    trainee.refresh_from_db()
    posted(recognition_of(course, state="recognised"), district.handler, hours(person, "16", year))
    return trainee


def browser(account: Any) -> Client:
    client = Client()
    client.force_login(account)
    return client


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode()))


@pytest.fixture
def people(district: District) -> list[Person]:
    return staff(district.unit, 3)


@pytest.fixture
def batch(district: District, people: list[Person]) -> Batch:
    return a_draft(district, people)


def lacking(batch: Batch) -> list[NotAgreed]:
    fresh = Batch.objects.get(pk=batch.pk)
    return not_agreed(fresh, in_question(fresh))


def named(batch: Batch) -> list[str]:
    return [each.name for each in lacking(batch)]


def test_who_waits_is_named_and_who_was_agreed_to_is_not(district, people, batch):
    taught(district, people[0])
    taught(district, people[1], "agreed")
    taught(district, people[2], "scanned")
    assert named(batch) == [people[0].name]
    page = text(browser(district.owner).get(batch.get_absolute_url()))
    assert "缺少材料3（单位同意）" in page
    assert "补办单位同意" in page


def test_hours_of_another_year_or_countered_or_of_who_was_taken_off_need_nothing(district, people, batch):
    taught(district, people[0], year=YEAR - 1)
    gone = taught(district, people[1])
    counter_many(entries=list(gone.person.ledger_entries.filter(amount=16)), reason="更正", actor=district.handler)
    off = taught(district, people[2])
    Enrolment.objects.filter(pk=off.pk).update(removed_at=off.added_at, removed_reason="重报")
    assert named(batch) == []


def test_the_counter_and_the_bureau_read_the_names_and_are_told_who_mends_it(district, people, batch):
    taught(district, people[0])
    Batch.objects.filter(pk=batch.pk).update(state="submitted", first_submitted_at=batch.created_at, number="1")
    for address in (batch.get_absolute_url(), reverse("batches:counter", args=[batch.pk])):
        page = browser(district.handler).get(address)
        assert people[0].name in text(page)
        assert "缺少材料3（单位同意）" in text(page)
        assert reverse("classes:agree_late") not in page.content.decode()


def test_agreed_late_with_a_reason_it_is_missing_no_more(district, people, batch):
    trainee = taught(district, people[0])
    client = browser(district.owner)
    assert people[0].name in text(client.get(reverse("classes:agree_late")))
    sent = client.post(reverse("classes:agree_late"), {"ticked": [trainee.pk], "reason": "专办员出差，没有及时答复"})
    assert sent.status_code == 302
    trainee.refresh_from_db()
    assert (trainee.agreement, trainee.agreement_note) == ("agreed", "补办：专办员出差，没有及时答复")
    assert named(batch) == []
    assert history(trainee.application).first().name == "trainees_agreed_late"
    assert Notice.objects.filter(recipient=district.neighbour, title__contains="补办了同意").count() == 1


def test_with_the_stamped_paper_it_lies_with_each_class(district, people):
    trainees = [taught(district, person) for person in people[:2]]
    scan = checked(SimpleUploadedFile("同意.pdf", PDF), SCAN)
    assert (
        late_agreement.agree_late(
            enrolment_ids=[each.pk for each in trainees], reason="漏答复", scan=scan, actor=district.owner
        )
        == 2
    )
    for each in trainees:
        each.refresh_from_db()
        assert (each.agreement, each.agreement_scan.name) == ("scanned", "同意.pdf")
        assert each.agreement_scan.case_id == each.application_id


def test_without_a_reason_or_with_a_bad_file_nobody_is_agreed_to_and_the_ticks_stay(district, people):
    trainee = taught(district, people[0])
    bad = SimpleUploadedFile("同意.exe", b"MZ not a document")
    client = browser(district.owner)
    for typed in ({"reason": ""}, {"reason": "漏答复", "scan": bad}):
        sent = client.post(reverse("classes:agree_late"), {"ticked": [trainee.pk], **typed})
        assert sent.status_code == 422
        assert "checked" in sent.content.decode()
        trainee.refresh_from_db()
        assert trainee.agreement == "waiting"
    assert "不是可以接收的文件" in text(sent)
    with pytest.raises(NotPossible):
        late_agreement.agree_late(enrolment_ids=[trainee.pk], reason=" ", actor=district.owner)


def test_a_neighbour_agrees_for_nobody_and_a_class_that_is_on_is_answered_as_ever(district, people):
    trainee = taught(district, people[0])
    done = late_agreement.agree_late(enrolment_ids=[trainee.pk], reason="漏答复", actor=district.neighbour)
    assert done == 0
    on = enrol(class_of(district.neighbour_unit, opens_on=date(2099, 1, 5)), people[1])
    assert not late_agreement.never_agreed([district.unit.pk]).filter(pk=on.pk).exists()


def test_of_who_moved_the_unit_of_then_is_named(district, people, batch):
    trainee = taught(district, people[0])
    Enrolment.objects.filter(pk=trainee.pk).update(unit=district.neighbour_unit)
    [found] = lacking(batch)
    assert found.elsewhere == district.neighbour_unit.name
    assert reverse("classes:agree_late") not in browser(district.owner).get(batch.get_absolute_url()).content.decode()


def test_queries_do_not_grow_with_the_names(district):
    for number, of_all in ((3, 3), (27, 30)):
        batch = a_draft(district, people := staff(district.unit, number))
        for person in people:
            taught(district, person)
        fresh = Batch.objects.get(pk=batch.pk)
        with statements() as found:
            assert len(not_agreed(fresh, in_question(fresh))) == of_all
        assert len(found) == 1


def test_somebody_elses_hours_are_no_matter(district, batch):
    taught(district, person_in(district.unit, "外人"))
    assert named(batch) == []


def test_the_page_of_own_trainees_says_how_many(district, people):
    client = browser(district.owner)
    assert "缺少材料3" not in text(client.get(reverse("classes:own_trainees")))
    for person in people:
        taught(district, person)
    assert "班已结束而本单位没有答复的有 3 人次" in text(client.get(reverse("classes:own_trainees")))

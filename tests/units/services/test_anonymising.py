"""People who left long ago lose name, number, words and files; papers, sums and the log stay whole."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError

from luojiang_ce import clock
from luojiang_ce.files.models import Attachment
from luojiang_ce.notices.models import Notice
from luojiang_ce.workflow import audited
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.events import history
from luojiang_ce.workflow.models import Event, EventNote
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.workflow.rows_on_record import put_on_record
from tests.training.factories import class_of, enrol
from tests.units.cases import leave_of, with_evidence
from tests.verification.ledger.entries import a_source, hours, posted
from training.classes.models import ClassApplication, Enrolment
from units.models import Employment, Person
from units.services import anonymising, rename_person
from units.services.anonymising import GONE, anonymise, due
from verification.ledger.models import LedgerEntry

pytestmark = pytest.mark.django_db
YEARS = 10
LONG_AGO = timedelta(days=11 * 366)


def gone_since(person: Person, days: timedelta) -> None:
    day = clock.today() - days
    Employment.objects.filter(person=person).update(started_on=None, ended_on=day, end_reason="left")


def enrolled(district: District, person: Person) -> Enrolment:
    """In a class of a unit of the district, before the person left."""
    Employment.objects.filter(person=person).update(ended_on=None, end_reason="")
    made = enrol(class_of(district.unit), person)
    gone_since(person, LONG_AGO)
    return made


@pytest.fixture
def person(district: District, settings) -> Person:
    """Who left eleven years ago: a leave with its paper, hours in the ledger, a former name in a note."""
    settings.ANONYMISE_AFTER_YEARS = YEARS
    leave = leave_of(district, "submitted")
    with_evidence(district, leave)
    fire(leave, "approve", actor=district.approver, note="温知故病假属实")
    found = rename_person(person=leave.person, name="温知故", reason="户口簿更名", actor=district.owner)
    posted(a_source(), district.handler, hours(found, "12", 2026, title="茶树栽培班"))
    gone_since(found, LONG_AGO)
    return found


def test_name_number_files_and_notes_go_papers_and_sums_stay(district: District, person: Person) -> None:
    name, masked, number = person.name, person.masked_id, person.id_number
    events = set(Event.objects.values_list("uid", flat=True))
    [file] = Attachment.objects.all()
    assert anonymise(person.pk)
    person.refresh_from_db()
    assert (person.name, person.masked_id, person.birth, person.sex) == (f"{GONE}{person.pk}", GONE, None, "")
    assert not Person.objects.with_id_number(number).exists()
    assert not Attachment.objects.exists()
    assert not default_storage.exists(file.file.name)
    assert not EventNote.objects.filter(text__contains=name).exists()
    assert masked not in str(list(EventNote.objects.values_list("text", flat=True)))
    assert events <= set(Event.objects.values_list("uid", flat=True))
    assert [entry.amount for entry in LedgerEntry.objects.filter(person=person)] == [12]
    assert history(person).first().name == anonymising.DONE


def test_in_lists_of_classes_the_name_goes_and_the_trainee_stays(district: District, person: Person) -> None:
    trainee = enrolled(district, person)
    ClassApplication.objects.update(state="cancelled")
    assert anonymise(person.pk)
    trainee.refresh_from_db()
    assert (trainee.name, trainee.masked_id, trainee.id_hash, trainee.last_six_hash) == (GONE, GONE, "", "")
    assert trainee.person == person


def test_a_row_of_a_case_that_is_open_keeps_the_name(district: District, person: Person) -> None:
    enrolled(district, person)
    ClassApplication.objects.update(state="submitted")
    assert not anonymise(person.pk)


def test_the_log_stays_whole(district: District, person: Person, settings, tmp_path) -> None:
    settings.VAR_DIR = tmp_path
    put_on_record(district)
    before = audited.check().problems
    anonymise(person.pk)
    assert [each for each in audited.check().problems if each not in before] == []


def test_unset_it_is_nobody(person: Person, settings) -> None:
    assert due().exists()
    settings.ANONYMISE_AFTER_YEARS = 0
    assert not due().exists()
    assert not anonymise(person.pk)
    with pytest.raises(CommandError, match="没有设定"):
        call_command("anonymise", go=True)


def test_not_who_works_left_lately_or_has_something_open(district: District, person: Person) -> None:
    lately, here = person_in(district.unit), person_in(district.unit)
    gone_since(lately, timedelta(days=YEARS * 365 - 30))
    waiting = leave_of(district, "submitted")
    gone_since(waiting.person, LONG_AGO)
    assert set(due()) == {person}
    assert not any(anonymise(each.pk) for each in (lately, here, waiting.person))
    back = Employment.objects.filter(person=person).first()
    Employment.objects.create(person=person, unit=back.unit, started_on=clock.today())
    assert not due().exists()


def test_it_is_tried_first_then_done_in_parts_and_gone_on_with(district: District, person: Person, capsys) -> None:
    others = [person_in(district.unit) for _ in range(3)]
    for each in others:
        gone_since(each, LONG_AGO)
    call_command("anonymise")
    said = capsys.readouterr().out
    assert "共 4 人" in said
    assert person.name not in said
    assert not Person.objects.exclude(anonymised_at=None).exists()
    call_command("anonymise", go=True, most=3)
    assert "已隐去 3 人，还有 1 人" in capsys.readouterr().out
    call_command("anonymise", go=True)
    assert "已隐去 1 人，还有 0 人" in capsys.readouterr().out
    assert Event.objects.filter(name=anonymising.DONE).count() == 4
    assert Notice.objects.filter(recipient=district.audit_admin, title="人员匿名化").count() == 2

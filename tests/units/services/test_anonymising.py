"""People who left long ago lose name, number, words and files; papers, sums and the log stay whole."""

from __future__ import annotations

from collections import defaultdict
from datetime import time, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import models
from django.db.models import ProtectedError
from django.test import Client

from luojiang_ce import clock
from luojiang_ce.files.models import Attachment
from luojiang_ce.files.services import attach
from luojiang_ce.notices.models import Notice
from luojiang_ce.workflow import audited
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.events import history
from luojiang_ce.workflow.models import Event, EventNote
from tests.conftest import District
from tests.factories import person_in
from tests.hostile import picture
from tests.luojiang_ce.workflow.rows_on_record import put_on_record
from tests.training.factories import class_of, enrol
from tests.units.cases import leave_of, with_evidence
from tests.verification.ledger.entries import a_source, hours, posted
from tests.verification.record.cases import transfer_of
from tests.verification.self_study.cases import study_of
from training.attendance.phone.models import CorrectionRequest
from training.attendance.phone.services import PICTURE
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
    assert (person.name, person.masked_id, person.birth, person.sex) == (GONE, GONE, None, "")
    assert person.id_last4_hash == "", "the end of what stands instead is a number too"
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
    assert Notice.objects.filter(recipient=district.audit_admin, title="人员匿名化").count() == 1, "one a day"


def test_one_that_cannot_be_done_keeps_nobody_behind_it(
    district: District, person: Person, monkeypatch, capsys
) -> None:
    behind = person_in(district.unit)
    gone_since(behind, LONG_AGO)

    def lost(case: object, files: object) -> None:
        raise ProtectedError("a file that something else needs", set())

    monkeypatch.setattr(anonymising, "purge", lost)
    with pytest.raises(CommandError, match="没有办成的 1 人"):
        call_command("anonymise", go=True)
    said = capsys.readouterr()
    assert "已隐去 1 人，还有 1 人" in said.out
    assert f"人员 {person.pk}：没有办成" in said.err
    person.refresh_from_db()
    behind.refresh_from_db()
    assert (person.name, behind.name) == ("温知故", GONE)
    assert Notice.objects.filter(recipient=district.audit_admin, title="人员匿名化").exists()


def test_what_a_trainee_asked_for_goes_with_its_picture(district: District, person: Person) -> None:
    trainee = enrolled(district, person)
    ClassApplication.objects.update(state="cancelled")
    day = clock.today() - LONG_AGO
    asked = CorrectionRequest.objects.create(
        enrolment=trainee, unit=district.unit, date=day, half_day="morning", kind="out", time=time(11, 30),
        reason="温知故手机没电",
    )  # fmt: skip
    attach(case=asked, material=PICTURE, upload=SimpleUploadedFile("手机.jpg", picture()), actor=district.owner)
    assert not anonymise(person.pk), "it waits for an answer"
    CorrectionRequest.objects.update(state="refused", answer="温知故当天没有来")
    assert anonymise(person.pk)
    asked.refresh_from_db()
    assert (asked.reason, asked.answer, Attachment.objects.count()) == (GONE, GONE, 0)


def test_what_several_have_filed_goes_with_the_last_of_them(district: District, person: Person) -> None:
    other = person_in(district.unit)
    study = study_of(district, "approved", people=(person, other), note="温知故带队")
    assert anonymise(person.pk)
    study.refresh_from_db()
    assert study.note == "温知故带队"
    gone_since(other, LONG_AGO)
    assert anonymise(other.pk)
    study.refresh_from_db()
    assert (study.note, study.content) == (GONE, GONE)


def test_the_file_of_another_district_goes_and_its_page_says_so(district: District, client: Client, settings) -> None:
    settings.ANONYMISE_AFTER_YEARS = YEARS
    transfer = transfer_of(district, "refused")
    gone_since(transfer.person, LONG_AGO)
    assert anonymise(transfer.person_id)
    transfer.refresh_from_db()
    assert transfer.content == {}
    client.force_login(district.handler)
    assert "文件已随匿名化删除" in client.get(transfer.get_absolute_url()).content.decode()


# Of what belongs to somebody, the texts that stay, each with its reason; all others are registered. A new column gets
# in here, or goes.
SUMS = "sums, and what they were made of"
LEARNING = "what was learned, as the ledger has it; it stands on issued papers"
RANDOM = "random or a keyed hash of it; it opens nothing after its day"
CHOSEN = "one of a list"
KEPT = {
    "units.Title": {"series": CHOSEN, "name": CHOSEN},
    "units.Certificate": {"number": "is unique: anonymise() puts another one in its place"},
    "sanctions.Sanction": {
        "number": "of the register, without a name",
        "document": "of the unit's own file; it tells two decisions of a day apart (sanction_once)",
    },
    "training_teacher.TeacherTick": {"doubt": "about two clocks"},
    "training_recognition.Override": {"subject": CHOSEN, "basis": SUMS},
    "training_recognition.CorrectionLine": {"subject": CHOSEN, "basis": SUMS},
    "training_recognition.RulingLine": {"subject": CHOSEN, "basis": SUMS},
    "training_recognition.Outcome": {"half_days": SUMS, "amounts": SUMS, "why_not": SUMS},
    "training_recognition.Corrected": {"before": SUMS, "after": SUMS},
    "training_recognition.Ruled": {"before": SUMS, "after": SUMS},
    "verification_ledger.LedgerEntry": dict.fromkeys(
        ("title", "organiser", "course", "source_type", "reason"), "an entry is never changed"
    ),
    "verification_booklets.WrittenPage": {"lines": SUMS},
    "verification_self_study.SelfStudy": dict.fromkeys(("title", "assessment", "basis"), LEARNING),
    "verification_declarations.Declaration": dict.fromkeys(
        ("title", "organiser", "basis", "course", "serial", "level"), LEARNING
    ),
    "verification_batches.AnnualRecord": {"facts": SUMS, "verdict": SUMS},
    "verification_record.Attestation": dict.fromkeys(("purpose", "content"), "what an issued paper says"),
    "verification_record.Transfer": dict.fromkeys(
        ("issuer", "paper_number", "kid"), "by which the same record is not taken over twice; no name"
    ),
    "verification_own_record.Slip": {"token": RANDOM, "code": RANDOM},
}


def test_every_text_about_somebody_goes_or_is_known_to_stay() -> None:
    goes: dict[str, set[str]] = defaultdict(set)
    for each in anonymising.texts():
        goes[each.model._meta.label] |= set(each.instead)
    undecided = {
        f"{model._meta.label}.{name}"
        for model in apps.get_models()
        if whom(model)
        for name in texts_of(model) - goes[model._meta.label] - set(KEPT.get(model._meta.label, {}))
    }
    assert undecided == set()
    for label, kept in KEPT.items():
        assert set(kept) <= texts_of(apps.get_model(label)) - goes[label], f"{label}: gone, or none"


def whom(model: Any) -> list[str]:
    """The fields by which its rows belong to somebody."""
    fields = (*model._meta.concrete_fields, *model._meta.many_to_many)
    return [field.name for field in fields if field.related_model in (Person, Enrolment)]


def texts_of(model: Any) -> set[str]:
    """Its columns in which words about somebody, or all that there is to be said, can stand."""
    kinds = (models.CharField, models.TextField, models.JSONField, models.BinaryField, models.FileField)
    return {field.name for field in model._meta.concrete_fields if isinstance(field, kinds) and not field.choices}

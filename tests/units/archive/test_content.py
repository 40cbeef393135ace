"""What belongs to a case comes along, whatever its kind: found by the relations of its model, not by a list."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile

from luojiang_ce.files.services import attach
from luojiang_ce.workflow.case_kind import kind_of
from tests.conftest import District
from tests.factories import person_in
from tests.queries import statements
from tests.training.factories import class_of, enrol, sign
from training.attendance.models import HalfDaySheet
from training.attendance.teacher.models import TeacherLink
from training.classes.models import ClassApplication
from units.archive.content import clean, fields_of, label_of, links_to
from units.archive.models import Item, Package
from units.archive.records import Offices, records_of
from verification.batches.models import AnnualRecord, Batch

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n%invented\n%%EOF\n"


def a_class(district: District, name: str = "温知故") -> ClassApplication:
    """With a trainee who signed, the signed sheet, and a class teacher's link."""
    application = class_of(district.unit)
    trainee = enrol(application, person_in(district.unit, name))
    sign(trainee, application.opens_on, "morning", time_in=time(8, 30), time_out=time(11, 30))
    sheet = HalfDaySheet.objects.create(application=application, date=application.opens_on, half_day="morning")
    attach(case=sheet, material="sheet", upload=SimpleUploadedFile("签到表.pdf", PDF), actor=district.owner)
    digest = f"{application.pk:064d}"
    TeacherLink.objects.create(application=application, holder="顾清和", digest=digest, made_by=district.owner)
    return application


def archived(district: District, *applications: ClassApplication) -> list[Any]:
    package = Package.objects.create(
        year=2026, number=Package.objects.count() + 1, made_by=district.handler, state="failed"
    )
    key = ClassApplication._meta.label_lower
    items = [
        Item.objects.create(package=package, number=n, case_type=key, case_id=each.pk, title=str(each))
        for n, each in enumerate(applications, 1)
    ]
    return list(records_of(kind_of(applications[0]), items, Offices(), {}))


def test_a_class_brings_its_timetable_trainees_signs_and_sheets(district: District) -> None:
    [(record, sources)] = archived(district, a_class(district))
    parts = {part.label: part.rows for part in record.parts}
    assert {"课程表", "签到记录", "签到表"} <= set(parts), list(parts)
    signs = [{fact.label: fact.value for fact in row} for row in parts["签到记录"]]
    assert [row["签到/签退"] for row in signs] == ["签到", "签退"]
    assert [source.title for source in sources] == ["签到表.pdf"]


def test_what_opens_a_door_stays_out(district: District) -> None:
    application = a_class(district)
    [(record, _)] = archived(district, application)
    told = [fact.value for part in record.parts for row in part.rows for fact in row]
    assert f"{application.pk:064d}" not in told
    trainee = application.enrolments.get()
    assert trainee.id_hash not in told
    assert "顾清和" in told  # who held the link is on record, how it was opened is not


def test_each_row_lies_with_its_own_case_and_queries_do_not_grow(district: District) -> None:
    first, second = a_class(district), a_class(district, "林默")
    with statements() as one:
        archived(district, first)
    with statements() as both:
        records = archived(district, first, second)
    names = [[fact.value for part in record.parts for row in part.rows for fact in row] for record, _ in records]
    assert any("温知故" in value for value in names[0])
    assert not any("温知故" in value for value in names[1])
    assert len(both) - len(one) <= 2  # the two rows of the list; the second class costs nothing more


def test_the_kinds_of_a_case_are_not_swallowed_by_another() -> None:
    """A yearly record has a folder of its own, though it is a row of its batch."""
    assert AnnualRecord not in [model for model, _ in links_to(Batch)]


def test_nothing_sealed_is_ever_told() -> None:
    """Of every model of the system: sealed values, digests and passwords are no fields of the archive."""
    told = {f"{model._meta.label_lower}.{each.name}" for model in apps.get_models() for each in fields_of(model)}
    assert "units.person.id_sealed" not in told
    assert [name for name in told if "password" in name] == []
    assert [name for name in told if name.endswith(("id_hash", "six_hash", "last4_hash", ".token"))] == []


def test_a_field_is_called_as_people_call_it() -> None:
    named = {each.name: label_of(each) for each in fields_of(AnnualRecord)}
    assert named["person"] == "人员"
    assert named["year"] == "验证年度"


@pytest.mark.parametrize(
    ("text", "told"),
    [("甲\x00乙\x0b", "甲乙"), ("350504199001011234 的人", "****************34 的人"), ("㙦𬭎䶮", "㙦𬭎䶮")],
)
def test_texts_are_such_as_any_reader_of_xml_takes(text: str, told: str) -> None:
    assert clean(text) == told

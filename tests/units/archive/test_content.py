"""What belongs to a case comes along, whatever its kind: found by the relations of its model, not by a list."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile

from luojiang_ce import clock
from luojiang_ce.files.services import attach
from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow.case_kind import kind_of
from luojiang_ce.workflow.engine import SYSTEM, fire
from luojiang_ce.workflow.events import record
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.documents import PDF
from tests.factories import person_in
from tests.queries import statements
from tests.training.factories import class_of, enrol, sign
from training.attendance.models import HalfDaySheet
from training.attendance.teacher.models import TeacherLink
from training.classes.models import ClassApplication, Enrolment
from units.archive import records
from units.archive.blocks import BLOCK
from units.archive.content import clean, fields_of, label_of, links_to, parts_of
from units.archive.models import Item, Package
from units.archive.records import Offices, records_of
from units.models import Leave
from verification.batches.models import AnnualRecord, Batch

pytestmark = pytest.mark.django_db


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


def test_no_query_has_more_ids_than_a_block(district: District) -> None:
    """A class of hundreds, each of whom signed a dozen times: SQLite takes 32,766 parameters, a server less."""
    application = class_of(district.unit)
    people = [Enrolment(application=application, unit=district.unit, name=f"学员{n}") for n in range(BLOCK + 30)]
    Enrolment.objects.bulk_create(people)
    with statements() as made:
        [part] = [each for each in parts_of([application])[application.pk] if each.name.endswith("enrolment")]
    assert len(part.rows) == BLOCK + 30
    asked = [len(ids.split(",")) for each in made for ids in re.findall(r" IN \(([\d, ]+)\)", each)]
    assert max(asked) == BLOCK


def test_cases_with_many_rows_come_one_by_one(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    classes, leaves = [a_class(district, name) for name in ("温知故", "林默", "岳青")], [1, 2, 3]
    monkeypatch.setattr(records, "ROWS_AT_ONCE", 8)
    kind = kind_of(classes[0])
    some = [Item(case_type=kind.key, case_id=each.pk) for each in classes]
    assert [len(fit) for fit in records.fitting(kind, some)] == [1, 1, 1]
    assert [len(fit) for fit in records.fitting(kind_of(Leave), [Item(case_id=pk) for pk in leaves])] == [3]


def test_a_case_was_closed_when_it_moved_itself(district: District) -> None:
    """Not when a paper of it was made or revoked."""
    application = class_of(district.unit)
    approved = clock.now()
    Event.objects.create(
        case_type="training_classes.classapplication", case_id=application.pk, name="approve", source="checked",
        target="approved", at=approved,
    )  # fmt: skip
    facts = {"kind": "x", "title": "准予开班通知", "year": 2026, "dated": clock.today(), "case_id": application.pk}
    paper = Paper.objects.create(
        case_type=ClassApplication._meta.label_lower, number="2026-X-1", state="issued", issued_at=approved,
        sha256="0" * 64, **facts,
    )  # fmt: skip
    with clock.at(approved + timedelta(days=40)):
        fire(paper, "revoke", actor=district.approver, note="填错")
    [(record_, _)] = archived(district, application)
    assert record_.acts[-1].move == "有效 → 已撤销"
    assert record_.closed_on == clock.local(approved).date()


@pytest.mark.parametrize(
    ("name", "data", "who"),
    [
        ("signs_recorded", {"link": 7}, "班主任（凭链接）"),
        ("signs_recorded", {}, "学员（扫码）"),
        ("withdraw", {"slip": 3}, "本人（凭查阅条）"),
        ("file_added", {"attachment": 1}, "本人（没有账号）"),
        ("known", {"count": 2}, "系统"),
    ],
)
def test_who_acts_without_an_account_is_not_the_system(
    district: District, name: str, data: dict[str, Any], who: str
) -> None:
    application = class_of(district.unit)
    record(application, name, actor=SYSTEM, data=data)
    [(record_, _)] = archived(district, application)
    assert (record_.acts[-1].who, record_.acts[-1].agent) == (who, "")


def test_the_kinds_of_a_case_are_not_swallowed_by_another() -> None:
    """A yearly record has a folder of its own, though it is a row of its batch."""
    assert AnnualRecord not in [model for model, _ in links_to(Batch)]


def test_nothing_sealed_is_ever_told() -> None:
    """Of every model of the system: sealed values, digests and passwords are no fields of the archive."""
    told = {f"{model._meta.label_lower}.{each.name}" for model in apps.get_models() for each in fields_of(model)}
    assert "units.person.id_sealed" not in told
    assert [name for name in told if "password" in name.rpartition(".")[2]] == []
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

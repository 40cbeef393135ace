"""Writing signs: who, when, how often; corrections leave what was there (product.md A1, A2)."""

from datetime import date, datetime, time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from luojiang_ce.clock import SHANGHAI
from luojiang_ce.files.checks import checked
from luojiang_ce.files.models import Attachment
from luojiang_ce.refusals import NotPossible
from luojiang_ce.uploads.places import SCAN
from luojiang_ce.workflow.models import Event
from tests.documents import PDF
from tests.factories import person_in
from tests.training.factories import class_of, enrol, sign
from training.attendance import freezing
from training.attendance.freezing import open_to_signs, reasons_against, register_freezer
from training.attendance.models import HalfDaySheet, Sign
from training.attendance.services import (
    Wanted,
    attach_scan,
    correct_signs,
    record_signs,
    strike_signs,
)
from training.classes.models import ClassApplication

DAY = date(2026, 5, 11)
KEY = (DAY, "morning")


@pytest.fixture(autouse=True)
def _first_day(time_machine):
    time_machine.move_to(datetime(2026, 5, 11, 18, 0, tzinfo=SHANGHAI), tick=False)


@pytest.fixture
def course(district):
    return class_of(district.unit)


@pytest.fixture
def trainees(district, course):
    return [enrol(course, person_in(district.neighbour_unit, name)) for name in ("王小明", "李晓红", "陈大文")]


def wanted(trainees, time_in=time(8, 30), time_out=time(11, 30), key=KEY):
    return [Wanted(trainee.pk, *key, time_in, time_out) for trainee in trainees]


def record_all(course, trainees, actor, **kwargs):
    return record_signs(application=course, wanted=wanted(trainees, **kwargs), source=Sign.Source.LIST, actor=actor)


def times(trainee):
    return sorted((sign.kind, f"{sign.time:%H:%M}") for sign in trainee.signs.valid())


def test_a_list_gives_everybody_an_in_and_an_out(district, course, trainees):
    done = record_all(course, trainees, district.owner)
    assert (done.signed_in, done.signed_out, done.left_alone) == (3, 3, 0)
    assert times(trainees[0]) == [("in", "08:30"), ("out", "11:30")]
    assert Sign.objects.first().recorded_by == district.owner


def test_repeating_a_list_changes_nothing(district, course, trainees):
    record_all(course, trainees, district.owner)
    done = record_all(course, trainees, district.colleague, time_in=time(8, 45))
    assert (done.signed_in, done.signed_out, done.left_alone) == (0, 0, 6)
    assert Sign.objects.count() == 6


def test_signing_in_and_signing_out_may_be_recorded_apart(district, course, trainees):
    record_all(course, trainees, district.owner, time_out=None)
    assert times(trainees[1]) == [("in", "08:30")]
    assert record_all(course, trainees, district.owner).signed_out == 3


def test_seconds_are_dropped(district, course, trainees):
    record_all(course, trainees, district.owner, time_in=time(8, 30, 59))
    assert trainees[0].signs.get(kind="in").time == time(8, 30)


def test_an_entry_is_noted_on_the_sheet_of_the_half_day(district, course, trainees):
    record_all(course, trainees, district.owner)
    sheet = HalfDaySheet.objects.get()
    event = Event.objects.get(case_type="training_attendance.halfdaysheet", case_id=sheet.pk)
    assert (event.name, event.data, event.actor) == ("signs_recorded", {"in": 3, "out": 3}, district.owner)


def test_a_correction_strikes_with_a_reason_and_marks_the_new_sign(district, course, trainees):
    record_all(course, trainees, district.owner)
    changed = correct_signs(
        enrolment=trainees[0],
        key=KEY,
        time_in=time(9, 10),
        time_out=time(11, 30),
        reason="迟到",
        actor=district.colleague,
    )
    assert changed
    assert times(trainees[0]) == [("in", "09:10"), ("out", "11:30")]
    old = trainees[0].signs.get(time=time(8, 30))
    assert (old.struck_reason, old.struck_by) == ("迟到", district.colleague)
    assert trainees[0].signs.get(time=time(9, 10)).reason == "迟到"
    assert trainees[0].signs.get(time=time(11, 30)).reason == ""


def test_a_correction_may_take_a_sign_away(district, course, trainees):
    record_all(course, trainees, district.owner)
    correct_signs(
        enrolment=trainees[0], key=KEY, time_in=time(8, 30), time_out=None, reason="提前离开", actor=district.owner
    )
    assert times(trainees[0]) == [("in", "08:30")]


def test_a_correction_leaves_one_in_and_one_out(district, course, trainees):
    sign(trainees[0], *KEY, time_in=time(8, 20), time_out=None)
    sign(trainees[0], *KEY, time_in=time(8, 40), time_out=None)
    correct_signs(
        enrolment=trainees[0], key=KEY, time_in=time(8, 40), time_out=time(11, 30), reason="重复", actor=district.owner
    )
    assert times(trainees[0]) == [("in", "08:40"), ("out", "11:30")]


def test_a_correction_to_the_same_times_is_none(district, course, trainees):
    record_all(course, trainees, district.owner)
    events = Event.objects.count()
    assert not correct_signs(
        enrolment=trainees[0], key=KEY, time_in=time(8, 30), time_out=time(11, 30), reason="x", actor=district.owner
    )
    assert Event.objects.count() == events


def test_a_struck_sign_may_be_made_again(district, course, trainees):
    record_all(course, trainees, district.owner)
    ids = [trainee.pk for trainee in trainees[:2]]
    assert strike_signs(application=course, key=KEY, enrolments=ids, reason="登错半日", actor=district.owner) == 4
    assert times(trainees[0]) == []
    assert times(trainees[2]) == [("in", "08:30"), ("out", "11:30")]
    assert record_all(course, trainees, district.owner).signed_in == 2


def test_the_scan_of_the_signed_sheet_is_kept_with_its_half_day(district, course):
    scan = checked(SimpleUploadedFile("签到表.pdf", PDF), SCAN)
    kept = attach_scan(application=course, key=KEY, scan=scan, actor=district.owner)
    assert list(Attachment.objects.of(HalfDaySheet.objects.get())) == [kept]


# --- who, and when ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["neighbour", "handler", "approver", "inspector", "system_admin"])
def test_only_clerks_of_the_class_write(district, course, trainees, person):
    with pytest.raises(NotPossible, match="只有办班单位的专办员"):
        record_all(course, trainees, getattr(district, person))
    assert not Sign.objects.exists()


def test_not_before_the_day(district, course, trainees):
    with pytest.raises(NotPossible, match="5月12日还没有到"):
        record_all(course, trainees, district.owner, key=(date(2026, 5, 12), "morning"))


def test_not_in_a_half_day_without_a_counting_row(district, course, trainees):
    with pytest.raises(NotPossible, match="5月11日晚上没有计学时的课程"):
        record_all(course, trainees, district.owner, key=(DAY, "evening"))


@pytest.mark.parametrize("state", ["draft", "submitted", "checked", "refused", "cancelled"])
def test_only_in_an_approved_class(district, course, trainees, state):
    ClassApplication.objects.filter(pk=course.pk).update(state=state)
    with pytest.raises(NotPossible, match="准予开班后才能登记"):
        record_all(course, trainees, district.owner)


def test_everything_that_stands_in_the_way_is_said_at_once(district, course):
    reasons = reasons_against(course, [(date(2026, 5, 12), "morning"), (DAY, "evening")], district.owner)
    assert len(reasons) == 2


def test_a_frozen_class_takes_no_signs(district, course, trainees, monkeypatch):
    monkeypatch.setattr(freezing, "_freezers", [])
    monkeypatch.setattr(freezing, "_closed", [])
    assert course in open_to_signs(ClassApplication.objects.all())
    register_freezer(lambda applications: {each.pk: "学时认定已提交" for each in applications}, Q(pk=course.pk))
    assert course not in open_to_signs(ClassApplication.objects.all())
    with pytest.raises(NotPossible, match="学时认定已提交"):
        record_all(course, trainees, district.owner)
    with pytest.raises(NotPossible):
        strike_signs(application=course, key=KEY, enrolments=[trainees[0].pk], reason="x", actor=district.owner)
    with pytest.raises(NotPossible):
        correct_signs(enrolment=trainees[0], key=KEY, time_in=None, time_out=None, reason="x", actor=district.owner)


def test_a_trainee_of_another_class_is_not_struck(district, course, trainees):
    other = class_of(district.unit)
    foreign = enrol(other, person_in(district.neighbour_unit, "别班学员"))
    sign(foreign, *KEY, time_in=time(8, 30), time_out=None)
    assert strike_signs(application=course, key=KEY, enrolments=[foreign.pk], reason="x", actor=district.owner) == 0


# --- size -------------------------------------------------------------------------------------------------------------


def queries_for(district, count):
    """Queries of recording a class of ten half-days; an INSERT is counted once, however the database splits it."""
    course = class_of(district.unit, days=5)
    trainees = [enrol(course, person_in(district.neighbour_unit, f"学员{n}")) for n in range(count)]
    keys = list(course.timetable.values_list("date", "half_day"))
    rows = [Wanted(trainee.pk, *key, time(8, 30), time(17, 0)) for trainee in trainees for key in keys]
    with CaptureQueriesContext(connection) as queries:
        done = record_signs(application=course, wanted=rows, source=Sign.Source.LIST, actor=district.owner)
    assert done.signed_in == count * 10
    return len({query["sql"] if query["sql"][:6] != "INSERT" else query["sql"][:40] for query in queries})


def test_queries_do_not_grow_with_trainees(district, time_machine):
    time_machine.move_to(datetime(2026, 5, 20, 9, 0, tzinfo=SHANGHAI), tick=False)
    queries_for(district, 1)
    assert queries_for(district, 30) == queries_for(district, 3) <= 16  # two of them count the events

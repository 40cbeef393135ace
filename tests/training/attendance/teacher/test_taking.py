"""Ticks of a class teacher, at once and hours later: once, in words where they are not taken, nothing overwritten."""

from datetime import time, timedelta
from uuid import uuid4

import pytest

from luojiang_ce.notices.models import Notice
from luojiang_ce.workflow.events import history
from tests.conftest import in_parallel
from tests.factories import person_in
from tests.queries import statements
from tests.training.attendance.teacher.links import DAY, at, link_of, tick, undo
from tests.training.factories import class_of, enrol, recognition_of, sign
from training.attendance.models import HalfDaySheet, Sign
from training.attendance.services import correct_signs, strike_signs
from training.attendance.teacher.models import TeacherTick
from training.attendance.teacher.services import revoke_link
from training.attendance.teacher.taking import LinkEnded, take

MORNING = (DAY, "morning")


@pytest.fixture(autouse=True)
def _noon(time_machine):
    time_machine.move_to(at(12), tick=False)


@pytest.fixture
def course(district):
    return class_of(district.unit)


@pytest.fixture
def trainees(district, course):
    return [enrol(course, person_in(district.neighbour_unit, name)) for name in ("王小明", "李晓红", "陈大文")]


@pytest.fixture
def link(course, district):
    return link_of(course, district.owner)[0]


@pytest.fixture
def other(course, district):
    return link_of(course, district.colleague, "温如故")[0]


def outcomes(rows):
    return [row.outcome for row in rows]


def valid():
    return [(each.enrolment_id, each.kind, each.time) for each in Sign.objects.valid().order_by("pk")]


class TestOnce:
    def test_a_tick_becomes_a_sign_of_the_teachers_list_at_its_time(self, link, trainees):
        (row,) = take(link=link, ticks=[tick(trainees[0], at(8, 41))])
        assert row.outcome == "recorded"
        kept = Sign.objects.get()
        assert (kept.source, kept.time, kept.recorded_by) == ("list", time(8, 41), None)
        assert row.sign == kept
        (event,) = history(HalfDaySheet.objects.get())
        assert (event.name, event.data) == ("signs_recorded", {"in": 1, "link": link.pk})

    def test_sent_twice_after_a_dead_network_does_nothing_twice(self, link, trainees):
        ticks = [tick(each, at(8, 41)) for each in trainees]
        first = take(link=link, ticks=ticks)
        again = take(link=link, ticks=ticks)  # the answer was lost on the way
        assert [row.pk for row in again] == [row.pk for row in first]
        assert outcomes(again) == ["recorded"] * 3
        assert Sign.objects.count() == TeacherTick.objects.count() == 3
        assert history(HalfDaySheet.objects.get()).count() == 1

    def test_an_undone_tick_that_comes_again_stays_undone(self, link, trainees):
        first, back = tick(trainees[0], at(8, 41)), undo(trainees[0], at(8, 45))
        take(link=link, ticks=[first])
        take(link=link, ticks=[first, back])
        assert outcomes(take(link=link, ticks=[first, back])) == ["recorded", "undone"]
        assert valid() == []
        assert Sign.objects.get().struck_reason == "点错了人"

    def test_two_phones_tick_the_same_person(self, link, other, trainees):
        take(link=link, ticks=[tick(trainees[0], at(8, 41))])
        (row,) = take(link=other, ticks=[tick(trainees[0], at(8, 43))])
        assert (row.outcome, row.said) == ("already", "原来已有 08:41（班主任登记），只算一次")
        assert valid() == [(trainees[0].pk, "in", time(8, 41))]

    def test_who_scanned_and_is_ticked_counts_once(self, link, trainees):
        Sign.objects.create(
            enrolment=trainees[0], date=DAY, half_day="morning", kind="in", time=time(8, 20), source="phone"
        )
        (row,) = take(link=link, ticks=[tick(trainees[0], at(8, 43))])
        assert row.said == "原来已有 08:20（扫码），只算一次"

    def test_one_place_twice_in_one_sending(self, link, trainees):
        rows = take(link=link, ticks=[tick(trainees[0], at(8, 41)), tick(trainees[0], at(8, 42))])
        assert outcomes(rows) == ["recorded", "already"]
        assert len(valid()) == 1

    def test_ticked_undone_and_ticked_again_off_line(self, link, trainees):
        one = trainees[0]
        rows = take(link=link, ticks=[tick(one, at(8, 41)), undo(one, at(8, 45)), tick(one, at(8, 50))])
        assert outcomes(rows) == ["recorded", "undone", "recorded"]
        assert valid() == [(one.pk, "in", time(8, 50))]

    def test_in_and_out_are_two(self, link, trainees):
        one = trainees[0]
        take(link=link, ticks=[tick(one, at(8, 41)), tick(one, at(11, 35), kind="out")])
        assert [kind for _, kind, _ in valid()] == ["in", "out"]


class TestMeanwhile:
    def test_a_half_day_corrected_by_the_office_stays_as_corrected(self, link, trainees, course, district):
        one, two = trainees[:2]
        sign(one, *MORNING, time_in=time(8, 25), time_out=None)
        strike_signs(application=course, key=MORNING, enrolments=[one.pk], reason="本人未到", actor=district.owner)
        correct_signs(
            enrolment=two, key=MORNING, time_in=None, time_out=time(11, 30), reason="只签了退", actor=district.owner
        )
        rows = take(link=link, ticks=[tick(one, at(8, 41)), tick(two, at(8, 41)), tick(trainees[2], at(8, 41))])
        assert outcomes(rows) == ["refused", "refused", "recorded"]
        assert "这个半日已另行更正（12:00 作废：本人未到），没有改动更正的结果" in rows[0].said
        assert "12:00 更正：只签了退" in rows[1].said
        assert valid() == [(two.pk, "out", time(11, 30)), (trainees[2].pk, "in", time(8, 41))]

    def test_what_was_ticked_after_the_correction_is_news(self, link, trainees, course, district, time_machine):
        one = trainees[0]
        sign(one, *MORNING, time_in=time(8, 25), time_out=None)
        time_machine.move_to(at(8, 30), tick=False)
        strike_signs(application=course, key=MORNING, enrolments=[one.pk], reason="本人未到", actor=district.owner)
        time_machine.move_to(at(12), tick=False)
        assert outcomes(take(link=link, ticks=[tick(one, at(8, 41))])) == ["recorded"]

    def test_an_older_touch_takes_nothing_back_that_came_after_it(self, link, other, trainees, course, district):
        """Off line one phone takes back what the office strikes too; another has ticked the trainee anew."""
        one = trainees[0]
        take(link=link, ticks=[tick(one, at(8, 40))])
        strike_signs(application=course, key=MORNING, enrolments=[one.pk], reason="点错了人", actor=district.owner)
        Sign.objects.update(struck_at=at(8, 55))
        take(link=other, ticks=[tick(one, at(9, 0))])
        (row,) = take(link=link, ticks=[undo(one, at(8, 50))])
        assert (row.outcome, "点取消是在 08:50，现有的是 09:00 登记的" in row.said) == ("refused", True)
        assert valid() == [(one.pk, "in", time(9, 0))]

    def test_what_another_phone_took_back_is_not_ticked_anew_by_an_older_touch(self, link, other, trainees):
        one = trainees[0]
        take(link=link, ticks=[tick(one, at(8, 40)), undo(one, at(8, 50))])
        (row,) = take(link=other, ticks=[tick(one, at(8, 45))])
        assert (row.outcome, "08:50 作废：点错了人" in row.said) == ("refused", True)
        assert outcomes(take(link=other, ticks=[tick(one, at(8, 55))])) == ["recorded"]
        assert outcomes(take(link=other, ticks=[tick(one, at(8, 45), kind="out")])) == ["recorded"]

    def test_a_frozen_half_day_takes_nothing_and_keeps_the_ticks(self, link, trainees, course):
        recognition_of(course, state="submitted")
        (row,) = take(link=link, ticks=[tick(trainees[0], at(8, 41))])
        assert row.outcome == "refused"
        assert row.said
        assert not Sign.objects.exists()
        assert TeacherTick.objects.get().enrolment == trainees[0]

    def test_who_was_taken_off_the_list(self, link, trainees, district):
        trainees[0].removed_at = at(10)
        trainees[0].removed_reason = "未到"
        trainees[0].save()
        foreign = enrol(class_of(district.neighbour_unit), person_in(district.unit))
        rows = take(link=link, ticks=[tick(trainees[0], at(8, 41)), tick(foreign, at(8, 41))])
        assert {row.said for row in rows} == {"已不在本班名单里，请交专办员核对"}
        assert [row.enrolment for row in rows] == [trainees[0], None]

    def test_who_was_added_after_it_had_begun(self, link, trainees, course, district):
        late = enrol(course, person_in(district.unit), late_reason="补报", added_at=at(9))
        (row,) = take(link=link, ticks=[tick(late, at(9, 5))])
        assert "从下一个半日起登记" in row.said

    def test_a_half_day_that_is_none(self, link, trainees):
        (row,) = take(link=link, ticks=[tick(trainees[0], at(8, 41), half_day="evening")])
        assert "没有计学时的课程" in row.said

    @pytest.mark.parametrize(
        ("when", "said"),
        [
            (at(8, 41) - timedelta(days=1), "点名时间是 5月10日 08:41，不是这个半日那一天"),
            (at(7, 29), "这个半日 08:30 才开始"),
        ],
    )
    def test_a_time_that_cannot_be(self, link, trainees, when, said):
        (row,) = take(link=link, ticks=[tick(trainees[0], when)])
        assert (row.outcome, said in row.said) == ("refused", True)

    def test_days_of_the_link(self, course, district, trainees):
        link, _ = link_of(course, district.owner, first_day=DAY + timedelta(days=1))
        (row,) = take(link=link, ticks=[tick(trainees[0], at(8, 41))])
        assert "不在链接的日期之内" in row.said

    def test_an_ended_link_takes_nothing(self, link, trainees, district, time_machine):
        revoke_link(link=link, actor=district.owner)
        with pytest.raises(LinkEnded, match="收回"):
            take(link=link, ticks=[tick(trainees[0], at(8, 41))])
        assert not TeacherTick.objects.exists()

    def test_a_link_ends_with_the_class(self, link, trainees, time_machine):
        time_machine.move_to(at(0, 0, DAY + timedelta(days=2)), tick=False)
        with pytest.raises(LinkEnded, match="已过有效期"):
            take(link=link, ticks=[tick(trainees[0], at(8, 41))])


def test_the_clerks_are_told_once_an_hour_of_what_was_not_taken(link, trainees, district, time_machine):
    wrong = [tick(each, at(7)) for each in trainees[:2]]
    take(link=link, ticks=[*wrong, tick(trainees[2], at(8, 41))])
    take(link=link, ticks=wrong)
    take(link=link, ticks=[tick(trainees[0], at(7))])
    told = Notice.objects.filter(title__startswith="班主任点名有没有记上的")
    assert {notice.recipient for notice in told} == {district.owner, district.colleague}
    assert told.count() == Notice.objects.count() == 2
    time_machine.shift(timedelta(hours=1))
    take(link=link, ticks=[tick(trainees[0], at(7))])
    assert told.all().count() == 4
    assert not any(trainee.name in f"{notice.title}{notice.text}" for notice in told for trainee in trainees)


class TestUndo:
    def test_of_another_teachers_tick(self, link, other, trainees):
        take(link=link, ticks=[tick(trainees[0], at(8, 41))])
        assert outcomes(take(link=other, ticks=[undo(trainees[0], at(8, 50))])) == ["undone"]

    def test_not_of_what_did_not_come_through_a_link(self, link, trainees):
        sign(trainees[0], *MORNING, time_in=time(8, 25), time_out=None)
        (row,) = take(link=link, ticks=[undo(trainees[0], at(8, 50))])
        assert (row.outcome, "不是用班主任链接登记的" in row.said) == ("refused", True)
        assert len(valid()) == 1

    def test_only_until_an_hour_after_the_half_day(self, link, trainees, time_machine):
        take(link=link, ticks=[tick(trainees[0], at(8, 41))])
        time_machine.move_to(at(13), tick=False)
        (row,) = take(link=link, ticks=[undo(trainees[0], at(12, 31))])
        assert "这个半日已经过去" in row.said
        assert outcomes(take(link=link, ticks=[undo(trainees[0], at(12, 30))])) == ["undone"]

    def test_of_nothing(self, link, trainees):
        assert outcomes(take(link=link, ticks=[undo(trainees[0], at(8, 50))])) == ["already"]

    def test_is_a_correction_with_its_reason(self, link, trainees):
        take(link=link, ticks=[tick(trainees[0], at(8, 41))])
        take(link=link, ticks=[undo(trainees[0], at(8, 50))])
        event = history(HalfDaySheet.objects.get()).first()
        assert (event.name, event.note_row.text) == ("signs_struck", "点错了人")
        assert event.data == {"count": 1, "link": link.pk}


def test_queries_do_not_grow_with_people(link, course, district):
    counts = []
    for many in (3, 30):
        people = [enrol(course, person_in(district.unit)) for _ in range(many)]
        with statements() as found:
            take(link=link, ticks=[tick(each, at(8, 41)) for each in people])
        with statements() as back:
            take(link=link, ticks=[undo(each, at(8, 50)) for each in people])
        counts.append((len(found), len(back)))
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_two_phones_and_a_repeat_at_the_same_moment(link, other, trainees):
    mine = [tick(each, at(8, 41)) for each in trainees]
    theirs = [tick(each, at(8, 42), client_id=uuid4()) for each in trainees]
    calls = [(link, mine), (link, mine), (other, theirs)]
    in_parallel([lambda link=link, ticks=ticks: take(link=link, ticks=ticks) for link, ticks in calls])
    assert Sign.objects.count() == 3
    assert TeacherTick.objects.count() == 6
    assert sorted(TeacherTick.objects.values_list("outcome", flat=True)) == ["already"] * 3 + ["recorded"] * 3

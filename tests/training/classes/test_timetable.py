"""The checks on a timetable: each rule alone, all problems at once, sums that nobody types."""

from dataclasses import replace
from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.classes.timetable import (
    Course,
    Elsewhere,
    Problem,
    Row,
    Rules,
    check,
    day_sums,
    most_hours,
    sums,
)

pytestmark = pytest.mark.notice("附件3")

RULES = Rules(45, Decimal("4.0"), Decimal("8.0"), time(13), time(12), time(19), time(18))
MONDAY, TUESDAY = date(2026, 12, 14), date(2026, 12, 15)
ROW = Row(1, MONDAY, "morning", time(9), time(12), "采后生理", hours=Decimal("4.0"), lecturer=7, lecturer_name="温如故")
COURSE = Course(3, "职业道德", 2025, 2026)


def problems(*rows: Row, opens=MONDAY, ends=TUESDAY, entitled=lambda row: False, elsewhere=()) -> list[Problem]:
    return check(rows, opens=opens, ends=ends, rules=RULES, entitled=entitled, elsewhere=elsewhere)


def cells(found: list[Problem]) -> list[tuple[int, str]]:
    return [(problem.row, problem.cell) for problem in found]


def test_a_sound_row_has_no_problem():
    assert problems(ROW) == []


@pytest.mark.parametrize(
    ("change", "cell", "says"),
    [
        ({"date": date(2026, 12, 17)}, "date", "不在班期内"),
        ({"ends": time(8)}, "time", "结束不晚于开始"),
        ({"starts": time(11), "ends": time(14)}, "half_day", "不是上午"),
        ({"half_day": "afternoon"}, "half_day", "不是下午"),
        ({"half_day": "evening", "starts": time(17), "ends": time(20)}, "half_day", "不是晚上"),
        ({"course": ""}, "course", "没有写课程"),
        ({"hours": Decimal(0)}, "hours", "没有填学时"),
        ({"hours": Decimal("4.1")}, "hours", "最多 4.0 学时"),
        ({"ends": time(10, 30)}, "hours", "90 分钟，最多 2.0 学时，填了 4.0"),
        ({"lecturer": None}, "lecturer", "没有授课教师"),
        ({"subject": "public"}, "catalogue", "须选公共科目目录"),
    ],
)
def test_each_rule_names_its_cell(change, cell, says):
    found = [p for p in problems(replace(ROW, **change)) if p.cell == cell]
    assert len(found) >= 1
    assert found[0].row == 1
    assert says in found[0].text


@pytest.mark.parametrize("half_day", ["morning", "afternoon", "evening"])
def test_half_days_meet_at_their_edges(half_day):
    spans = {"morning": (time(9), time(13)), "afternoon": (time(12), time(19)), "evening": (time(18), time(21))}
    starts, ends = spans[half_day]
    assert problems(replace(ROW, half_day=half_day, starts=starts, ends=ends)) == []


def test_a_row_that_does_not_count_has_no_hours_and_needs_no_lecturer():
    opening = replace(ROW, number=2, counts=False, starts=time(8), ends=time(9), hours=Decimal(0), lecturer=None)
    assert problems(ROW, opening) == []
    assert cells(problems(ROW, replace(opening, hours=Decimal(1)))) == [(2, "hours")]


def test_a_timetable_without_a_counting_row_says_so():
    assert [p.text for p in problems(replace(ROW, counts=False, hours=Decimal(0)))] == ["课程表里还没有计学时的课程"]
    assert problems() == [Problem(0, "", "课程表里还没有计学时的课程")]


@pytest.mark.notice("一(二)")
class TestPublicSubjects:
    public = replace(ROW, subject="public", catalogue=COURSE)

    def test_the_bureau_or_an_entrusted_organiser_may(self):
        assert problems(self.public, entitled=lambda row: row.catalogue == COURSE) == []

    def test_nobody_else_may(self):
        (found,) = problems(self.public)
        assert (found.cell, "没有当日有效的委托文件" in found.text) == ("catalogue", True)

    def test_the_course_must_stand_in_the_catalogue_of_that_year(self):
        day = date(2027, 3, 1)
        (found,) = problems(replace(self.public, date=day), opens=day, ends=day, entitled=lambda row: True)
        assert found.text == "“职业道德”不在 2027 年度的公共科目目录里"


class TestOverlap:
    later = replace(ROW, number=2, starts=time(11), ends=time(13), hours=Decimal("2.0"))

    def test_of_a_room_is_found_at_the_later_row(self):
        rows = replace(ROW, room="4A", hours=Decimal(2)), replace(self.later, room="4A", lecturer=8)
        assert cells(problems(*rows)) == [(2, "room")]

    def test_of_a_lecturer_is_found(self):
        assert cells(problems(replace(ROW, hours=Decimal(2)), self.later)) == [(2, "lecturer")]

    def test_one_after_the_other_is_no_overlap(self):
        rows = replace(ROW, room="4A", hours=Decimal(2)), replace(self.later, starts=time(12), room="4A")
        assert [p for p in problems(*rows) if p.cell in ("room", "lecturer")] == []

    def test_with_another_class_is_found(self):
        taken = [
            Elsewhere(MONDAY, time(11), time(12), "食用菌栽培班", lecturer=7),
            Elsewhere(MONDAY, time(10), time(11), "别的班", room="4A"),
            Elsewhere(MONDAY, time(12), time(13), "之后的班", lecturer=7, room="4A"),
            Elsewhere(TUESDAY, time(9), time(12), "次日的班", lecturer=7, room="4A"),
        ]
        found = problems(replace(ROW, room="4A"), elsewhere=taken)
        assert cells(found) == [(1, "lecturer"), (1, "room")]
        assert "“食用菌栽培班”授课" in found[0].text


class TestCaps:
    def test_of_a_half_day_and_a_day_stand_at_their_last_row(self):
        rows = [
            replace(ROW, number=1, starts=time(8), ends=time(10), hours=Decimal("2.5")),
            replace(ROW, number=2, starts=time(10), ends=time(12), hours=Decimal("2.5")),
            replace(ROW, number=3, half_day="afternoon", starts=time(14), ends=time(17), hours=Decimal(4)),
        ]
        found = problems(*rows)
        assert cells(found) == [(2, "hours"), (3, "hours")]
        assert "超过半日上限 4.0" in found[0].text
        assert "12/14 共 9.0 学时，超过全日上限 8.0" in found[1].text

    def test_the_cap_itself_is_allowed(self):
        afternoon = replace(ROW, number=2, half_day="afternoon", starts=time(14), ends=time(17))
        assert problems(ROW, afternoon) == []


def test_all_problems_come_at_once_in_the_order_of_the_rows():
    rows = [
        replace(ROW, number=1, hours=Decimal(5), room="4A"),
        replace(ROW, number=2, half_day="afternoon", starts=time(14), ends=time(17), course="", lecturer=None),
        replace(ROW, number=3, date=date(2026, 12, 20)),
    ]
    assert cells(problems(*rows)) == [
        (1, "hours"),
        (1, "hours"),
        (2, "course"),
        (2, "lecturer"),
        (2, "hours"),
        (3, "date"),
    ]


def test_sums_are_those_of_the_counting_rows_by_subject():
    rows = [
        ROW,
        replace(ROW, subject="public", hours=Decimal("1.5"), date=TUESDAY),
        replace(ROW, counts=False, hours=Decimal("9")),
    ]
    found = sums(rows)
    assert (found.public, found.professional, found.total) == (Decimal("1.5"), Decimal("4.0"), Decimal("5.5"))
    assert day_sums(rows) == {MONDAY: Decimal("4.0"), TUESDAY: Decimal("1.5")}


@given(st.integers(min_value=0, max_value=720))
def test_hours_never_exceed_the_minutes(minutes):
    most = most_hours(minutes, RULES)
    assert most * 45 <= minutes < (most + Decimal("0.1")) * 45


@given(st.lists(st.tuples(st.sampled_from(["public", "professional"]), st.integers(0, 40), st.booleans()), max_size=30))
def test_sums_do_not_depend_on_the_order(parts):
    rows = [replace(ROW, subject=s, hours=Decimal(h) / 10, counts=c) for s, h, c in parts]
    assert sums(rows) == sums(reversed(rows))
    assert sums(rows).total == sum((row.hours for row in rows if row.counts), Decimal(0))

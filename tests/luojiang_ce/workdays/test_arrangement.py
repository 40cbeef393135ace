"""The State Council's notice in its own words: three years' texts, older wordings, and texts that are wrong."""

import json
from datetime import date
from pathlib import Path

import pytest

from luojiang_ce.workdays.arrangement import Arrangement, read_arrangement
from luojiang_ce.workdays.calendar import Calendar, DayKind, Entry

YEARS = json.loads((Path(__file__).parents[2] / "data" / "holiday_notices.json").read_text(encoding="utf-8"))["years"]
SPRING = (
    "春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。"
    "2月14日（周六）、2月28日（周六）上班。"
)
each_year = pytest.mark.parametrize("case", YEARS, ids=lambda case: str(case["year"]))


def dates(arrangement: Arrangement, kind: DayKind) -> list[str]:
    return [day.isoformat() for day in arrangement.dates(kind)]


@each_year
def test_a_notice_gives_its_days(case):
    read = read_arrangement(case["text"], case["year"])

    assert read.problems == ()
    assert read.missing == ()
    assert dates(read, DayKind.HOLIDAY) == case["rest"]
    assert dates(read, DayKind.MAKEUP) == case["work"]


@each_year
def test_a_notice_agrees_with_the_official_calendar_day_by_day(case):
    year = case["year"]
    entries = {day.date: Entry(day.kind, day.name) for day in read_arrangement(case["text"], year).days}
    official = Calendar()
    plain_weekends = {
        day: Entry(DayKind.WEEKEND if day.weekday() >= 5 else DayKind.WORKDAY)
        for day in (date.fromordinal(n) for n in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()))
    }
    entered = Calendar({**plain_weekends, **entries})

    assert [d for d in plain_weekends if entered.is_working(d) != official.is_working(d)] == []


@each_year
def test_line_breaks_do_not_matter(case):
    one_line = case["text"].replace("\n", "")

    assert read_arrangement(one_line, case["year"]) == read_arrangement(case["text"], case["year"])


def test_each_day_knows_its_festival():
    read = read_arrangement(SPRING, 2026)

    assert {day.name for day in read.days} == {"春节"}
    assert read.missing == ("元旦", "清明", "劳动", "端午", "中秋", "国庆")


@pytest.mark.parametrize(
    ("text", "year", "rest", "work"),
    [
        ("元旦：2022年12月31日至2023年1月2日放假调休，共3天。", 2023, ["2022-12-31", "2023-01-01", "2023-01-02"], []),
        ("元旦：12月31日至1月2日放假，共3天。", 2023, ["2022-12-31", "2023-01-01", "2023-01-02"], []),
        ("元旦：1月1日放假，1月2日（星期一）补休。", 2017, ["2017-01-01", "2017-01-02"], []),
        ("元旦：2012年1月1日至3日放假调休，共3天。2011年12月31日（星期六）上班。", 2012,
         ["2012-01-01", "2012-01-02", "2012-01-03"], ["2011-12-31"]),
        ("劳动节：５月１日－３日放假，共３天。", 2021, ["2021-05-01", "2021-05-02", "2021-05-03"], []),
    ],
    ids=["both years named", "december without a year", "补休", "make-up day in the old year", "full-width digits"],
)  # fmt: skip
def test_other_wordings(text, year, rest, work):
    read = read_arrangement(text, year)

    assert read.problems == ()
    assert (dates(read, DayKind.HOLIDAY), dates(read, DayKind.MAKEUP)) == (rest, work)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            SPRING.replace("（周六）、2月28日", "（周五）、2月28日"),
            "春节“2月14日(周五)”：2026年2月14日 是周六，不是周五",
        ),
        (SPRING.replace("共9天", "共8天"), "原文说 8 天，按日期数是 9 天"),
        (SPRING.replace("2月28日（周六）", "2月30日"), "春节“2月30日”：没有这一天"),
        (SPRING.replace("至23日（农历正月初七、周一）", "至13日"), "起止日不对"),
        (SPRING.replace("、2月28日（周六）上班", "、2月23日（周一）上班"), "既写了放假又写了上班"),
        (SPRING.replace("、2月28日（周六）上班", "、2月24日（周二）上班"), "本来就是工作日"),
        ("春节：放假调休，共9天。", "没有读到日期"),
        ("春节：2027年2月5日至11日放假，共7天。", "不在2026年的安排之内"),
        ("春节：5日放假。", "没有这一天"),
        ("请各单位妥善安排值班。", "没有读到放假安排"),
        ("", "没有读到放假安排"),
    ],
)
def test_a_text_that_is_wrong_says_where(text, said):
    assert said in " ".join(read_arrangement(text, 2026).problems)


def test_all_problems_are_named_at_once():
    wrong = SPRING.replace("（周六）、2月28日（周六）", "（周一）、2月28日（周一）")

    assert len(read_arrangement(wrong, 2026).problems) == 2


def test_the_notice_of_another_year_is_noticed_by_its_weekdays():
    assert read_arrangement(YEARS[1]["text"], 2026).problems

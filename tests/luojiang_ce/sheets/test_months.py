"""Year and month from text, numbers and date cells, as the roster contract lists them."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luojiang_ce.sheets.months import YearMonth, from_serial, read_month


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *(
            (text, (2015, 3, None))
            for text in ("2015-03", "2015.03", "2015/3", "2015年3月", "201503", "2015-3", "2015.3")
        ),
        *(
            (text, (2015, 3, 1))
            for text in ("2015/3/1", "2015年3月1日", "2015-03-01", "2015.3.1", "20150301", "2015/03/1")
        ),
        ("２０１５年０３月", (2015, 3, None)),
        ("２０１５．０３", (2015, 3, None)),
        ("２０１５／３／１", (2015, 3, 1)),
        ("２０１５－０３", (2015, 3, None)),
        (" 2015-03\u3000", (2015, 3, None)),
        ("2015.1", (2015, 1, None)),
        ("2015.10", (2015, 10, None)),
        ("2024-02-29", (2024, 2, 29)),
        *(
            (text, (1976, 4, 15))
            for text in (
                *("1976-04-15 00:00:00", "1976/4/15 0:00", "1976-04-15T00:00:00", "1976-04-15 08:30:00.000"),
                *("1976年4月15日 星期四", "1976年4月15日（周四）", "1976-04-15 周四 08:30", "星期四 1976-4-15"),
                *("'1976-04-15", "1976 年 4 月 15 日", "1976. 4. 15", "1976—04—15", "1976－4－15", "19760415 08:21"),
                *("一九七六年四月十五日", "1976年4月15号", "1976/4/15 8:21 AM", "1976年4月15日上午8:30"),
                *("1976-04-14T16:00:00Z", "1976-04-15T00:00:00+08:00", "1976年四月十五日"),
            )
        ),
        *((text, (1976, 4, None)) for text in ("'1976-04", "1976 年 4 月", "1976—04", "一九七六年四月", "1976。04")),
        ("二〇一五年三月", (2015, 3, None)),
        ("二○一五年十二月三十一日", (2015, 12, 31)),
        ("二零二〇年十月二十日", (2020, 10, 20)),
        # Midnight of 1 March here; taken as it stands it would be February.
        ("2015-02-28T16:00:00.000Z", (2015, 3, 1)),
    ],
)
def test_texts_that_are_dates(value: str, expected: tuple[int, int, int | None]) -> None:
    assert read_month(value) == YearMonth(*expected)


@pytest.mark.parametrize(
    "value",
    [
        *(
            "2015",
            "15-03",
            "85.3",
            "2015-13",
            "2015-00",
            "2015-02-30",
            "2023/2/29",
            "2015年",
            "2015年3",
            "3月",
            "201513",
        ),
        *(
            "20150230",
            "2015-03/01",
            "2015-03-",
            "2015.003",
            "不详",
            "#N/A",
            "42064",
            "2015年03月01",
        ),
        *("2015-3-1-1", "0015-03", "٢٠١٥-٠٣"),
        *(
            "二〇一五年",
            "三月",
            "2015-02-30 00:00",
            "2015-03-01 99:99",
            "二〇一五年十三月",
            "08:30",
            "星期四",
            "一五年三月",
        ),
    ],
)
def test_texts_that_are_none(value: str) -> None:
    assert read_month(value) is None


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (42064.0, (2015, 3, 1)),
        (42064.75, (2015, 3, 1)),
        (10000.0, (1927, 5, 18)),
        (99999.0, (2173, 10, 13)),
        (201503.0, (2015, 3, None)),
        (20150301.0, (2015, 3, 1)),
        (2015.03, (2015, 3, None)),
        (2015.12, (2015, 12, None)),
        (2015.11, (2015, 11, None)),
        (1985.09, (1985, 9, None)),
    ],
)
def test_numbers_that_are_dates(number: float, expected: tuple[int, int, int | None]) -> None:
    assert read_month(number) == YearMonth(*expected)


@pytest.mark.parametrize(
    "number",
    [
        float("inf"),
        float("-inf"),
        float("nan"),
        1e308,
        2015.1,
        2015.0,
        2015.13,
        2015.2,
        2015.031,
        9999.0,
        100000.0,
        201513.0,
        20150230.0,
        0.5,
        -1.0,
        85.0,
        3.5e17,
    ],
)
def test_numbers_that_are_none(number: float) -> None:
    assert read_month(number) is None


def test_date_cells() -> None:
    assert read_month(datetime(2015, 3, 17)) == YearMonth(2015, 3, 17)


@pytest.mark.parametrize(
    ("serial", "epoch_1904", "expected"),
    [
        (1, False, date(1900, 1, 1)),
        (59, False, date(1900, 2, 28)),
        (61, False, date(1900, 3, 1)),
        (42064, False, date(2015, 3, 1)),
        (40602, True, date(2015, 3, 1)),
    ],
)
def test_days_of_both_systems(serial: int, epoch_1904: bool, expected: date) -> None:
    day = from_serial(serial, epoch_1904)
    assert day is not None
    assert day.date() == expected


@pytest.mark.parametrize("serial", [0, 0.5, -3, 2_958_466, 3.5e17, float("inf"), float("nan")])
def test_what_excel_shows_no_date_for(serial: float) -> None:
    assert from_serial(serial, False) is None


def test_the_last_days_of_the_1904_system_do_not_break() -> None:
    assert from_serial(2_958_465, True) is None


def test_plain_numbers_are_days_of_the_workbooks_own_system() -> None:
    assert read_month(40602.0, epoch_1904=True) == YearMonth(2015, 3, 1)


@given(st.dates(min_value=date(1927, 6, 1), max_value=date(2173, 1, 1)))
def test_every_way_of_writing_a_day_means_that_day(day: date) -> None:
    serial = float((day - date(1899, 12, 30)) / timedelta(days=1))
    ways = [
        *(
            f"{day:%Y-%m-%d}",
            f"{day:%Y%m%d}",
            f"{day.year}/{day.month}/{day.day}",
            f"{day.year}年{day.month}月{day.day}日",
        ),
        *(serial, float(f"{day:%Y%m%d}"), datetime(day.year, day.month, day.day)),
    ]
    assert {read_month(way) for way in ways} == {YearMonth(day.year, day.month, day.day)}


@given(st.dates(min_value=date(1000, 1, 1), max_value=date(9999, 1, 1)))
def test_every_way_of_writing_a_month_means_that_month(day: date) -> None:
    ways: list[str | float] = [f"{day:%Y-%m}", f"{day:%Y%m}", f"{day.year}.{day.month}", f"{day.year}年{day.month}月"]
    ways += [float(f"{day:%Y%m}")] + ([float(f"{day.year}.{day.month:02d}")] if day.month != 10 else [])
    assert {read_month(way) for way in ways} == {YearMonth(day.year, day.month)}


@given(st.one_of(st.text(max_size=12), st.floats()))
def test_nothing_breaks_it(value: str | float) -> None:
    found = read_month(value)
    assert found is None or found.first_day().year == found.year

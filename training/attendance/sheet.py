"""A sign-in sheet or a time clock's export as a workbook: its columns, what its cells mean, and how punches become
sign-ins and sign-outs. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, time

from luojiang_ce.sheets.cells import Value, as_text
from luojiang_ce.sheets.definitions import Column, SheetForm
from luojiang_ce.sheets.problems import UnreadableCellError
from luojiang_ce.sheets.times import day_and_times, moment_of, read_time, read_times
from training.half_days import Slot, minutes

from .oddities import EARLY_OR_LATE

# What is filled in by hand and printed.
SIGNS = SheetForm(
    code="signs",
    title="签到签退登记表",
    sheet_name="签到签退",
    columns=(
        Column("name", "姓名", ("学员姓名", "员工姓名", "人员姓名", "学员"), kind="name", width=10, required=True),
        Column(
            "id_number",
            "证件号码",
            ("身份证号", "身份证号码", "证件号", "证件", "身份证后六位", "证件号码后六位", "后六位"),
            kind="id",
            width=22,
            help="全号或后六位；同名的人必须填写",
        ),
        Column("employer", "单位", ("工作单位", "部门"), width=28),
        Column("date", "日期", ("考勤日期", "打卡日期", "签到日期", "刷卡日期", "上课日期"), kind="date", width=12),
        Column("half_day", "时段", ("半日", "班次", "时间段"), width=8, help="上午、下午或晚上；不填按时间判断"),
        Column("time_in", "签到时间", ("签到", "上班", "上班时间", "上班打卡", "上班打卡时间"), width=10),
        Column("time_out", "签退时间", ("签退", "下班", "下班时间", "下班打卡", "下班打卡时间"), width=10),
        Column(
            "punch",
            "打卡时间",
            (
                *("打卡", "刷卡", "刷卡时间", "考勤时间", "时间", "日期时间", "打卡日期时间", "考勤日期时间"),
                *("打卡记录", "刷卡记录", "考勤记录", "出勤时间", "签到签退时间", "打卡时刻", "刷卡时刻"),
            ),
            width=18,
            help="考勤机导出：一行一次打卡，或一格里一天的几次打卡；也可以每天一列，列名写日期（16日、5月16日）",
        ),
    ),
)
# A time clock may have a column for each punch of the day; which half-day one belongs to, its time tells.
_NTH = (
    ("上午签到", ("上午上班", "上午签到时间")),
    ("上午签退", ("上午下班", "上午签退时间")),
    ("下午签到", ("下午上班", "下午签到时间")),
    ("下午签退", ("下午下班", "下午签退时间")),
    ("晚上签到", ("晚上上班", "晚上签到时间")),
    ("晚上签退", ("晚上下班", "晚上签退时间")),
)


def _nth_column(place: int, title: str, synonyms: tuple[str, ...]) -> Column:
    paired, way = divmod(place, 2)
    pair_titles = ((f"签到{paired + 1}", f"上班{paired + 1}"), (f"签退{paired + 1}", f"下班{paired + 1}"))[way]
    numbers = (f"{place + 1}", "一二三四五六"[place])
    ordinal = tuple(f"{word}{n}" for n in numbers for word in ("打卡", "打卡时间", "刷卡", "刷卡时间", "时间"))
    ordinal += tuple(f"第{n}次打卡" for n in numbers)
    return Column(f"punch{place + 1}", title, (*synonyms, *pair_titles, *ordinal))


NTH_PUNCHES = tuple(_nth_column(place, *titles) for place, titles in enumerate(_NTH))


def _date_column(month: int, day: int) -> Column:
    written = (f"{month}-{day}", f"{month:02d}-{day:02d}", f"{month}/{day}", f"{month:02d}/{day:02d}")
    return Column(f"day{month}-{day}", f"{month}月{day}日", (*written, f"{month:02d}月{day:02d}日"))


# Or one for each day of the month, in which a day's punches stand: by day, and by month and day.
DAYS: dict[int | tuple[int, int], Column] = {
    **{
        day: Column(f"day{day}", f"{day}日", (f"{day}", f"{day:02d}", f"{day:02d}日", f"{day}号"))
        for day in range(1, 32)
    },
    **{(month, day): _date_column(month, day) for month in range(1, 13) for day in range(1, 32)},
}
# What is read.
SIGNS_READ = replace(SIGNS, joins_titles=True, columns=(*SIGNS.columns, *NTH_PUNCHES, *DAYS.values()))
PUNCHES = ("punch", *(column.key for column in NTH_PUNCHES))
TIMES = ("time_in", "time_out", *PUNCHES, *(column.key for column in DAYS.values()))
HALF_DAYS = {
    **{"上午": "morning", "早上": "morning", "下午": "afternoon"},
    **{"晚上": "evening", "夜间": "evening", "晚间": "evening"},
}

ReadDay = Callable[[Value], date]
_PARTS = re.compile(r"[\n;；]+")


def read_at(value: Value, read_day: ReadDay, *, epoch_1904: bool) -> tuple[date | None, time]:
    """The one time in a cell, and the day where the cell names it too. Raises UnreadableCellError."""
    if moment := moment_of(value, epoch_1904=epoch_1904):
        return moment.date(), read_time(moment)
    if not isinstance(value, str):
        return None, read_time(value)
    day, times = day_and_times(value)
    return read_day(day) if day else None, read_time(times)


def read_punches(value: Value, day: date | None, read_day: ReadDay, *, epoch_1904: bool) -> list[tuple[date, time]]:
    """Day and time of each punch in a cell: with its day, or with `day` where the cell names none.

    Raises UnreadableCellError.
    """
    if not isinstance(value, str):
        own, at = read_at(value, read_day, epoch_1904=epoch_1904)
        return [(_some_day(own or day), at)]
    punches = []
    for part in filter(str.strip, _PARTS.split(value)):
        named, times = day_and_times(part)
        day = read_day(named) if named else day
        punches += [(_some_day(day), at) for at in read_times(times)]
    return punches


def _some_day(day: date | None) -> date:
    if day is None:
        raise UnreadableCellError("没有日期", "请在打卡时间里写明年月日，或另填日期一列")
    return day


def read_half_day(value: Value) -> str:
    """The half-day that is meant, whatever times stand behind it; empty for an empty cell. UnreadableCellError."""
    text = as_text(value).strip()
    if text and text[:2] not in HALF_DAYS:
        raise UnreadableCellError("认不出时段", "请填上午、下午或晚上")
    return HALF_DAYS.get(text[:2], "")


def slot_at(day: date, at: time, slots: Iterable[Slot]) -> Slot | None:
    """The half-day of that day to which a punch belongs: the nearest within an hour, None where there is none."""
    near: dict[int, Slot] = {}  # by minutes outside the half-day, 0 inside
    for slot in slots:
        distance = max(minutes(slot.starts_at) - minutes(at), minutes(at) - minutes(slot.ends_at), 0)
        if slot.date == day and distance <= EARLY_OR_LATE:
            near.setdefault(distance, slot)
    return near[min(near)] if near else None


def pair(punches: Sequence[time], slot: Slot) -> tuple[time | None, time | None]:
    """Sign-in and sign-out of one half-day: the first punch and the last.

    A single one is an *in* in the first half of the half-day and an *out* in the second: nothing is made up.
    """
    first, last = min(punches), max(punches)
    if first != last:
        return first, last
    middle = (minutes(slot.starts_at) + minutes(slot.ends_at)) / 2
    return (first, None) if minutes(first) < middle else (None, first)

"""A sign-in sheet or a time clock's export as a workbook: its columns, what its cells mean, and how punches become
sign-ins and sign-outs. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time

from luojiang_ce.sheets.cells import Value, as_text
from luojiang_ce.sheets.definitions import Column, SheetForm
from luojiang_ce.sheets.months import read_month
from luojiang_ce.sheets.problems import UnreadableCellError
from training.half_days import Slot, minutes

from .oddities import EARLY_OR_LATE

SIGNS = SheetForm(
    code="signs",
    title="签到签退登记表",
    sheet_name="签到签退",
    columns=(
        Column("name", "姓名", ("学员姓名", "员工姓名", "人员姓名"), kind="name", width=10, required=True),
        Column(
            "id_number",
            "证件号码",
            ("身份证号", "身份证号码", "证件号", "证件", "身份证后六位", "证件号码后六位", "后六位"),
            kind="id",
            width=22,
            help="全号或后六位；同名的人必须填写",
        ),
        Column("employer", "单位", ("工作单位", "部门"), width=28),
        Column("date", "日期", ("考勤日期", "打卡日期", "签到日期"), kind="date", width=12),
        Column("half_day", "时段", ("半日", "班次"), width=8, help="上午、下午或晚上；不填按时间判断"),
        Column("time_in", "签到时间", ("签到", "上班", "上班时间"), width=10),
        Column("time_out", "签退时间", ("签退", "下班", "下班时间"), width=10),
        Column("punch", "打卡时间", ("打卡", "刷卡时间", "考勤时间"), width=18, help="考勤机导出：一行一次打卡"),
    ),
)
TIMES = ("time_in", "time_out", "punch")
HALF_DAYS = {"上午": "morning", "下午": "afternoon", "晚上": "evening", "夜间": "evening", "晚间": "evening"}

_TIME = re.compile(
    r"(上午|下午|晚上)?\s*([0-2]?[0-9])\s*[:：.点时]\s*([0-5][0-9])分?(?:[:：.][0-5][0-9](?:\.[0-9]+)?)?"
)
_DAY_AND_TIME = re.compile(r"([0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?)[T\s]+(.+)")
_DAY_SECONDS = 24 * 60 * 60


def read_time(value: Value) -> time:
    """The time of day in a cell, to the minute. Raises UnreadableCellError."""
    if isinstance(value, datetime):
        return time(value.hour, value.minute)
    if isinstance(value, float):  # Excel keeps a fraction of the day
        if value < 0 or (value >= 1 and value.is_integer()):
            raise UnreadableCellError("认不出时间", "请把单元格设为文本或时间格式，如 08:25")
        # Whole seconds first, which are then cut off, not rounded.
        seconds = min(round(value % 1 * _DAY_SECONDS), _DAY_SECONDS - 1)
        return time(*divmod(seconds // 60, 60))
    match = _TIME.fullmatch(as_text(value).strip())
    if match is None:
        raise UnreadableCellError("认不出时间", "请填 24 小时制的时间，如 08:25")
    hour = int(match[2]) + (12 if match[1] in ("下午", "晚上") and int(match[2]) < 12 else 0)
    if hour > 23:
        raise UnreadableCellError("没有这个钟点", "请填 24 小时制的时间，如 14:00")
    return time(hour, int(match[3]))


def read_day(value: Value, *, epoch_1904: bool) -> date:
    """The day in a cell. Raises UnreadableCellError."""
    month = read_month(value, epoch_1904=epoch_1904)
    if month is None or month.day is None:
        raise UnreadableCellError("认不出是哪一天", "请填年月日，如 2026-05-11")
    try:
        return date(month.year, month.month, month.day)
    except ValueError:
        raise UnreadableCellError("没有这一天", "请核对月份和日子") from None


def read_punch(value: Value, day: date | None, *, epoch_1904: bool) -> tuple[date, time]:
    """Day and time of a punch: both in one cell, or the time alone with `day`. Raises UnreadableCellError."""
    if isinstance(value, datetime) and value.year > 1904:
        return value.date(), time(value.hour, value.minute)
    if isinstance(value, str) and (both := _DAY_AND_TIME.fullmatch(value.strip())):
        return read_day(both[1], epoch_1904=epoch_1904), read_time(both[2])
    if day is None:
        raise UnreadableCellError("没有日期", "请在打卡时间里写明年月日，或另填日期一列")
    return day, read_time(value)


def read_half_day(value: Value) -> str:
    """The half-day that is meant; empty for an empty cell. Raises UnreadableCellError."""
    text = as_text(value)
    if text and text not in HALF_DAYS:
        raise UnreadableCellError("认不出时段", "请填上午、下午或晚上")
    return HALF_DAYS.get(text, "")


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

"""Days and times as schools and time clocks write them: 12月12日（周六）, 上午8:30–11:30, punches in one cell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time

from .cells import Value, as_text
from .months import DAY_SECONDS, from_serial, in_figures, in_shanghai, ordinary, plain_date, read_month
from .problems import UnreadableCellError

_LATE = ("下午", "傍晚", "晚上", "晚间", "夜间", "晚", "PM")
_TIME = re.compile(
    rf"(?P<half>上午|早上|早晨|凌晨|中午|{'|'.join(_LATE)}|AM)?\s*(?P<hour>[0-2]?[0-9])\s*"
    r"(?:[:.点时]\s*(?P<minute>[0-5][0-9])\s*分?"
    r"(?::(?P<second>[0-5][0-9])(?:\.[0-9]+)?|(?P<spelt>[0-5][0-9])秒)?|[点时]整?(?P<half_past>半)?)"
    r"(?(half)|\s*(?P<suffix>[AP]M)?)",
    re.IGNORECASE,
)
_BETWEEN_TIMES = re.compile(r"[\s,，;；、/|~～〜至到-]*")
_BRACKETS = re.compile(r"[（）()【】\[\]]")
_TO = re.compile(r"\s*(?:[-~～〜]+|至|到)\s*")
_SHORT_DAY = re.compile(r"(?:(?P<year>[0-9]{2})[-./年])?(?P<month>[0-9]{1,2})[-./月](?P<day>[0-9]{1,2})[日号]?")
_DAY_BEFORE_TIMES = re.compile(
    r"(?P<day>(?:[0-9]{8}|(?:[0-9]{2,4}[-./年]\s*)?[0-9]{1,2}[-./月]\s*[0-9]{1,2}日?号?)"
    r"\s*(?:[（(]?(?:星期|礼拜|周)[一二三四五六日天][)）]?)?)(?:T|\s+|(?<=[日号)）])|(?=[上下中晚早]))(?P<times>\S.*)",
    re.DOTALL,
)
_BESIDE_DATE = re.compile(r"\s*([年月日号])\s*")
_SOME_DAY = 10_000  # Excel's numbers of days that are meant as such

_HOW = "请填 24 小时制的时间，如 08:25"


def read_day(value: Value, *, epoch_1904: bool, within: tuple[date, date]) -> date:
    """The day in a cell; a year that is not written, or with two digits, is that in which it lies `within` these days.

    Where it lies in none, the year of the first of them. Raises UnreadableCellError.
    """
    month = read_month(value, epoch_1904=epoch_1904)
    if month is not None and month.day:
        return month.first_day()
    short = _SHORT_DAY.fullmatch(plain_date(value)) if isinstance(value, str) else None
    if short is None:
        raise UnreadableCellError("认不出是哪一天", "请填年月日，如 2026-12-14")
    found = [day for day in _possible(short, within) if within[0] <= day <= within[1]] or [*_possible(short, within)]
    if not found:
        raise UnreadableCellError(f"没有 {short[0]} 这一天", "请核对年份、月份和日子")
    return found[0]


def _possible(short: re.Match[str], within: tuple[date, date]) -> Iterator[date]:
    for year in range(within[0].year, within[1].year + 1):
        if short["year"] in (None, f"{year % 100:02d}"):
            try:
                yield date(year, int(short["month"]), int(short["day"]))
            except ValueError:
                continue


def read_times(value: Value) -> list[time]:
    """All times of day in a cell, to the minute, in the order in which they stand. Raises UnreadableCellError."""
    if isinstance(value, str):
        return _times(in_figures(ordinary(value)))
    return [_of_excel(value)]


def read_time(value: Value) -> time:
    """The time of day in a cell, to the minute. Raises UnreadableCellError."""
    found = read_times(value)
    if len(found) != 1:
        remedy = "请只留一个；一格里几次打卡的，请放在“打卡时间”一列"
        raise UnreadableCellError(f"这一格里有 {len(found)} 个时间", remedy)
    return found[0]


def seconds_in(text: str) -> int:
    """The seconds beyond the minute of a time that `read_time` reads; 0 where none are written."""
    found = _TIME.search(in_figures(ordinary(text)))
    return int(found["second"] or found["spelt"] or 0) if found else 0


def read_span(value: Value) -> tuple[time, time]:
    """From when to when: 8:30-11:30, 上午8时30分至11时30分, 下午2:30-5:00. Raises UnreadableCellError."""
    parts = _TO.split(_BRACKETS.sub(" ", in_figures(ordinary(as_text(value)))).strip())
    matches = [_TIME.fullmatch(part) for part in parts]
    if len(matches) != 2 or not matches[0] or not matches[1]:
        raise UnreadableCellError("认不出起止时间", "请填起止时间，如 08:30-11:30")
    starts = _of(matches[0])
    # 下午2:30-5:00 ends in the afternoon too.
    ends = _of(matches[1], half=matches[1]["half"] or matches[0]["half"] or "")
    if ends <= starts:
        raise UnreadableCellError("结束不晚于开始", "请核对起止时间；下午的时间请写成 14:00 或 下午2:00")
    return starts, ends


def has_span(text: str) -> bool:
    """Do two times stand in the text, from one to the other?"""
    plain = in_figures(ordinary(text))
    ends = (_TO.match(plain, found.end()) for found in _TIME.finditer(plain))
    return any(end is not None and _TIME.match(plain, end.end()) for end in ends)


def day_and_times(text: str) -> tuple[str, str]:
    """A day and what stands behind it in one cell (2026-10-20 星期二 08:21 11:35); no day where there is none."""
    plain = _BESIDE_DATE.sub(r"\1", in_figures(in_shanghai(ordinary(text))))
    found = _DAY_BEFORE_TIMES.fullmatch(plain)
    return (found["day"], found["times"]) if found else ("", plain)


def moment_of(value: Value, *, epoch_1904: bool) -> datetime | None:
    """Day and time of a cell that Excel knows as such, also of a bare number (46315.348); None for anything else."""
    if isinstance(value, float) and value >= _SOME_DAY:
        value = from_serial(value, epoch_1904) or value
    return value if isinstance(value, datetime) and value.year > 1904 else None  # a time alone is of the first days


def _times(text: str) -> list[time]:
    found, place = [], 0
    text = text.strip()
    while place < len(text):
        match = _TIME.match(text, place)
        if match is None:
            break
        found.append(_of(match))
        blanks = _BETWEEN_TIMES.match(text, match.end())
        place = blanks.end() if blanks else match.end()
    if not found or place < len(text):
        raise UnreadableCellError("认不出时间", _HOW)
    return found


def _of(match: re.Match[str], half: str | None = None) -> time:
    hour, minute = int(match["hour"]), int(match["minute"] or (30 if match["half_past"] else 0))
    part = (match["suffix"] or (match["half"] if half is None else half) or "").upper()
    if part in _LATE or (part == "中午" and hour < 3):
        hour += 12 if hour < 12 else 0
    elif part in ("AM", "凌晨") and hour == 12:
        hour = 0
    if hour > 23:
        raise UnreadableCellError("没有这个钟点", "请填 24 小时制的时间，如 14:00")
    return time(hour, minute)


def _of_excel(value: float | datetime) -> time:
    if isinstance(value, datetime):
        if value.year > 1904 and value.time() == time():
            raise UnreadableCellError("这一格里只有日期，没有时间", _HOW)
        return time(value.hour, value.minute)
    if value < 0 or (value >= 1 and value.is_integer()):  # Excel keeps a fraction of the day
        raise UnreadableCellError("认不出时间", "请把单元格设为文本或时间格式，如 08:25")
    # Whole seconds first, which are then cut off, not rounded.
    seconds = min(round(value % 1 * DAY_SECONDS), DAY_SECONDS - 1)
    return time(*divmod(seconds // 60, 60))

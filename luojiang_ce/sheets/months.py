"""Year and month from what cells hold: text, date cells, or numbers that Excel or people made of dates."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import isfinite

from luojiang_ce.clock import SHANGHAI

from .cells import Value, clean_text

# Dashes and signs that stand for the ordinary ones in figures, typed or copied.
_ORDINARY = str.maketrans("．。／－‐‑‒–—―−─﹣：∶﹕︰", "../----------::::")
_WEEKDAY = re.compile(r"[（(\[【]?\s*(?:星期|礼拜|周)[一二三四五六日天]\s*[)）\]】]?")
_WITH_TIME = re.compile(
    r"(.*?[0-9日号])(?:(?:T|\s)\s*|(?<=[日号]))(?:[上下中]午|早上|晚上|[AP]M)?\s*[0-2]?[0-9][:时点][0-5][0-9]分?"
    r"(?::?[0-5][0-9](?:[.,][0-9]+)?秒?)?\s*(?:[AP]M)?",
    re.IGNORECASE,
)
# Behind a blank a minus may be the 至 of 08:30-11:30.
_ZONED = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:(?P<t>T)| )[0-9]{2}:[0-9]{2}[0-9:.]*(?:Z|(?:\+|(?(t)-|\+))[0-9]{2}:?[0-9]{2})"
)
_BESIDE_MARKS = re.compile(r"\s*([年月日号./-])\s*")
_CHINESE_NUMBER = re.compile("[〇○零一二三四五六七八九十两]{1,4}(?=[年月日号点时分期天人]|个?[学课]时)")
_CHINESE_DIGITS = str.maketrans("〇○零一二两三四五六七八九", "0001223456789")
_YEAR = r"(?P<year>[1-9][0-9]{3})"
_SEPARATED = re.compile(_YEAR + r"(?P<mark>[-./])(?P<month>[0-9]{1,2})(?:(?P=mark)(?P<day>[0-9]{1,2}))?")
_CHINESE = re.compile(_YEAR + r"年(?P<month>[0-9]{1,2})月(?:(?P<day>[0-9]{1,2})[日号])?")
_COMPACT = re.compile(_YEAR + r"(?P<month>[0-9]{2})(?P<day>[0-9]{2})?")
_EXCEL_DAYS = range(10_000, 100_000)
DAY_SECONDS = 24 * 60 * 60


@dataclass(frozen=True, slots=True, order=True)
class YearMonth:
    """A year and a month, with the day where the source gave one."""

    year: int
    month: int
    day: int | None = None

    @property
    def name(self) -> str:
        """The month as pages show it, never the day."""
        return f"{self.year}-{self.month:02d}"

    def first_day(self) -> date:
        """The day given, or the first of the month."""
        return date(self.year, self.month, self.day or 1)

    def same_month(self, other: "YearMonth | date") -> bool:
        """Whether both lie in one month; days are never compared."""
        return (self.year, self.month) == (other.year, other.month)


def read_month(value: Value, *, epoch_1904: bool = False) -> YearMonth | None:
    """The year and month that the cell names; None for a year alone, month 13, 30 February, the number 2015.1."""
    if isinstance(value, datetime):
        return YearMonth(value.year, value.month, value.day)
    if isinstance(value, float):
        return _from_number(value, epoch_1904)
    text = plain_date(value)
    for pattern in (_SEPARATED, _CHINESE, _COMPACT):
        if match := pattern.fullmatch(text):
            return _existing(match["year"], match["month"], match["day"])
    return None


def ordinary(text: str) -> str:
    """Cleaned text with the usual dashes, full stops and colons, whichever were typed."""
    return clean_text(text).translate(_ORDINARY)


def in_shanghai(text: str) -> str:
    """A moment written with its zone (1976-04-14T16:00:00Z) as the clock here showed it; other text as it is."""
    if not _ZONED.fullmatch(text):
        return text
    try:
        return datetime.fromisoformat(text).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError):
        return text


def plain_date(text: str) -> str:
    """A date as typed without apostrophe, weekday, time of day and blanks, and with ordinary digits and dashes."""
    plain = in_shanghai(ordinary(text).lstrip("'‘’`"))
    plain = _BESIDE_MARKS.sub(r"\1", _WEEKDAY.sub(" ", plain).strip())
    timed = _WITH_TIME.fullmatch(plain)
    return in_figures(timed[1] if timed else plain)


def in_figures(text: str) -> str:
    """Numbers of dates, times and hours in figures: 二〇一五年, 八点半, 十二月二十一日, 四学时."""
    return _CHINESE_NUMBER.sub(_chinese_number, text)


def _chinese_number(found: re.Match[str]) -> str:
    """二〇一五 digit by digit, 二十一 as twenty-one."""
    tens, ten, ones = found[0].partition("十")
    if not ten:
        return tens.translate(_CHINESE_DIGITS)
    return f"{tens or '一'}{ones or '〇'}".translate(_CHINESE_DIGITS)


def from_serial(serial: float, epoch_1904: bool) -> datetime | None:
    """The date and time of an Excel day number in either date system, to the second; None where Excel shows none."""
    if not 1 <= serial < 2_958_466:
        return None
    # Excel counts a 29 February 1900 that never was.
    start = date(1904, 1, 1) if epoch_1904 else date(1899, 12, 31 if serial < 60 else 30)
    try:
        return datetime.combine(start, time()) + timedelta(seconds=round(serial * DAY_SECONDS))
    except OverflowError:
        return None


def _from_number(number: float, epoch_1904: bool) -> YearMonth | None:
    """Excel's days, 201503, 20150301 or 2015.03; 2015.1 is no date, for Excel makes it of 2015.10 too."""
    if not isfinite(number):
        return None
    if int(number) in _EXCEL_DAYS:
        day = from_serial(number, epoch_1904)
        return YearMonth(day.year, day.month, day.day) if day else None
    if number.is_integer():
        return read_month(str(int(number))) if number >= 100_000 else None
    hundredths = round(number * 100)
    if abs(number * 100 - hundredths) > 1e-6 or hundredths % 10 == 0:
        return None
    return _existing(str(hundredths // 100), str(hundredths % 100), None)


def _existing(year: str, month: str, day: str | None) -> YearMonth | None:
    try:
        date(int(year), int(month), int(day or 1))
    except (ValueError, OverflowError):  # the latter for years beyond what a C integer holds
        return None
    return YearMonth(int(year), int(month), int(day) if day else None)

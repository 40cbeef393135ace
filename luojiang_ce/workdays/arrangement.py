"""The State Council's yearly notice of rest days, read from its own words: a pure function of text and year.

It is read strictly: whatever disagrees with itself (a weekday, a number of days) is a problem with its place, and the
caller must not use a reading that has problems. What is neither 放假 nor 上班 is advice (鼓励安排休息) and passed over.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from luojiang_ce.workdays.calendar import SATURDAY, DayKind
from luojiang_ce.workdays.text import WEEKDAYS, full, full_with_weekday, short_weekday

FESTIVALS = ("元旦", "春节", "清明", "劳动", "端午", "中秋", "国庆")
LONGEST_REST = 15  # days; a longer span is a misprint, not a holiday

_NAMED = re.compile(r"\s*(?:[一二三四五六七八九十]+、)?\s*([^:]{1,30}):(.*)", re.DOTALL)
_DAY = (
    r"(?:(?P<{0}y>\d{{4}})年)?\s*(?:(?P<{0}m>\d{{1,2}})月)?\s*(?P<{0}d>\d{{1,2}})日"
    r"(?P<{0}note>\s*\([^)]*\)|\s*(?:星期|周)[一二三四五六日天])?"
)
_SPAN = re.compile(_DAY.format("") + r"(?:\s*(?:至|到|—+|–|-|~)\s*" + _DAY.format("to_") + ")?")
_WEEKDAY = re.compile(r"(?:星期|周)([一二三四五六日天])")
_TOTAL = re.compile(r"(?:共|放假)\s*(\d+)\s*天")
_REST = ("放假", "补休", "公休")


@dataclass(frozen=True, slots=True)
class ArrangedDay:
    """One day that the notice names: rest (HOLIDAY) or make-up work (MAKEUP), and for which festival."""

    date: date
    kind: DayKind
    name: str


@dataclass(frozen=True, slots=True)
class Arrangement:
    """`days` in order of date; `problems` in the order of the text, for people; `missing`: festivals not named."""

    year: int
    days: tuple[ArrangedDay, ...]
    problems: tuple[str, ...]
    missing: tuple[str, ...]

    def dates(self, kind: DayKind) -> list[date]:
        """The days of one kind, in order."""
        return [day.date for day in self.days if day.kind is kind]


def read_arrangement(text: str, year: int) -> Arrangement:
    """The days that the notice of `year` names. Never raises: what is wrong stands in `problems`."""
    reading = _Reading(year)
    sentences = list(_sentences(text))
    for name, sentence in sentences:
        reading.sentence(name, sentence)
    if not reading.days and not reading.problems:
        reading.problems.append("没有读到放假安排。请粘贴国务院办公厅通知中“一、元旦：……”各项的原文。")
    named = "".join({name for name, _ in sentences})
    return Arrangement(
        year,
        tuple(reading.days[day] for day in sorted(reading.days)),
        tuple(reading.problems),
        tuple(festival for festival in FESTIVALS if festival not in named),
    )


def _sentences(text: str) -> Iterator[tuple[str, str]]:
    """Each sentence with the festival whose item it stands in; full-width digits and signs become half-width ones."""
    name = ""
    for sentence in re.split(r"[。;\r\n]", unicodedata.normalize("NFKC", text)):
        item = _NAMED.match(sentence)
        if item:
            name, sentence = item[1].strip(), item[2]
        if name and sentence.strip():
            yield name, sentence.strip()


@dataclass
class _Reading:
    """The days and problems gathered so far."""

    year: int
    days: dict[date, ArrangedDay] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def sentence(self, name: str, sentence: str) -> None:
        """Take in one sentence; advice that names neither rest nor work is passed over."""
        if "上班" in sentence:
            self._days(name, sentence, DayKind.MAKEUP)
        elif any(word in sentence for word in _REST):
            self._days(name, sentence, DayKind.HOLIDAY)

    def _days(self, name: str, sentence: str, kind: DayKind) -> None:
        found, sound, month, year = set[date](), True, None, None
        for match in _SPAN.finditer(sentence):
            days = self._span(name, match, month, year)
            sound = sound and bool(days)
            month, year = int(match["to_m"] or match["m"] or month or 0) or None, match["to_y"] or match["y"] or year
            found.update(days)
            for day in days:
                self._add(ArrangedDay(day, kind, name))
        if sound and not found:
            self._problem(name, sentence, "没有读到日期")
        said = _TOTAL.search(sentence) if sound and found and kind is DayKind.HOLIDAY else None
        if said and int(said[1]) != len(found):
            self._problem(name, sentence, f"原文说 {said[1]} 天，按日期数是 {len(found)} 天")

    def _span(self, name: str, match: re.Match[str], month: int | None, year: str | None) -> list[date]:
        """Every day of “2月15日（周日）至23日（周一）”; none where something is wrong."""
        first = self._day(name, match, "", month, year)
        if match["to_d"] is None or first is None:
            return [first] if first else []
        last = self._day(name, match, "to_", first.month, str(first.year) if match["y"] else year)
        if last is None:
            return []
        if not 0 <= (last - first).days < LONGEST_REST:
            self._problem(name, match[0], f"起止日不对：从 {full(first)} 到 {full(last)}")
            return []
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    def _day(self, name: str, match: re.Match[str], side: str, month: int | None, year: str | None) -> date | None:
        words = f"{match[side + 'm'] or month or '?'}月{match[side + 'd']}日{match[side + 'note'] or ''}"
        number = int(match[side + "m"] or month or 0)
        # New Year's rest may begin in the December before
        default = self.year - (name.startswith("元旦") and number == 12)
        try:
            day = date(int(match[side + "y"] or year or default), number, int(match[side + "d"]))
        except ValueError:
            self._problem(name, words, "没有这一天")
            return None
        return day if self._agrees(name, words, day, match[side + "note"] or "") else None

    def _agrees(self, name: str, words: str, day: date, note: str) -> bool:
        """The year is the notice's (or touches it), and the weekday in brackets is the day's own."""
        if not date(self.year - 1, 12, 1) <= day <= date(self.year, 12, 31):
            self._problem(name, words, f"{full(day)} 不在{self.year}年的安排之内，请核对年份")
            return False
        said = _WEEKDAY.search(note)
        if said and said[1].replace("天", "日") != WEEKDAYS[day.weekday()]:
            self._problem(name, words, f"{full(day)} 是{short_weekday(day)}，不是周{said[1]}，请核对年份和日期")
            return False
        return True

    def _add(self, day: ArrangedDay) -> None:
        before = self.days.setdefault(day.date, day)
        if before.kind is not day.kind:
            self._problem(day.name, full_with_weekday(day.date), "既写了放假又写了上班")
        elif day.kind is DayKind.MAKEUP and day.date.weekday() < SATURDAY:
            self._problem(day.name, full_with_weekday(day.date), "本来就是工作日，不会是调休上班")

    def _problem(self, name: str, words: str, why: str) -> None:
        self.problems.append(f"{name}“{words}”：{why}。")

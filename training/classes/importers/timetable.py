"""A timetable from a workbook (附件3): rows as typed, everything that cannot be read with its cell. Reads only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO, TypeVar

from luojiang_ce.sheets.cells import Value, as_text
from luojiang_ce.sheets.entries import Entry, Sheet, read_sheet
from luojiang_ce.sheets.months import read_month
from training.classes.form3 import FORM3, NO
from training.classes.models import CatalogueCourse, ClassApplication, Lecturer
from training.classes.services.lecturers import LecturerFacts
from training.terms import HalfDay, Subject

MOST_ROWS = 200
T = TypeVar("T")
_TIME = re.compile(r"([0-2]?[0-9])[:：.]([0-5][0-9])\s*[-–—~～至到]+\s*([0-2]?[0-9])[:：.]([0-5][0-9])")
_DAY = re.compile(r"([0-9]{1,2})[/.\-月]([0-9]{1,2})日?")
LENGTHS = {"course": 100, "teaching_form": 20, "room": 50, "required_course": 100, "note": 200}
LECTURER_LENGTHS = {"lecturer": 50, "employer": 100, "standing": 50}


@dataclass(frozen=True)
class CellProblem:
    """What cannot be read: the cell as Excel names it, the column, what stands there, what is wrong, how to mend it."""

    cell: str
    column: str
    value: str
    what: str
    remedy: str


@dataclass
class ReadTimetable:
    """What a workbook says: rows as values of the model, new lecturers among them by facts, all that is wrong."""

    sheet: str = ""
    rows: list[dict[str, Any]] = field(default_factory=list)
    lecturers: list[LecturerFacts | None] = field(default_factory=list)
    shown: list[dict[str, str]] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)
    new_lecturers: list[str] = field(default_factory=list)


def read_timetable(file: BinaryIO, application: ClassApplication) -> ReadTimetable:
    """Read 附件3; raises FileProblem when the file as a whole cannot be used."""
    sheet = read_sheet(file, FORM3, max_entries=MOST_ROWS)
    reader = _Reader(sheet, application)
    found = ReadTimetable(sheet.name)
    for entry in sheet.entries:
        row = reader.row(entry)
        found.shown.append({key: entry.text(FORM3.column(key)) for key in SHOWN})
        if row is not None:
            found.rows.append(row)
            found.lecturers.append(reader.lecturer)
    found.problems = reader.problems
    found.new_lecturers = sorted({f"{fact.name}（{fact.employer}）" for fact in reader.unknown})
    return found


SHOWN = ("date", "half_day", "time", "course", "counts", "subject", "hours", "lecturer", "room")


class _Reader:
    """Reads row after row: a date that was merged downwards holds for the rows below it."""

    def __init__(self, sheet: Sheet, application: ClassApplication) -> None:
        year = application.opens_on.year if application.opens_on else application.project.plan.year
        self.sheet, self.year = sheet, year
        self.known = list(Lecturer.objects.filter(unit=application.unit_id))
        self.courses = {course.name: course for course in CatalogueCourse.objects.of_year(year)}
        self.problems: list[CellProblem] = []
        self.unknown: set[LecturerFacts] = set()
        self.lecturer: LecturerFacts | None = None
        self.day: date | None = None

    def row(self, entry: Entry) -> dict[str, Any] | None:
        """The row as values of the model, None where its cells cannot be read."""
        before = len(self.problems)
        day = self.day = self._cell(entry, "date", self._date) or self.day
        span = self._cell(entry, "time", _span)
        self.lecturer = self._lecturer(entry)
        values = {
            "half_day": self._cell(entry, "half_day", _half_day) or (_usual_half_day(span[0]) if span else ""),
            "counts": entry.text(FORM3.column("counts")) != NO,
            "subject": self._cell(entry, "subject", _subject) or Subject.PROFESSIONAL,
            "hours": self._cell(entry, "hours", _hours) or Decimal(0),
            "catalogue_course_id": self._cell(entry, "catalogue", self._course),
            **{key: self._cell(entry, key, _short(most)) or "" for key, most in LENGTHS.items()},
        }
        if day is None and len(self.problems) == before:
            self._wrong(entry, "date", "日期没有填", "请填日期，如 2026-12-14")
        if span is None and len(self.problems) == before:
            self._wrong(entry, "time", "起止时间没有填", "请填起止时间，如 08:30-11:30")
        if len(self.problems) > before:
            return None
        assert span is not None
        return {"date": day, "starts_at": span[0], "ends_at": span[1], **values}

    def _cell(self, entry: Entry, key: str, read: Callable[[Value], T]) -> T | None:
        """What the cell means, None where it is empty or what is wrong was noted."""
        value = entry.values.get(key)
        if value is None or not as_text(value).strip():
            return None
        try:
            return read(value if isinstance(value, (float, datetime)) else entry.text(FORM3.column(key)))
        except _Unreadable as wrong:
            self._wrong(entry, key, wrong.what, wrong.remedy)
            return None

    def _wrong(self, entry: Entry, key: str, what: str, remedy: str) -> None:
        cell = self.sheet.cell(entry.row, key) or f"第 {entry.row} 行"
        shown = as_text(entry.values.get(key))[:60]
        self.problems.append(CellProblem(cell, FORM3.column(key).title, shown, what, remedy))

    def _date(self, value: Value) -> date:
        if isinstance(value, str) and (short := _DAY.fullmatch(value)):
            return _existing(self.year, int(short[1]), int(short[2]))
        month = read_month(value, epoch_1904=self.sheet.epoch_1904)
        if month is None or month.day is None:
            raise _Unreadable("认不出是哪一天", "请填年月日，如 2026-12-14")
        return _existing(month.year, month.month, month.day)

    def _course(self, value: Value) -> int:
        name = as_text(value)
        if name not in self.courses:
            raise _Unreadable(f"{self.year} 年度的公共科目目录里没有这门课程", "请按目录里的名称填写，或改列专业科目")
        return self.courses[name].pk

    def _lecturer(self, entry: Entry) -> LecturerFacts | None:
        """The lecturer as known here, or as one to be registered; a known name alone is enough if only one bears it."""
        texts = {key: self._cell(entry, key, _short(most)) or "" for key, most in LECTURER_LENGTHS.items()}
        name, employer = texts["lecturer"], texts["employer"]
        if not name:
            return None
        same = [row for row in self.known if row.name == name and employer in ("", row.employer)]
        if len(same) == 1:
            return LecturerFacts(name, same[0].employer)
        if len(same) > 1:
            self._wrong(entry, "lecturer", f"本单位教师库里有 {len(same)} 位{name}", "请填工作单位，以便认人")
            return None
        if not employer:
            self._wrong(entry, "lecturer", f"本单位教师库里没有{name}", "请填工作单位，导入时登记；或先在教师库登记")
            return None
        fact = LecturerFacts(name, employer, title=texts["standing"])
        self.unknown.add(fact)
        return fact


class _Unreadable(Exception):
    """A cell that cannot be read."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what, self.remedy = what, remedy


def with_lecturers(read: ReadTimetable, ids: Mapping[tuple[str, str], int]) -> Iterator[dict[str, Any]]:
    """The rows with the ids of their lecturers, in the order of time."""
    rows = [
        {**row, "lecturer_id": ids[fact.name, fact.employer] if fact else None}
        for row, fact in zip(read.rows, read.lecturers, strict=True)
    ]
    yield from sorted(rows, key=lambda row: (row["date"], row["starts_at"]))


def _existing(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise _Unreadable(f"没有 {year}-{month:02d}-{day:02d} 这一天", "请核对月份和日子") from None


def _span(value: Value) -> tuple[time, time]:
    match = _TIME.fullmatch(as_text(value).strip())
    if match is None:
        raise _Unreadable("认不出起止时间", "请填起止时间，如 08:30-11:30")
    try:
        starts, ends = time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))
    except ValueError:
        raise _Unreadable("没有这个钟点", "请填 24 小时制的时间，如 14:00-17:00") from None
    if ends <= starts:
        raise _Unreadable("结束不晚于开始", "请核对起止时间")
    return starts, ends


def _half_day(value: Value) -> str:
    return _one_of(as_text(value), {label: code for code, label in HalfDay.choices})


def _usual_half_day(starts: time) -> str:
    if starts < time(12):
        return HalfDay.MORNING
    return HalfDay.AFTERNOON if starts < time(18) else HalfDay.EVENING


def _subject(value: Value) -> str:
    text = FORM3.column("subject").choice(as_text(value)) or as_text(value)
    return _one_of(text, {label: code for code, label in Subject.choices})


def _one_of(text: str, choices: Mapping[str, str]) -> str:
    if text not in choices:
        raise _Unreadable("没有这个选项", f"请从 {'、'.join(choices)} 中选")
    return choices[text]


def _hours(value: Value) -> Decimal:
    try:
        hours = Decimal(as_text(value))
    except InvalidOperation:
        raise _Unreadable("学时不是数字", "请填数字，如 4 或 2.5") from None
    if not hours.is_finite() or not 0 <= hours < 100:
        raise _Unreadable("学时不在合理范围内", "请核对学时")
    if hours != round(hours, 1):
        raise _Unreadable("学时最多一位小数", "请填一位小数，如 2.5")
    return round(hours, 1)


def _short(most: int) -> Callable[[Value], str]:
    def read(value: Value) -> str:
        text = as_text(value).strip()
        if len(text) > most:
            raise _Unreadable(f"超过 {most} 个字", "请缩短，详细内容可写进讲义")
        return text

    return read

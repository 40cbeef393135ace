"""The import of a timetable from a workbook (附件3): rows as people type them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.db.models import TextChoices
from django.urls import reverse

from luojiang_ce.id_shapes import mask_ids
from luojiang_ce.refusals import NotPossible
from luojiang_ce.sheets.cells import Value, as_text, clean_name, clean_text
from luojiang_ce.sheets.definitions import Column
from luojiang_ce.sheets.entries import Entry, Sheet
from luojiang_ce.sheets.imports import Confirmation, ImportKind, Urls
from luojiang_ce.sheets.models import ImportBatch
from luojiang_ce.sheets.months import in_figures
from luojiang_ce.sheets.preview import Outcome, Shown
from luojiang_ce.sheets.problems import UnreadableCellError
from luojiang_ce.sheets.rows import Reading, ReadRow, RowReader, sound
from luojiang_ce.sheets.times import day_and_times, has_span, read_day, read_span, read_time
from luojiang_ce.workdays.text import WEEKDAYS, full_with_weekday
from training.choices import HalfDay, Subject
from training.classes.form3 import FORM3, NO, YES
from training.classes.forms.lecturers import ANOTHER, namesake_question
from training.classes.importers.scopes import crumbs, own_classes
from training.classes.models import CatalogueCourse, ClassApplication, Lecturer
from training.classes.services.applications import replace_timetable
from training.classes.services.lecturers import LecturerFacts, register_lecturers
from units.filed_case import EDITABLE
from units.identity.names import is_same_name

MOST_ROWS = 200
READ = "read"
WHEN = ("time", "half_day", "date")
# What is read may lack the day's own column (`one_of`), and have from when and until when in two.
FORM3_READ = replace(
    FORM3,
    columns=(
        Column("ordinal", "序号", ("节次", "编号")),
        *(replace(column, required=column.key == "course") for column in FORM3.columns),
        Column("starts", "开始时间", ("开始时刻", "开始", "上课开始时间", "起始时间", "起")),
        Column("ends", "结束时间", ("结束时刻", "结束", "上课结束时间", "终止时间", "止")),
    ),
)
_HOURS = re.compile(r"([0-9.]+)\s*个?(?:学时|课时)")
# What stands in a timetable and is nobody's lesson.
_NO_LESSON = re.compile(
    r"(报到|早餐|午餐|晚餐|用餐|就餐|午休|午间休息|课间休息|休息|茶歇|合影|返程|离会)(?:$|[\s（(、，,/及].*)"
)
_TITLES = (
    r"(?:(?:副|助理)?教授|讲师|助教|(?:副|助理)?研究员|(?:正?高级)?工程师|(?:副?主任|主治)?医师|(?:副?主任)?护师|(?:正?高级)?教师"
    r"|(?:推广)?研究员|(?:高级)?农艺师|(?:高级)?经济师|(?:高级)?会计师|院长|校长|所长|主任|处长|科长|老师|博士|专家)"
)
# 沈听澜 教授; 温如故（市农业科学研究所 研究员）
_WITH_TITLE = re.compile(rf"(?P<name>\S.*?)\s+(?P<title>{_TITLES})")
_WITH_UNIT = re.compile(rf"(?P<name>[^（(]+)[（(]\s*(?P<unit>[^（）()]*?)\s*(?P<title>{_TITLES})?\s*[）)]")
_WEEKDAY = re.compile("(?:星期|礼拜|周|^)([一二三四五六日天])(?![0-9一二三四五六七八九十年月日号〇○零])")
# Whoever has not said when a class ends means a day within half a year of its opening.
_LONGEST = timedelta(days=180)
LENGTHS = {"course": 100, "teaching_form": 20, "room": 50, "required_course": 100, "note": 200}
LECTURER_LENGTHS = {"lecturer": 50, "employer": 100, "standing": 50}


@dataclass(frozen=True)
class ReadLesson:
    """A row as values of the model, with its lecturer, who may be yet to be registered, and its course's name."""

    values: dict[str, Any]
    catalogue: str
    lecturer: LecturerFacts | None
    is_new: bool
    # Where others of that name are known: their units. Whether one of them is meant is asked.
    namesakes: tuple[str, ...] = ()


def _plan(sheet: Sheet, entries: Sequence[Entry], application: ClassApplication) -> list[ReadRow[ReadLesson]]:
    reader = _Reader(sheet, application)
    return [reader.row(entry) for entry in entries if not reader.takes_for_heading(entry)]


class _Reader:
    """Reads row after row: a date that was merged downwards holds for the rows below it."""

    def __init__(self, sheet: Sheet, application: ClassApplication) -> None:
        first = application.opens_on or date(application.project.plan.year, 1, 1)
        year = first.year
        self.sheet, self.year = sheet, year
        # Between these lies a day whose year is not written.
        self.within = (first, application.ends_on or first + _LONGEST)
        self.known = list(Lecturer.objects.filter(unit=application.unit_id))
        self.registered = {(lecturer.name, lecturer.employer) for lecturer in self.known}
        self.in_file = _employers_in(sheet)
        self.courses = {course.name: course for course in CatalogueCourse.objects.of_year(year)}
        self.day: date | None = None

    def takes_for_heading(self, entry: Entry) -> bool:
        """Does nothing but a day stand in the row, over the lessons of that day? Then it holds for the rows below."""
        texts = [as_text(value) for value in entry.values.values() if as_text(value).strip()]
        if len(set(texts)) != 1:
            return False
        try:
            self.day = self._date(next(value for value in entry.values.values() if as_text(value).strip()))
        except UnreadableCellError:
            return False
        return True

    def row(self, entry: Entry) -> ReadRow[ReadLesson]:
        row = RowReader(entry, self.sheet)
        day, span, half_day = self._when(row)
        lecturer = self._lecturer(row)
        values: dict[str, Any] = {
            "half_day": half_day or (_usual_half_day(span[0]) if span else ""),
            "counts": row.text("counts") != NO and not _is_no_lesson(row),
            "subject": row.cell("subject", _code("subject", Subject)) or Subject.PROFESSIONAL,
            "hours": row.cell("hours", _hours) or Decimal(0),
            "catalogue_course_id": row.cell("catalogue", self._course),
            **{key: mask_ids(row.cell(key, _short(most)) or "") for key, most in LENGTHS.items()},
        }
        wrong = {problem.key for problem in row.problems}
        # Without a column of its own the day stands with the time.
        if day is None and ("date" if "date" in self.sheet.header.columns else "time") not in wrong:
            row.wrong("date", "日期没有填", "请填日期，如 2026-12-14")
        if span is None and not wrong & {*WHEN, "starts", "ends"}:
            row.wrong("time", "起止时间没有填", "请填起止时间，如 08:30-11:30")
        course = row.text("course")
        if row.problems:
            return ReadRow.wrong(entry.row, course, row.problems)
        assert span is not None
        values |= {"date": day, "starts_at": span[0], "ends_at": span[1]}
        is_new = lecturer is not None and (lecturer.name, lecturer.employer) not in self.registered
        namesakes = self._namesakes(lecturer.name) if lecturer and is_new else ()
        return ReadRow(entry.row, course, READ, ReadLesson(values, row.text("catalogue"), lecturer, is_new, namesakes))

    def _when(self, row: RowReader) -> tuple[date | None, tuple[time, time] | None, str | None]:
        """Day, times and half-day, whichever column they stand in: 12月12日（周六）上午8:30-11:30 may be one cell."""
        spans = [key for key in WHEN if has_span(row.text(key))]
        at = spans[0] if spans else "time"
        dated = "date" if row.text("date") or not day_and_times(row.text("time"))[0] else "time"
        self.day = row.cell(dated, self._date) or self.day
        self._compare_weekday(row, dated)
        if not spans and row.text("starts") and row.text("ends"):
            span = _from_until(row)
        else:
            span = row.cell(at, lambda value: read_span(day_and_times(as_text(value))[1]))
        return self.day, span, None if at == "half_day" else row.cell("half_day", _code("half_day", HalfDay))

    def _compare_weekday(self, row: RowReader, dated: str) -> None:
        """A weekday that does not fit the date: one of them is wrong, and nobody knows which."""
        if any(problem.key == dated for problem in row.problems):
            return
        for key in (dated, "weekday"):
            said = _WEEKDAY.search(row.text(key))
            if self.day and said and WEEKDAYS.index(said[1].replace("天", "日")) != self.day.weekday():
                what = f"{full_with_weekday(self.day)}，表里写的是周{said[1]}"
                row.wrong(key, what, "请核对日期和星期，改正错的一处")

    def _date(self, value: Value) -> date:
        if isinstance(value, str):
            value = day_and_times(value)[0] or value
        return read_day(value, epoch_1904=self.sheet.epoch_1904, within=self.within)

    def _course(self, value: Value) -> int:
        name = as_text(value)
        if name not in self.courses:
            raise UnreadableCellError(
                f"{self.year} 年度的公共科目目录里没有这门课程", "请按目录里的名称填写，或改列专业科目"
            )
        return self.courses[name].pk

    def _namesakes(self, name: str) -> tuple[str, ...]:
        return tuple(sorted(known.employer for known in self.known if is_same_name(known.name, name)))

    def _lecturer(self, row: RowReader) -> LecturerFacts | None:
        """The lecturer as known here, or as one to be registered; a name alone is enough if only one bears it."""
        texts = {key: row.cell(key, _short(most)) or "" for key, most in LECTURER_LENGTHS.items()}
        name, employer, standing = _parted(as_text(row.entry.values.get("lecturer")).strip(), texts)
        if not name:
            return None
        # Many write the unit in the first of a lecturer's rows alone.
        if not employer and len(self.in_file[name]) == 1 and not self._namesakes(name):
            employer = next(iter(self.in_file[name]))
        same = [known for known in self.known if is_same_name(known.name, name) and employer in ("", known.employer)]
        if len(same) > 1:
            row.wrong("lecturer", f"本单位教师库里有 {len(same)} 位{name}", "请填工作单位，以便认人")
        elif not same and not employer:
            row.wrong("lecturer", f"本单位教师库里没有{name}", "请填工作单位，导入时登记；或先在教师库登记")
        if same:
            return LecturerFacts(same[0].name, same[0].employer)
        return LecturerFacts(name, employer, title=standing)


def _write(rows: Sequence[ReadRow[ReadLesson]], into: Confirmation[ClassApplication]) -> Mapping[str, int]:
    """Put the rows in place of the timetable, in the order of time, new lecturers registered first."""
    application, lessons = into.scope, sound(rows)
    meant = _meant(into)
    lessons = [replace(each, lecturer=meant.get(_key(each.lecturer), each.lecturer)) for each in lessons]
    facts = [lesson.lecturer for lesson in lessons if lesson.lecturer]
    ids = register_lecturers(unit_id=application.unit_id, facts=facts, actor=into.actor)
    values = [
        {**lesson.values, "lecturer_id": ids[fact.name, fact.employer] if (fact := lesson.lecturer) else None}
        for lesson in lessons
    ]
    replace_timetable(
        application=application,
        rows=sorted(values, key=lambda row: (row["date"], row["starts_at"])),
        version=into.batch.plan.get("version"),
        actor=into.actor,
    )
    return {"rows": len(values)}


def _facts(reading: Reading[ReadLesson], application: ClassApplication) -> dict[str, Any]:
    new = [row for row in reading.values if row.is_new and row.lecturer]
    namesakes = {
        (fact.name, fact.employer, row.namesakes): None for row in new if row.namesakes and (fact := row.lecturer)
    }
    plain = {f"{fact.name}（{fact.employer}）" for row in new if not row.namesakes and (fact := row.lecturer)}
    return {"new_lecturers": sorted(plain), "namesakes": [*namesakes], "version": application.version}


def _asks(batch: ImportBatch) -> type[forms.Form]:
    """For each lecturer whose namesake is known with another unit: is it the same person?"""
    fields = {
        f"namesake_{number}": namesake_question(name, employer, namesakes)
        for number, (name, employer, namesakes) in enumerate(batch.plan.get("namesakes", ()))
    }
    return type("NamesakesForm", (forms.Form,), fields)


def _meant(into: Confirmation[ClassApplication]) -> dict[tuple[str, str], LecturerFacts]:
    """Whom a lecturer with another unit was said to be, by name and unit. Raises NotPossible where it was not said."""
    meant = {}
    for number, (name, employer, _) in enumerate(into.batch.plan.get("namesakes", ())):
        said = into.typed.get(f"namesake_{number}")
        if said is None:
            raise NotPossible(f"请先在预览页说明{name}（{employer}）是不是教师库里的同名教师")
        if said != ANOTHER:
            meant[name, employer] = LecturerFacts(name, said)
    return meant


def _key(fact: LecturerFacts | None) -> tuple[str, str]:
    return (fact.name, fact.employer) if fact else ("", "")


def _is_no_lesson(row: RowReader) -> bool:
    """报到 or a break, for which the sheet gives no hours and does not say that it counts."""
    return not row.text("counts") and not row.text("hours") and bool(_NO_LESSON.match(row.text("course")))


def _from_until(row: RowReader) -> tuple[time, time] | None:
    """From when until when out of two columns."""
    starts, ends = row.cell("starts", read_time), row.cell("ends", read_time)
    if starts is None or ends is None:
        return None
    if ends <= starts:
        row.wrong("ends", "结束不晚于开始", "请核对起止时间；下午的时间请写成 14:00 或 下午2:00")
    return starts, ends


def _parted(cell: str, texts: Mapping[str, str]) -> tuple[str, str, str]:
    """Name, unit and title, also where they stand in the lecturer's own cell."""
    found = _WITH_UNIT.fullmatch(cell) or _WITH_TITLE.fullmatch(cell)
    if found is None:
        return texts["lecturer"], texts["employer"], texts["standing"]
    parts = found.groupdict()
    employer = texts["employer"] or clean_text(parts.get("unit") or "")
    return clean_name(parts["name"]), employer, texts["standing"] or parts["title"] or ""


def _employers_in(sheet: Sheet) -> dict[str, set[str]]:
    """The units that the file gives for each name."""
    found: dict[str, set[str]] = defaultdict(set)
    for entry in sheet.entries:
        name, employer = (entry.text(FORM3.column(key)) for key in ("lecturer", "employer"))
        if employer:
            found[name].add(employer)
    return found


def _code(key: str, codes: type[TextChoices]) -> Callable[[Value], str]:
    """Reads the word of a column as its code."""
    column, by_label = FORM3.column(key), {label: code for code, label in codes.choices}

    def read(value: Value) -> str:
        word = column.choice(as_text(value))
        if word is None:
            raise UnreadableCellError("没有这个选项", f"请从 {'、'.join(by_label)} 中选")
        return by_label[word]

    return read


def _usual_half_day(starts: time) -> str:
    if starts < time(12):
        return HalfDay.MORNING
    return HalfDay.AFTERNOON if starts < time(18) else HalfDay.EVENING


def _hours(value: Value) -> Decimal:
    try:
        hours = Decimal(_HOURS.sub(r"\1", in_figures(as_text(value))))
    except InvalidOperation:
        raise UnreadableCellError("学时不是数字", "请填数字，如 4 或 2.5") from None
    if not hours.is_finite() or not 0 <= hours < 100:
        raise UnreadableCellError("学时不在合理范围内", "请核对学时")
    if hours != round(hours, 1):
        raise UnreadableCellError("学时最多一位小数", "请填一位小数，如 2.5")
    return round(hours, 1)


def _short(most: int) -> Callable[[Value], str]:
    def read(value: Value) -> str:
        text = as_text(value).strip()
        if len(text) > most:
            raise UnreadableCellError(f"超过 {most} 个字", "请缩短，详细内容可写进讲义")
        return text

    return read


def _shown(key: str, word: Callable[[Any], str] = str) -> Shown:
    return Shown(FORM3.column(key).title, lambda lesson: word(lesson.values[key]))


TIMETABLE_IMPORT: ImportKind[ClassApplication, ReadLesson] = ImportKind(
    code="class_timetable",
    name="课程表",
    form=FORM3_READ,
    asks=_asks,
    one_of=frozenset({"date", "time", "starts"}),  # days and times may stand in one column
    without="表头里没有“日期”，也没有“时间”。请补上其中一列，或下载模板填写。",
    most_rows=MOST_ROWS,
    unread=("weekday", "ordinal"),
    named="课程",
    order=tuple(column.key for column in FORM3.columns),
    outcomes=(Outcome(READ, "读到", "done", "确认后替换现有的课程表；学时、冲突等在课程表页面一并检查"),),
    shows=(
        _shown("date", lambda day: full_with_weekday(day)),
        _shown("half_day", lambda code: HalfDay(code).label),
        Shown("起止时间", lambda lesson: f"{lesson.values['starts_at']:%H:%M}–{lesson.values['ends_at']:%H:%M}"),
        _shown("counts", lambda counts: YES if counts else NO),
        Shown("科目类别", lambda lesson: Subject(lesson.values["subject"]).label if lesson.values["counts"] else ""),
        _shown("hours", lambda hours: f"{hours:g}" if hours else ""),
        Shown("授课教师", lambda lesson: f"{fact.name}（{fact.employer}）" if (fact := lesson.lecturer) else ""),
        _shown("teaching_form"),
        _shown("room"),
        Shown("公共科目目录课程", lambda lesson: lesson.catalogue),
        _shown("required_course"),
        _shown("note"),
    ),
    plan=_plan,
    write=_write,
    all_or_nothing=True,
    scopes=own_classes,
    why_closed=lambda case: (
        None if case.state in EDITABLE else f"现在的状态是“{case.get_state_display()}”，不能修改课程表"
    ),
    urls=Urls("classes:timetable_import", "classes:timetable_preview", "classes:timetable_returned"),
    title="导入课程表（附件3）",
    lead="先看预览，确认以后才写入，并替换现有的课程表",
    crumbs=lambda case: crumbs(case, "导入课程表"),
    template_url=lambda case: reverse("classes:form3_template"),
    back=lambda case: reverse("classes:timetable", args=[case.pk]),
    facts=_facts,
    facts_template="training_classes/parts/new_lecturers.html",
    button=lambda counts: f"导入 {counts[READ]} 行，替换现有课程表",
    results=(("rows", "课程表行数"),),
    said=lambda result: f"已导入课程表，{result['rows']} 行",
)

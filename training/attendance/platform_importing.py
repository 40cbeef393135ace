"""The import of a remote platform's record (A1), read against the timetable and the trainees of the class."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.sheets.cells import Value
from luojiang_ce.sheets.definitions import Column, SheetForm
from luojiang_ce.sheets.entries import Entry, Sheet
from luojiang_ce.sheets.imports import Confirmation, ImportKind, Urls
from luojiang_ce.sheets.preview import Outcome, Shown
from luojiang_ce.sheets.problems import UnreadableCellError
from luojiang_ce.sheets.rows import Reading, ReadRow, RowReader, sound
from luojiang_ce.sheets.times import day_and_times, moment_of, read_day, read_time, seconds_in
from training.attendance.importing import MOST_ROWS, counted, crumbs_of, own_approved, said_of
from training.attendance.models import Sign
from training.attendance.pages import slot_label
from training.attendance.platform_records import (
    Studied,
    Total,
    attended,
    course_key,
    figure,
    minutes_needed,
    read_length,
    read_passed,
    totals,
)
from training.attendance.services import Wanted, record_signs
from training.attendance.sheet import SIGNS
from training.attendance.timetable import slots_of_class
from training.attendance.trainees import Trainees
from training.choices import Form
from training.classes.models import ClassApplication
from training.half_days import Slot, order_of

ENOUGH, SHORT = "enough", "short"
SECOND = timedelta(seconds=1)
# How many seconds: what a figure counts says the title, else the cell.
UNITS: Mapping[str, Callable[[Value], Decimal]] = {
    "minutes": partial(figure, seconds=60),
    "seconds": partial(figure, seconds=1),
    "clock_hours": partial(figure, seconds=3600),
    "length": read_length,
}
_LENGTHS = ("学习时长", "学习时间", "时长", "累计学习时长", "有效学习时长", "观看时长", "在线时长", "累计时长")


def _length(key: str, unit: str) -> Column:
    titles = [f"{title}（{unit}）" for title in _LENGTHS] + [f"学习{unit}数", f"{unit}数"]
    return Column(key, titles[0], tuple(titles[1:]), width=16)


PLATFORM = SheetForm(
    code="platform",
    title="远程平台学习记录",
    sheet_name="学习记录",
    columns=(
        SIGNS.column("name"),
        SIGNS.column("id_number"),
        SIGNS.column("employer"),
        Column(
            "course",
            "课程",
            ("课程名称", "课程（专题）名称", "学习课程", "培训课程", "专题", "专题名称", "课件名称", "课件"),
            width=30,
            help="与课程表的名称相同；这个班只有一门课的可以不填",
        ),
        _length("minutes", "分钟"),
        _length("seconds", "秒"),
        _length("clock_hours", "小时"),
        Column("length", "学习时长", _LENGTHS[1:], width=14, help="列名没有写单位的，每格写明，如 90分钟、01:30:00"),
        Column(
            "passed",
            "是否通过",
            (
                *("考核结果", "是否合格", "是否完成", "完成状态", "完成情况", "学习状态", "学习进度", "进度"),
                *("完成率", "结业情况", "考试结果", "状态", "结果"),
            ),
            width=10,
            help="通过或未通过；也认 合格、完成、100%",
        ),
        Column(
            "begun", "开始时间", ("开始学习时间", "学习开始时间", "进入时间", "登录时间"), width=18, holds_moments=True
        ),
        Column(
            "ended", "结束时间", ("结束学习时间", "学习结束时间", "退出时间", "离开时间"), width=18, holds_moments=True
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it was understood: the course as the timetable calls it, and what all rows of that course come to."""

    studied: Studied
    course: str
    total: Total


def _plan(sheet: Sheet, entries: Sequence[Entry], application: ClassApplication) -> list[ReadRow[Row]]:
    """Held against the class's timetable and trainees, in three queries."""
    reader = _Reader(sheet, application)
    read = [(entry, *reader.read(entry)) for entry in entries]
    found = totals((studied for _, studied, _ in read if studied), reader.needed)
    rows: list[ReadRow[Row]] = []
    for entry, studied, problems in read:
        name = entry.text(PLATFORM.column("name"))[:50]
        if studied is None:
            rows.append(ReadRow.wrong(entry.row, name, problems))
            continue
        total = found[studied.enrolment, studied.course]
        row = Row(studied, reader.names[studied.course], total)
        rows.append(ReadRow(entry.row, name, ENOUGH if total.is_enough else SHORT, row))
    return rows


class _Reader:
    """Reads row after row against the courses of the class."""

    def __init__(self, sheet: Sheet, application: ClassApplication) -> None:
        lessons = application.lessons()
        self.sheet, self.trainees = sheet, Trainees(application.enrolments.present())
        self.needed = minutes_needed(lessons, application.timetable_rules.hour_minutes)
        self.names = {course_key(lesson.course): lesson.course for lesson in lessons if lesson.counts and lesson.course}
        first, last = min(lesson.date for lesson in lessons), max(lesson.date for lesson in lessons)
        self.read_day = partial(read_day, epoch_1904=sheet.epoch_1904, within=(first, last))

    def read(self, entry: Entry) -> tuple[Studied | None, tuple[Any, ...]]:
        """What a row says, or what is wrong with it."""
        row = RowReader(entry, self.sheet)
        trainee, course = self.trainees.named_in(row), self._course(row)
        begun, ended = row.cell("begun", self._moment), row.cell("ended", self._moment)
        seconds = next((amount for key, read in UNITS.items() if (amount := row.cell(key, read)) is not None), None)
        passed = row.cell("passed", read_passed)
        if isinstance(begun, datetime) and isinstance(ended, datetime):
            _check_sitting(row, begun, ended, is_measured=seconds is None)
            seconds = Decimal((ended - begun) // SECOND) if seconds is None else seconds
        if seconds is None and passed is None and not row.problems:
            row.wrong("course", "学习时长和是否通过都没有填", "请至少填一项；开始、结束时间写到几点几分，才算得出时长")
        if row.problems or trainee is None or course is None:
            return None, tuple(row.problems)
        return Studied(trainee.pk, course, seconds, passed, begun), ()

    def _course(self, row: RowReader) -> str | None:
        """The key of the course that is meant; a class with a single one needs not name it."""
        key = course_key(row.text("course"))
        if not key and len(self.names) == 1:
            return next(iter(self.names))
        if not key:
            row.wrong("course", "课程没有填", "请填课程表里的课程名称")
        elif key not in self.names:
            row.wrong(
                "course", "课程表里没有这门计学时的课程", f"请按课程表填写：{'、'.join(self.names.values())[:120]}"
            )
        return key if key in self.names else None

    def _moment(self, value: Value) -> date:
        """When a sitting began or ended, to the second, since sittings add up; the day alone where no time is told."""
        if moment := moment_of(value, epoch_1904=self.sheet.epoch_1904):
            return moment if moment.time() != time() else moment.date()
        day, times = day_and_times(value) if isinstance(value, str) else ("", "")
        if day:
            at = read_time(times).replace(second=seconds_in(times))
            return datetime.combine(self.read_day(day), at)
        try:
            return self.read_day(value)
        except UnreadableCellError as error:
            raise UnreadableCellError("没有日期", "请写明日期和时间，如 2026-05-11 08:30") from error


def _check_sitting(row: RowReader, begun: datetime, ended: datetime, *, is_measured: bool) -> None:
    """`is_measured`: the row's length is what lies between the two."""
    if ended < begun or (is_measured and ended == begun):
        row.wrong("ended", "结束不晚于开始", "请核对两个时间")
    elif is_measured and ended - begun > timedelta(days=1):
        row.wrong("ended", "从开始到结束超过一天，不是一次学习的时长", "请核对两个时间，或另填学习时长、是否通过")


def _wanted(rows: Iterable[Row], application: ClassApplication, slots: Sequence[Slot]) -> list[Wanted]:
    """The sign-ins and sign-outs of the attended half-days, at the times of the timetable: a platform tells how long
    somebody studied, not when. What is not over yet, or was over before somebody was added, is left out."""
    now, trainees = clock.now(), {trainee.pk: trainee for trainee in application.enrolments.present()}
    come = [slot for slot in slots if slot.ends <= now]
    finished = {(row.studied.enrolment, row.studied.course) for row in rows if row.total.is_enough}
    return [
        Wanted(pk, *slot.key, slot.starts_at, slot.ends_at)
        for pk, theirs in attended(finished, come).items()
        for slot in theirs
        if not trainees[pk].missed(slot.begins)
    ]


def _facts(reading: Reading[Row], application: ClassApplication) -> dict[str, Any]:
    """How many finished each half-day, and how many only a part of it."""
    slots = slots_of_class(application)
    wanted = Counter(each.key for each in _wanted(reading.values, application, slots))
    begun: dict[str, set[int]] = defaultdict(set)
    for row in reading.values:
        if row.total.is_enough:
            begun[row.studied.course].add(row.studied.enrolment)
    half_days = [_of_half_day(slot, wanted[slot.key], begun) for slot in slots]
    return {"half_days": half_days, "counts": {"attended": wanted.total()}}


def _of_half_day(slot: Slot, whole: int, begun: Mapping[str, set[int]]) -> dict[str, Any]:
    people = set[int]().union(*(begun.get(course_key(course), set()) for course in slot.courses))
    note = "还没有结束，到时再导入一次" if slot.ends > clock.now() else ""
    return {"label": slot_label(slot.key), "whole": whole, "part": len(people) - whole, "note": note}


def _write(rows: Sequence[ReadRow[Row]], into: Confirmation[ClassApplication]) -> Mapping[str, int]:
    """Signs that are there already are left alone."""
    found = _wanted(sound(rows), into.scope, slots_of_class(into.scope))
    wanted = sorted(found, key=lambda each: (order_of(each.key), each.enrolment))
    return counted(record_signs(application=into.scope, wanted=wanted, source=Sign.Source.PLATFORM, actor=into.actor))


def own_remote(account: Actor) -> QuerySet[ClassApplication]:
    """The classes of which the account may import a platform's record: approved, its own, held remotely at least in
    part, with a timetable."""
    rows = own_approved(account).filter(form__in=REMOTE_FORMS, timetable__counts=True)
    return rows.distinct()


REMOTE_FORMS = (Form.REMOTE, Form.MIXED)


def _told(total: Total) -> str:
    told = "未记录" if total.minutes is None else f"{total.minutes} 分钟"
    return f"{told}，须 {total.needed} 分钟"


PLATFORM_IMPORT: ImportKind[ClassApplication, Row] = ImportKind(
    code="platform_records",
    name="远程平台学习记录",
    form=PLATFORM,
    most_rows=MOST_ROWS,
    unread=("employer",),
    outcomes=(
        Outcome(
            ENOUGH,
            "学完",
            "done",
            "同一门课的记录合并计算，重叠的只算一次；一个半日的课程都学完，才登记签到、签退",
        ),
        Outcome(SHORT, "未学完", "wait", "时长不够或平台记为未通过，不登记"),
    ),
    shows=(
        Shown("课程", lambda row: row.course),
        Shown("合计时长", lambda row: _told(row.total)),
        Shown("是否通过", lambda row: {None: "", True: "通过", False: "未通过"}[row.total.passed]),
    ),
    one_of=frozenset((*UNITS, "passed", "ended")),
    without="表头里没有“学习时长”，也没有“是否通过”。请补上其中的列，或下载模板填写。",
    plan=_plan,
    write=_write,
    scopes=own_remote,
    urls=Urls("attendance:platform", "attendance:platform_preview", "attendance:platform_returned"),
    title="导入远程平台记录",
    lead="一行一人一门课，或一次学习一行；先看预览，确认以后才写入，已有的签到不会改动",
    crumbs=partial(crumbs_of, "导入平台记录"),
    template_url=lambda application: reverse("attendance:platform_template", args=[application.pk]),
    back=lambda application: reverse("attendance:class", args=[application.pk]),
    facts=_facts,
    facts_template="training_attendance/platform_half_days.html",
    button=lambda counts: f"登记签到、签退 {counts['attended']} 人次" if counts["attended"] else "",
    idle="没有学完的半日可以登记",
    results=(("added", "已登记"), ("left", "原来已有，没有改动"), ("struck", "作废过，没有恢复")),
    said=said_of,
)

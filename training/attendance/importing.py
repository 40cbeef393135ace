"""The import of signs from a sheet or a time clock (A1), read against the class's own list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role
from luojiang_ce.sheets.cells import Value, as_text
from luojiang_ce.sheets.entries import Entry, Sheet
from luojiang_ce.sheets.imports import Confirmation, ImportKind, Urls
from luojiang_ce.sheets.preview import Outcome, Shown
from luojiang_ce.sheets.rows import Reading, ReadRow, RowReader, sound
from luojiang_ce.sheets.times import read_day
from luojiang_ce.workdays.text import full, full_with_weekday
from training.attendance.models import Sign
from training.attendance.pages import slot_label
from training.attendance.services import Recorded, Wanted, record_signs
from training.attendance.sheet import (
    DAYS,
    PUNCHES,
    SIGNS,
    SIGNS_READ,
    TIMES,
    pair,
    read_at,
    read_half_day,
    read_punches,
    slot_at,
)
from training.attendance.timetable import slots_of_class
from training.attendance.trainees import Trainees
from training.choices import HalfDay
from training.classes.models import ClassApplication, Enrolment
from training.half_days import Slot, is_in_order, order_of

MOST_ROWS = 20_000
READ = "read"


def _entries(sheet: Sheet) -> list[Entry]:
    """The rows in which anybody signed; a row without any time is passed over."""
    return [entry for entry in sheet.entries if any(as_text(entry.values.get(key)).strip() for key in TIMES)]


def _plan(sheet: Sheet, entries: Sequence[Entry], application: ClassApplication) -> list[ReadRow[Wanted]]:
    """Held against the class's timetable and trainees, in two queries."""
    reader = _Reader(sheet, slots_of_class(application), application.enrolments.present())
    rows = [*filter(None, map(reader.read, entries)), *reader.paired()]
    return sorted(rows, key=lambda row: row.number)


class _Reader:
    """Reads row after row; punches are gathered and paired at the end."""

    def __init__(self, sheet: Sheet, slots: Sequence[Slot], trainees: Iterable[Enrolment]) -> None:
        self.sheet, self.slots, self.today = sheet, slots, clock.today()
        # Between these lies a day whose year is not written.
        self.within = (slots[0].date, slots[-1].date) if slots else (self.today, self.today)
        self.trainees = Trainees(trainees)
        # Which day a column means; of a class that has the 3rd in two months a mere 3 does not say which.
        days = {slot.date for slot in slots}
        found = Counter(day.day for day in days)
        self.days = {DAYS[day.day].key: day for day in days if found[day.day] == 1}
        self.days |= {DAYS[day.month, day.day].key: day for day in days}
        self.unclear = [DAYS[day].key for day, times in found.items() if times > 1]
        # The punches of a trainee in a half-day, with row and name of the first.
        self.punches: dict[tuple[int, Slot], tuple[int, str, list[time]]] = {}

    def read(self, entry: Entry) -> ReadRow[Wanted] | None:
        """One row with the times of a half-day, or with what is wrong; None for punches."""
        row, name = RowReader(entry, self.sheet), entry.text(SIGNS.column("name"))[:50]
        trainee = self.trainees.named_in(row)
        day = row.cell("date", self._day)
        wanted = None
        for key in self.unclear:
            if row.text(key):
                row.wrong(key, "这一列没有写月份，这个班在两个月里都有这一天", "请把列名写成 5月11日 这样")
        if any(as_text(entry.values.get(key)).strip() for key in (*PUNCHES, *self.days)):
            self._gather(row, name, trainee, day)
        elif trainee and (row.text("time_in") or row.text("time_out")):
            wanted = self._times(row, trainee, day)
        if row.problems:
            return ReadRow.wrong(entry.row, name, row.problems)
        return ReadRow(entry.row, name, READ, wanted) if wanted else None

    def paired(self) -> list[ReadRow[Wanted]]:
        """The punches as sign-ins and sign-outs."""
        in_order = sorted(self.punches.items(), key=lambda kept: order_of(kept[0][1].key))
        return [
            ReadRow(number, name, READ, Wanted(trainee, *slot.key, *pair(times, slot)))
            for (trainee, slot), (number, name, times) in in_order
        ]

    def _day(self, value: Value) -> date:
        return read_day(value, epoch_1904=self.sheet.epoch_1904, within=self.within)

    def _gather(self, row: RowReader, name: str, trainee: Enrolment | None, day: date | None) -> None:
        """Keep the punches of a row for `paired`, unless anything in it is wrong."""
        read = partial(read_punches, read_day=self._day, epoch_1904=self.sheet.epoch_1904)
        days = {**dict.fromkeys(PUNCHES, day), **self.days}
        punches = [punch for key, on in days.items() for punch in row.cell(key, partial(read, day=on)) or ()]
        if trainee is None or row.problems:
            return
        slots = [(self._slot(row, trainee, day, "", at), at) for day, at in punches]
        row.problems = [*dict.fromkeys(row.problems)]
        if not row.problems:
            for slot, at in slots:
                if slot:
                    self.punches.setdefault((trainee.pk, slot), (row.entry.row, name, []))[2].append(at)

    def _times(self, row: RowReader, trainee: Enrolment, day: date | None) -> Wanted | None:
        read = partial(read_at, read_day=self._day, epoch_1904=self.sheet.epoch_1904)
        (in_on, time_in), (out_on, time_out) = (row.cell(key, read) or (None, None) for key in ("time_in", "time_out"))
        half_day = row.cell("half_day", read_half_day) or ""
        day = day or in_on or out_on
        for key, on in (("time_in", in_on), ("time_out", out_on)):
            if on and day and on != day:
                row.wrong(key, f"这一格的日期是 {full(on)}，与本行的日期 {full(day)} 不同", "请核对日期")
        if day is None and not row.problems:
            row.wrong("date", "日期没有填", "请填日期，如 2026-05-11")
        if day is None or row.problems:
            return None
        slot = self._slot(row, trainee, day, half_day, time_in or time_out or time())
        if slot and time_in and time_out and not is_in_order(time_in, time_out):
            row.wrong("time_out", "签退不晚于签到", "请核对两个时间")
        return Wanted(trainee.pk, *slot.key, time_in, time_out) if slot else None

    def _slot(self, row: RowReader, trainee: Enrolment, day: date, half_day: str, at: time) -> Slot | None:
        """The half-day that is meant, None where signs cannot be kept in it."""
        if half_day:
            found = next((slot for slot in self.slots if slot.key == (day, half_day)), None)
        else:
            found = slot_at(day, at, self.slots)
        if found is None:
            row.wrong("date", "课程表里没有对应的半日", "请核对日期和时段")
        elif day > self.today:
            row.wrong("date", "这一天还没有到", "签到从当天起登记")
        elif trainee.missed(found.begins):
            row.wrong("date", "这个半日开始以后才补报", "补报的学员从下一个半日起登记")
        return found


def _write(rows: Sequence[ReadRow[Wanted]], into: Confirmation[ClassApplication]) -> Mapping[str, int]:
    """Signs that are there already are left alone."""
    return counted(
        record_signs(application=into.scope, wanted=sound(rows), source=Sign.Source.IMPORT, actor=into.actor)
    )


def _facts(reading: Reading[Wanted], application: ClassApplication) -> dict[str, Any]:
    """How many sign-ins and sign-outs each half-day gets."""
    ins = Counter(wanted.key for wanted in reading.values if wanted.time_in)
    outs = Counter(wanted.key for wanted in reading.values if wanted.time_out)
    half_days = [
        {"label": slot_label(key), "in": ins[key], "out": outs[key]} for key in sorted({*ins, *outs}, key=order_of)
    ]
    return {"half_days": half_days, "counts": {"signs": ins.total() + outs.total()}}


def own_approved(account: Actor) -> QuerySet[ClassApplication]:
    """The classes in which the account may have signs registered: approved, of the units whose clerk it is today."""
    own = ClassApplication.objects.filter(
        unit__in=account.unit_ids(Role.UNIT_CLERK), state=ClassApplication.State.APPROVED
    )
    return own.select_related("unit")


def crumbs_of(here: str, application: ClassApplication) -> list[tuple[str, str]]:
    """The way to a page of imports of a class."""
    back = reverse("attendance:class", args=[application.pk])
    return [("考勤", reverse("attendance:list")), (str(application), back), (here, "")]


def counted(done: Recorded) -> dict[str, int]:
    """What an import keeps of what it did."""
    return {"added": done.signed_in + done.signed_out, "left": done.left_alone, "struck": done.left_struck}


def said_of(result: Mapping[str, int]) -> str:
    """How many signs an import added, how many it left alone, and how many stay struck."""
    left = f"；{result['left']} 项原来已有，没有改动" if result.get("left") else ""
    struck = f"；{result['struck']} 项导入后作废过，没有恢复，要恢复的请逐人更正" if result.get("struck") else ""
    return f"已导入签到、签退 {result.get('added', 0)} 项{left}{struck}"


SIGNS_IMPORT: ImportKind[ClassApplication, Wanted] = ImportKind(
    code="class_signs",
    name="签到、签退",
    form=SIGNS_READ,
    most_rows=MOST_ROWS,
    unread=("employer",),
    unsaid=tuple(column.key for column in DAYS.values()),
    outcomes=(Outcome(READ, "读到", "done", "已有的签到、签退不会改动；打卡按第一次、最后一次认作签到、签退"),),
    shows=(
        Shown("日期", lambda wanted: full_with_weekday(wanted.date)),
        Shown("时段", lambda wanted: HalfDay(wanted.half_day).label),
        Shown("签到", lambda wanted: f"{wanted.time_in:%H:%M}" if wanted.time_in else ""),
        Shown("签退", lambda wanted: f"{wanted.time_out:%H:%M}" if wanted.time_out else ""),
    ),
    one_of=frozenset(TIMES),
    without="表头里没有“签到时间”“签退时间”，也没有“打卡时间”。请补上其中的列，或下载模板填写。",
    read=_entries,
    plan=_plan,
    write=_write,
    scopes=own_approved,
    urls=Urls("attendance:import", "attendance:import_preview", "attendance:import_returned"),
    title="导入签到、签退",
    lead="先看预览，确认以后才写入；已有的签到不会改动",
    crumbs=partial(crumbs_of, "导入"),
    template_url=lambda application: reverse("attendance:template", args=[application.pk]),
    back=lambda application: reverse("attendance:class", args=[application.pk]),
    facts=_facts,
    facts_template="training_attendance/import_half_days.html",
    button=lambda counts: f"导入 {counts['signs']} 项" if counts["signs"] else "",
    idle="没有可以导入的签到",
    results=(("added", "已导入"), ("left", "原来已有，没有改动"), ("struck", "作废过，没有恢复")),
    said=said_of,
)

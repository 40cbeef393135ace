"""Importing signs (A1): read against the class's own list, staged with a preview, written once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from typing import Any, BinaryIO

from luojiang_ce import clock
from luojiang_ce.access.roles import Actor
from luojiang_ce.sheets.cells import as_text
from luojiang_ce.sheets.entries import Entry, Sheet, read_sheet
from luojiang_ce.sheets.models import ImportBatch
from luojiang_ce.sheets.problems import FileProblem, NoHeader
from luojiang_ce.sheets.services import (
    begin_confirmation,
    confirm_chunk,
    keep_preview,
    keep_refusal,
    stage_import,
    staged_file,
)
from training.classes.models import ClassApplication, Enrolment
from training.half_days import Slot, is_in_order, order_of
from units import id_numbers
from units.roster.masking import shown_value

from .models import Sign
from .pages import slot_label
from .punches import pair, slot_at
from .services import Wanted, record_signs
from .sheet import SIGNS, TIMES, UnreadableCellError, read_day, read_half_day, read_punch, read_time
from .timetable import slots_of_class

KIND = "class_signs"
MOST_ROWS = 20_000


@dataclass(frozen=True)
class RowProblem:
    """One cell that cannot be used; what stands there is masked."""

    cell: str
    name: str
    column: str
    value: str
    what: str
    remedy: str


@dataclass
class ReadSigns:
    """What a sheet says: what is to be signed, and all that is wrong."""

    sheet: str = ""
    wanted: list[Wanted] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)

    @property
    def by_half_day(self) -> list[dict[str, Any]]:
        """How many sign-ins and sign-outs each half-day gets, for the preview."""
        ins = Counter(each.key for each in self.wanted if each.time_in)
        outs = Counter(each.key for each in self.wanted if each.time_out)
        return [
            {"label": slot_label(key), "in": ins[key], "out": outs[key]} for key in sorted({*ins, *outs}, key=order_of)
        ]


def read_signs(file: BinaryIO, application: ClassApplication) -> ReadSigns:
    """Read a sheet against the class's timetable and trainees, in two queries. Raises FileProblem."""
    sheet = read_sheet(file, SIGNS, max_entries=MOST_ROWS)
    if not any(key in sheet.header.columns for key in TIMES):
        raise NoHeader("表头里没有“签到时间”“签退时间”，也没有“打卡时间”。请补上其中的列，或下载模板填写。")
    reader = _Reader(sheet, slots_of_class(application), list(application.enrolments.present()))
    for entry in sheet.entries:
        reader.read(entry)
    return ReadSigns(sheet.name, [*reader.wanted, *reader.paired()], reader.problems)


def stage_signs(*, application: ClassApplication, file: BinaryIO, name: str, actor: Actor) -> ImportBatch:
    """Keep a sheet, encrypted, with its preview. Writes the import alone: no sign."""
    batch = stage_import(kind=KIND, owner=actor, scope=application, name=name, file=file)
    try:
        read = read_signs(staged_file(batch), application)
    except FileProblem as problem:
        keep_refusal(batch, problem)
        return batch
    plan = {
        "sheet": read.sheet,
        "problems": [asdict(problem) for problem in read.problems],
        "half_days": read.by_half_day,
    }
    counts = {"signs": sum(row["in"] + row["out"] for row in read.by_half_day), "wrong": len(read.problems)}
    keep_preview(batch, plan=plan, counts=counts)
    return batch


def confirm_signs(*, batch: ImportBatch, application: ClassApplication, actor: Actor) -> Mapping[str, int]:
    """Write the sound rows, read again against current data; signs that are there already are left alone.

    Once, whatever is clicked twice. Returns how many were `added` and `left`. Raises NotPossible, ImportGone.
    """

    def write(chunk: Sequence[str]) -> Mapping[str, int]:
        read = read_signs(staged_file(batch), application)
        done = record_signs(application=application, wanted=read.wanted, source=Sign.Source.IMPORT, actor=actor)
        return {"added": done.signed_in + done.signed_out, "left": done.left_alone}

    begin_confirmation(batch)
    return {"added": 0, "left": 0, **confirm_chunk(batch, ["file"], write).result}


class _Reader:
    """Reads row after row; punches are gathered and paired at the end."""

    def __init__(self, sheet: Sheet, slots: Sequence[Slot], trainees: Iterable[Enrolment]) -> None:
        self.sheet, self.slots, self.today = sheet, slots, clock.today()
        self.people = _People(trainees)
        self.wanted: list[Wanted] = []
        self.problems: list[RowProblem] = []
        self.punches: dict[tuple[int, Slot], list[time]] = defaultdict(list)

    def read(self, entry: Entry) -> None:
        """One row: times of a half-day, or one punch. A row without any time is passed over."""
        if not any(as_text(entry.values.get(key)).strip() for key in TIMES):
            return
        key = "name"
        try:
            trainee = self.people.find(entry)
            key = "date"
            day = self._day(entry)
            if as_text(entry.values.get("punch")).strip():
                key = "punch"
                self._punch(trainee, entry, day)
            else:
                key = "time_in"
                self._times(trainee, entry, day)
        except _InColumn as wrong:
            self._wrong(entry, wrong.key, wrong.problem)
        except UnreadableCellError as wrong:
            self._wrong(entry, key, wrong)

    def paired(self) -> list[Wanted]:
        """The punches as sign-ins and sign-outs."""
        return [Wanted(person, *slot.key, *pair(punches, slot)) for (person, slot), punches in self.punches.items()]

    def _day(self, entry: Entry) -> date | None:
        value = entry.values.get("date")
        return read_day(value, epoch_1904=self.sheet.epoch_1904) if as_text(value).strip() and value else None

    def _punch(self, trainee: Enrolment, entry: Entry, day: date | None) -> None:
        value = entry.values["punch"]
        on, at = read_punch(value, day, epoch_1904=self.sheet.epoch_1904)
        self.punches[trainee.pk, self._slot(trainee, on, "", at)].append(at)

    def _times(self, trainee: Enrolment, entry: Entry, day: date | None) -> None:
        time_in, time_out = (self._time(entry, key) for key in ("time_in", "time_out"))
        if day is None:
            raise _InColumn("date", UnreadableCellError("日期没有填", "请填日期，如 2026-05-11"))
        try:
            half_day = read_half_day(entry.text(SIGNS.column("half_day")))
        except UnreadableCellError as wrong:
            raise _InColumn("half_day", wrong) from None
        slot = self._slot(trainee, day, half_day, time_in or time_out or time())
        if time_in and time_out and not is_in_order(time_in, time_out):
            raise _InColumn("time_out", UnreadableCellError("签退不晚于签到", "请核对两个时间"))
        self.wanted.append(Wanted(trainee.pk, *slot.key, time_in, time_out))

    def _time(self, entry: Entry, key: str) -> time | None:
        value = entry.values.get(key)
        if value is None or not as_text(value).strip():
            return None
        try:
            return read_time(value if isinstance(value, (float, datetime)) else entry.text(SIGNS.column(key)))
        except UnreadableCellError as wrong:
            raise _InColumn(key, wrong) from None

    def _slot(self, trainee: Enrolment, day: date, half_day: str, at: time) -> Slot:
        if half_day:
            found = next((slot for slot in self.slots if slot.key == (day, half_day)), None)
        else:
            found = slot_at(day, at, self.slots)
        if found is None:
            raise _InColumn("date", UnreadableCellError("课程表里没有对应的半日", "请核对日期和时段"))
        if day > self.today:
            raise _InColumn("date", UnreadableCellError("这一天还没有到", "签到从当天起登记"))
        if trainee.missed(found.begins):
            raise _InColumn("date", UnreadableCellError("这个半日开始以后才补报", "补报的学员从下一个半日起登记"))
        return found

    def _wrong(self, entry: Entry, key: str, problem: UnreadableCellError) -> None:
        column = SIGNS.column(key)
        cell = self.sheet.cell(entry.row, key) or f"第 {entry.row} 行"
        shown = shown_value(entry.values.get(key), is_id=key == "id_number")[:60]
        name = entry.text(SIGNS.column("name"))[:50]
        self.problems.append(RowProblem(cell, name, column.title, shown, problem.what, problem.remedy))


class _InColumn(Exception):
    """A problem and the column it stands in."""

    def __init__(self, key: str, problem: UnreadableCellError) -> None:
        super().__init__(key)
        self.key, self.problem = key, problem


class _People:
    """The trainees of the class, found by ID, by its last six or its masked form, and by name where it is unique."""

    def __init__(self, trainees: Iterable[Enrolment]) -> None:
        self.by_name: dict[str, list[Enrolment]] = defaultdict(list)
        for trainee in trainees:
            self.by_name[trainee.name].append(trainee)

    def find(self, entry: Entry) -> Enrolment:
        """The trainee. Raises _InColumn."""
        name, number = entry.text(SIGNS.column("name")), _number(entry)
        same = self.by_name.get(name, [])
        if not same:
            raise _InColumn("name", UnreadableCellError("不在本班学员名单里", "请核对姓名，或先补报学员"))
        found = [trainee for trainee in same if not number or _matches(trainee, number)]
        if not found:
            raise _InColumn("id_number", UnreadableCellError("证件号码与本班名单不符", "请核对证件号码"))
        if len(found) > 1:
            raise _InColumn("id_number", UnreadableCellError(f"本班有 {len(found)} 位同名学员", "请填证件号码全号"))
        return found[0]


def _number(entry: Entry) -> str:
    value = entry.values.get("id_number")
    # The last six typed as a number lose their leading zeros.
    return f"{int(value):06d}" if isinstance(value, float) and value < 10**6 else entry.text(SIGNS.column("id_number"))


def _matches(trainee: Enrolment, number: str) -> bool:
    if "*" in number:
        return trainee.masked_id == number
    hashed = id_numbers.lookup_hash(number)
    return hashed == (trainee.last_six_hash if len(number) == 6 else trainee.id_hash)

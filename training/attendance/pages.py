"""What the pages of attendance show, gathered in a bounded number of queries: the list, a class, a half-day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, prefetch_related_objects

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.files.models import Attachment
from luojiang_ce.home.lists import Chip
from luojiang_ce.words import first_of
from luojiang_ce.workdays.text import month_day
from luojiang_ce.workflow.case_kind import event_label
from luojiang_ce.workflow.events import history
from training.attendance.freezing import reasons_against
from training.attendance.models import SCAN, HalfDaySheet, Sign
from training.attendance.oddities import Oddity
from training.attendance.timetable import Presence, class_oddities, presence, slots_of_class, valid_signs
from training.choices import HalfDay
from training.classes.models import ClassApplication, Enrolment
from training.classes.models.enrolment import names_apart
from training.half_days import Person, Slot, SlotKey, Why, why_of

MEANINGS = {Why.COUNTED: "is-done", Why.ABSENT: "is-idle"}  # of what a trainee's signs come to; is-soon otherwise
NAMED = 8  # names in one line; the rest is counted


@dataclass(frozen=True)
class ClassRow:
    """A class in the list: trainees, half-days; `due`: those that are over or begun with a sign, `recorded`: those of
    them in which somebody has signed."""

    application: ClassApplication
    trainees: int
    half_days: int
    due: int
    recorded: int
    label: str
    meaning: str

    @property
    def missing(self) -> int:
        """Half-days that are over and in which nobody has signed."""
        return self.due - self.recorded


def class_rows(applications: Sequence[ClassApplication]) -> list[ClassRow]:
    """The lines of a page. Three queries, however many classes."""
    prefetch_related_objects(applications, "timetable")
    trainees = Enrolment.objects.filter(application__in=applications).present().order_by()
    counts = Counter(trainees.values_list("application_id", flat=True))
    signed = _signed(applications)
    return [_class_row(each, signed[each.pk], counts[each.pk]) for each in applications]


def _class_row(application: ClassApplication, signed: set[SlotKey], trainees: int) -> ClassRow:
    slots, today, now = slots_of_class(application), clock.today(), clock.now()
    due = {slot.key for slot in slots if slot.ends <= now or (slot.key in signed and slot.date <= today)}
    label, meaning = ("进行中", "is-turn") if application.has_begun(today) else ("未开班", "is-wait")
    if application.has_ended(today):
        label, meaning = "已结束", "is-idle"
    return ClassRow(application, trainees, len(slots), len(due), len(signed & due), label, meaning)


def _signed(applications: Sequence[ClassApplication]) -> dict[int, set[SlotKey]]:
    rows = Sign.objects.valid().filter(enrolment__application__in=applications, enrolment__removed_at=None)
    found: dict[int, set[SlotKey]] = defaultdict(set)
    fields = ("enrolment__application_id", "date", "half_day")
    for pk, day, half_day in rows.order_by().values_list(*fields).distinct():
        found[pk].add((day, half_day))
    return found


def slot_label(slot: SlotKey) -> str:
    """5月11日 上午"""
    day, half_day = slot
    return f"{month_day(day)} {HalfDay(half_day).label}"


def slot_args(application: ClassApplication, key: SlotKey) -> list[Any]:
    """What the addresses of a half-day are made of."""
    return [application.pk, key[0], key[1]]


@dataclass
class TraineeRow:
    """A trainee in one half-day: valid signs, how many were struck; `missed`: added late, after it had begun;
    `is_ahead`: it has not begun; `called`: the name, which no other of the class bears."""

    enrolment: Enrolment
    called: str
    missed: bool = False
    is_ahead: bool = False
    ins: list[Sign] = field(default_factory=list)
    outs: list[Sign] = field(default_factory=list)
    struck: int = 0

    @property
    def why(self) -> Why:
        return why_of([sign.time for sign in self.ins], [sign.time for sign in self.outs])

    @property
    def label(self) -> str:
        if self.missed:
            return "补报前"
        return "未开始" if self.is_ahead and self.why == Why.ABSENT else self.why.label

    @property
    def meaning(self) -> str:
        return "is-idle" if self.missed else MEANINGS.get(self.why, "is-soon")

    @property
    def is_corrected(self) -> bool:
        return bool(self.struck) or any(sign.reason for sign in (*self.ins, *self.outs))


def trainee_rows(application: ClassApplication, slot: Slot) -> list[TraineeRow]:
    """Every trainee of the class with the signs of one half-day. Two queries."""
    present = list(application.enrolments.present())
    called = names_apart(present)
    is_ahead = clock.now() < slot.begins
    rows = {each.pk: TraineeRow(each, called[each.pk], each.missed(slot.begins), is_ahead) for each in present}
    for sign in Sign.objects.of_class(application).filter(date=slot.date, half_day=slot.half_day):
        row = rows[sign.enrolment_id]
        if sign.struck_at:
            row.struck += 1
        else:
            (row.ins if sign.kind == Sign.Kind.IN else row.outs).append(sign)
    return list(rows.values())


@dataclass(frozen=True)
class OddityRow:
    """An oddity in words: where, what, and whom it concerns."""

    oddity: Oddity
    where: str
    people: str
    key: SlotKey | None

    @property
    def what(self) -> str:
        return f"{self.oddity.kind.label}{'：' if self.oddity.detail else ''}{self.oddity.detail}"


def oddity_rows(
    oddities: Sequence[Oddity], names: Mapping[Person, str], planned: Collection[SlotKey]
) -> list[OddityRow]:
    """Oddities in words; `planned` are the half-days that have a page."""
    rows = []
    for oddity in oddities:
        key, count = (oddity.date, oddity.half_day), len(oddity.people)
        shown = first_of([names.get(person, "") for person in oddity.people], NAMED)
        people = shown if count > NAMED else f"{shown}，{count} 人"
        rows.append(OddityRow(oddity, slot_label(key), people, key if key in planned else None))
    return rows


@dataclass(frozen=True)
class SlotRow:
    """A half-day in the table of a class."""

    slot: Slot
    presence: Presence
    is_scanned: bool
    is_ahead: bool

    @property
    def label(self) -> str:
        return HalfDay(self.slot.half_day).label


@dataclass(frozen=True)
class ClassPage:
    """The attendance of a class: its half-days with their numbers, and what looks odd."""

    expected: int
    rows: list[SlotRow]
    oddities: list[OddityRow]
    reasons: list[str]


def class_page(application: ClassApplication, account: Actor) -> ClassPage:
    """Seven queries, however many half-days, trainees and signs."""
    slots = slots_of_class(application)
    signs = valid_signs(application)
    trainees = list(application.enrolments.present())
    names = names_apart(trainees)
    counts, scans, now = presence(signs), scanned_slots(application), clock.now()
    rows = [SlotRow(slot, counts.get(slot.key, Presence()), slot.key in scans, slot.begins > now) for slot in slots]
    oddities = oddity_rows(class_oddities(slots, signs, trainees), names, {slot.key for slot in slots})
    return ClassPage(len(trainees), rows, oddities, reasons_against(application, (), account))


def scanned_slots(application: ClassApplication) -> set[SlotKey]:
    """The half-days whose signed sheet has been uploaded. One query."""
    scans = Attachment.objects.filter(
        case_type=HalfDaySheet._meta.label_lower, case_id=OuterRef("pk"), material=SCAN, removed_at=None
    )
    sheets = application.sheets.filter(Exists(scans))
    return {(day, half_day) for day, half_day in sheets.values_list("date", "half_day")}


def slot_chips(application: ClassApplication, slots: Sequence[Slot], current: SlotKey) -> list[Chip]:
    """The half-days of a class side by side, to go from one to the next."""
    return [
        Chip(
            slot_label(slot.key),
            HalfDaySheet(application=application, date=slot.date, half_day=slot.half_day).get_absolute_url(),
            current=slot.key == current,
        )
        for slot in slots
    ]


def sheet_history(sheet: HalfDaySheet | None) -> list[Any]:
    """What was done to a half-day's sheet, newest first, with labels and counts; the signs of phones, which come one by
    one, as one line each time; `by`: who did what no account did."""
    events: list[Any] = []
    for event in history(sheet) if sheet else []:
        if events and _goes_on(events[-1], event):
            for kind in Sign.Kind.values:
                events[-1].data[kind] = events[-1].data.get(kind, 0) + event.data.get(kind, 0)
        else:
            events.append(event)
    for event in events:
        event.by = _by(event)
        counts = (("签到", event.data.get("in")), ("签退", event.data.get("out")))
        counted = "、".join(f"{word} {count} 人" for word, count in counts if count)
        event.label = f"{event_label(event.name)}{'：' if counted else ''}{counted}"
    return events


def _by(event: Any) -> str:
    """Who did what no account did: by a class teacher's link, or trainees with their phones."""
    if "link" in event.data:
        return "班主任"
    return "学员扫码" if event.actor_id is None and event.name == "signs_recorded" else ""


def _goes_on(newer: Any, older: Any) -> bool:
    """Were both signs made by trainees themselves, or ticked through one link?"""
    same = newer.actor_id is None and older.actor_id is None and newer.name == older.name == "signs_recorded"
    return same and newer.data.get("link") == older.data.get("link")

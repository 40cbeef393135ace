"""What the pages of a link show: a half-day with who has signed and who has not; the links of a class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.home.lists import HeadLink
from training.attendance.freezing import reasons_against
from training.attendance.links import Place
from training.attendance.models import Sign
from training.attendance.oddities import MARGIN
from training.attendance.pages import TraineeRow, slot_label, trainee_rows
from training.attendance.timetable import slots_of_class
from training.classes.models import ClassApplication
from training.classes.models.enrolment import names_apart
from training.half_days import Slot, SlotKey, on_until

from .models import TeacherLink, TeacherTick
from .recorded import written_by_links
from .taking import HolderOfLink

KEPT_AHEAD = 12  # half-days whose pages a phone keeps for when there is no network
SHOWN_REFUSED = 30


def slots_of_link(link: TeacherLink) -> list[Slot]:
    """The half-days that may be signed through the link, in order of time. One query."""
    return [slot for slot in slots_of_class(link.application) if link.covers(slot.date)]


@dataclass(frozen=True)
class Stop:
    """A half-day in the row of half-days: where it is, until when it is the current one (milliseconds), whether a phone
    keeps its page."""

    key: SlotKey
    ends: int
    is_kept: bool
    is_current: bool

    @property
    def label(self) -> str:
        return slot_label(self.key)


def stops(slots: Sequence[Slot], shown: Slot | None, now: datetime) -> list[Stop]:
    """The half-days of a link; those from today on are kept, as far as there is room."""
    kept = {slot.key for slot in [slot for slot in slots if slot.date >= now.date()][:KEPT_AHEAD]}
    return [
        Stop(slot.key, milliseconds(until), slot.key in kept, shown is not None and slot.key == shown.key)
        for slot, until in zip(slots, on_until(slots, MARGIN), strict=True)
    ]


def milliseconds(moment: datetime) -> int:
    """As a browser counts time."""
    return round(moment.timestamp() * 1000)


@dataclass(frozen=True)
class Person:
    """A trainee on one side (in or out) of a half-day; `note`: what is to be known beside the name."""

    pk: int
    name: str
    note: str = ""
    may_undo: bool = False


@dataclass(frozen=True)
class Side:
    """Who has signed in (or out) and who has not; `late`: added after the half-day had begun, none of theirs."""

    kind: Sign.Kind
    signed: list[Person]
    absent: list[Person]

    @property
    def verb(self) -> str:
        """What the button beside a name says."""
        return "到了" if self.kind == Sign.Kind.IN else "签退"

    @property
    def expected(self) -> int:
        return len(self.signed) + len(self.absent)


@dataclass(frozen=True)
class Refused:
    """A tick that was not taken: whose, which, when it was made, why."""

    tick: TeacherTick
    name: str

    @property
    def when(self) -> str:
        return slot_label((self.tick.date, self.tick.half_day))


@dataclass(frozen=True)
class HalfDayPage:
    """A half-day as a class teacher sees it; it is touched from `opens` to `closes`, by a clock that goes on on a phone
    without network. `reasons`: what forbids that at any time."""

    slot: Slot
    opens: datetime
    closes: datetime
    is_ahead: bool
    is_over: bool
    sides: list[Side]
    late: list[str]
    reasons: list[str]
    refused: list[Refused]
    starts_out: bool

    @property
    def span(self) -> tuple[int, int]:
        """From when to when it is touched, as a browser counts time."""
        return milliseconds(self.opens), milliseconds(self.closes)


def half_day_page(link: TeacherLink, slot: Slot) -> HalfDayPage:
    """Seven queries, and those of what forbids signing, however many trainees and signs."""
    rows, now = trainee_rows(link.application, slot), clock.now()
    mine = written_by_links([sign.pk for row in rows for sign in (*row.ins, *row.outs)])
    undoable = set(mine) if now <= slot.ends + MARGIN else set()
    here = [row for row in rows if not row.missed]
    opens, closes = slot.begins - MARGIN, clock.midnight_after(slot.date)
    return HalfDayPage(
        slot=slot,
        opens=opens,
        closes=closes,
        is_ahead=now < opens,
        is_over=now >= closes,
        sides=[_side(kind, here, undoable) for kind in Sign.Kind],
        late=[row.called for row in rows if row.missed],
        reasons=reasons_against(link.application, (), HolderOfLink(link.application.unit_id)),
        refused=refused_of(link.ticks.all(), link.application),
        starts_out=now > slot.ends - timedelta(minutes=30),
    )


def _side(kind: Sign.Kind, rows: Sequence[TraineeRow], undoable: set[int]) -> Side:
    signed, absent = [], []
    for row in rows:
        signs = row.ins if kind == Sign.Kind.IN else row.outs
        if signs:
            signed.append(_signed(row, signs, undoable))
        else:
            note = "还没有签到" if kind == Sign.Kind.OUT and not row.ins else ""
            absent.append(Person(row.enrolment.pk, row.called, note))
    return Side(kind, signed, sorted(absent, key=lambda person: bool(person.note)))


def _signed(row: TraineeRow, signs: Sequence[Sign], undoable: set[int]) -> Person:
    note = "、".join(f"{sign.time:%H:%M} {sign.get_source_display()}" for sign in signs)
    return Person(row.enrolment.pk, row.called, note, any(sign.pk in undoable for sign in signs))


def refused_of(ticks: QuerySet[TeacherTick], application: ClassApplication) -> list[Refused]:
    """The latest of these ticks that were not taken, with the names that tell their trainees apart. Two queries."""
    rows = ticks.filter(outcome=TeacherTick.Outcome.REFUSED).order_by("-pk")[:SHOWN_REFUSED]
    names = names_apart(application.enrolments.all()) if rows else {}
    return [Refused(tick, names.get(tick.enrolment_id, "名单以外的人")) for tick in rows]


def link_to_links(place: Place) -> HeadLink | None:
    """To the links of a class, for whoever files for it."""
    if place.slot or not place.is_ours:
        return None
    return HeadLink("班主任链接", reverse("teacher:links", args=[place.application.pk]), "link")

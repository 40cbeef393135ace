"""What a trainee sees on the own phone: the own half-days, and nothing of anybody else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal

from luojiang_ce import clock
from luojiang_ce.papers.public import masked_name
from training.attendance.models import Sign
from training.attendance.pages import slot_label
from training.attendance.timetable import slots_of_class
from training.classes.models import Enrolment
from training.half_days import Slot, SlotKey, Why, why_of
from verification.choices import Measure

from .code import IN, OUT, open_times
from .models import CorrectionRequest


@dataclass
class OwnHalfDay:
    """A half-day of a trainee: signs, what they come to, and what was asked about it."""

    slot: Slot
    now: datetime
    ins: list[time] = field(default_factory=list)
    outs: list[time] = field(default_factory=list)
    requests: list[CorrectionRequest] = field(default_factory=list)
    missed: bool = False

    @property
    def label(self) -> str:
        return slot_label(self.slot.key)

    @property
    def why(self) -> Why:
        return why_of(self.ins, self.outs)

    @property
    def counts(self) -> bool:
        return self.why == Why.COUNTED and not self.missed

    @property
    def is_running(self) -> bool:
        """May it still be signed on the spot?"""
        return self.now <= open_times(self.slot, OUT)[1]

    @property
    def said(self) -> str:
        """What it comes to, in a word or two."""
        if self.missed:
            return "补报前"
        if self.why == Why.COUNTED:
            return "已计"
        if self.is_running and self.why == Why.NO_SIGN_OUT:
            return "待签退"
        if self.is_running and self.why == Why.ABSENT:
            return "未开始" if self.now < self.slot.begins else "未签到"
        return self.why.label

    @property
    def meaning(self) -> str:
        if self.counts:
            return "is-done"
        return "is-turn" if self.said == "待签退" else ("is-soon" if self._is_lacking else "")

    @property
    def _is_lacking(self) -> bool:
        return not self.missed and not self.is_running and self.why not in (Why.COUNTED, Why.ABSENT)

    @property
    def lacks(self) -> list[Sign.Kind]:
        """The signs that may be asked for: what is missing of a half-day that is over."""
        if self.missed or self.counts or self.now < self.slot.ends:
            return []
        waiting = {each.kind for each in self.requests if each.state == CorrectionRequest.State.WAITING}
        lacking = [IN] if not self.ins else []
        if not self.outs or self.why == Why.OUT_BEFORE_IN:
            lacking.append(OUT)
        return [Sign.Kind(kind) for kind in lacking if kind not in waiting]


@dataclass(frozen=True)
class OwnPage:
    """A trainee's half-days, the hours that they come to so far, and how the trainee is called on the phone."""

    trainee: Enrolment
    half_days: Sequence[OwnHalfDay]

    @property
    def name(self) -> str:
        return masked_name(self.trainee.name)

    @property
    def number(self) -> str:
        """The last two of the number, which tell namesakes apart."""
        return f"****{self.trainee.masked_id[-2:]}" if self.trainee.masked_id else ""

    @property
    def in_credits(self) -> bool:
        """Does the class give credits, whole or not at all (notice 一(三)2)? Then half-days are counted, not hours."""
        return self.trainee.application.measure == Measure.CREDITS

    @property
    def counted(self) -> int:
        """How many half-days count so far."""
        return sum(each.counts for each in self.half_days)

    @property
    def hours(self) -> Decimal:
        return sum((each.slot.hours for each in self.half_days if each.counts), Decimal(0))

    def of(self, key: SlotKey) -> OwnHalfDay:
        """The one of that half-day; LookupError where the timetable has none."""
        return next(each for each in self.half_days if each.slot.key == key)


def own_page(trainee: Enrolment) -> OwnPage:
    """Three queries, however many half-days."""
    now = clock.local(clock.now())
    slots = slots_of_class(trainee.application)
    rows = {slot.key: OwnHalfDay(slot, now, missed=trainee.missed(slot.begins)) for slot in slots}
    signs: dict[SlotKey, list[Sign]] = defaultdict(list)
    for sign in trainee.signs.valid():
        signs[sign.date, sign.half_day].append(sign)
    for request in trainee.correction_requests.order_by("pk"):
        if request.key in rows:
            rows[request.key].requests.append(request)
    for key in rows.keys() & signs.keys():
        rows[key].ins = [each.time for each in signs[key] if each.kind == Sign.Kind.IN]
        rows[key].outs = [each.time for each in signs[key] if each.kind == Sign.Kind.OUT]
    return OwnPage(trainee, list(rows.values()))

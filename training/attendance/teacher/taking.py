"""Taking what a class teacher ticked: at once, or hours later when a dead network is back.

Whatever arrives is kept as a TeacherTick with what became of it, so nothing is lost; what meanwhile stands otherwise is
refused in words and left as it is, so nothing is overwritten; a client id is taken once, so nothing is done twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import TypeAlias
from uuid import UUID

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.notices.services import notify
from luojiang_ce.workdays.text import month_day
from training.attendance.freezing import reasons_against
from training.attendance.models import Sign
from training.attendance.oddities import MARGIN
from training.attendance.services import Wanted, record_signs, strike_signs
from training.attendance.timetable import slots_of_class
from training.classes.models import ClassApplication, Enrolment
from training.half_days import Slot, SlotKey
from units.notify import clerks_of

from .device_clock import TOLERANCE
from .models import TeacherLink, TeacherTick
from .recorded import written_by_links

Do: TypeAlias = TeacherTick.Do
Outcome: TypeAlias = TeacherTick.Outcome
Place = tuple[int, date, str, str]


class LinkEnded(Exception):
    """The link takes nothing any more; `reason` says why, in Chinese."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Tick:
    """A touch as it arrived: `at` by the server's clock, `device_at` by the phone's, `doubt` about the two."""

    client_id: UUID
    do: TeacherTick.Do
    enrolment: int
    date: date
    half_day: str
    kind: Sign.Kind
    at: datetime
    device_at: datetime | None = None
    doubt: str = ""
    reason: str = ""

    @property
    def key(self) -> SlotKey:
        return self.date, self.half_day

    @property
    def place(self) -> Place:
        return self.enrolment, self.date, self.half_day, self.kind


@dataclass(frozen=True)
class HolderOfLink:
    """Who acts through a link: nobody's account, for the unit whose clerk gave it out, and only to sign trainees."""

    unit: int
    pk: int | None = None
    person_keys: frozenset[str] = frozenset()
    files_for_others: bool = False

    def holds(self, *roles: Role) -> bool:
        return False

    def unit_ids(self, *roles: Role, of_bureau: bool = False) -> frozenset[int]:
        return frozenset({self.unit}) if Role.UNIT_CLERK in roles and not of_bureau else frozenset()


@transaction.atomic
def take(*, link: TeacherLink, ticks: Sequence[Tick]) -> list[TeacherTick]:
    """What became of each of these, in their order; those that were taken before are answered as they were then.

    Bounded in queries by half-days and by how often somebody was ticked and undone, not by people. Raises LinkEnded.
    """
    # Locked first, as whoever writes or freezes signs does: two phones, or one whose answer was lost, come in turn.
    application = ClassApplication.objects.select_for_update().get(pk=link.application_id)
    link = TeacherLink.objects.get(pk=link.pk)
    link.application = application
    if reason := link.why_ended(clock.now()):
        raise LinkEnded(reason)
    kept = {tick.client_id: tick for tick in taken(link, ticks)}
    taking = _Taking(link, application)
    new: list[TeacherTick] = []
    for some in _in_rounds(tick for tick in _once(ticks) if tick.client_id not in kept):
        new += taking.take(some)
    if any(tick.outcome == Outcome.REFUSED for tick in new):
        _tell_clerks(link)
    kept |= {tick.client_id: tick for tick in new}
    return [kept[tick.client_id] for tick in ticks]


def _tell_clerks(link: TeacherLink) -> None:
    """Once an hour: a phone sends what it has in many parts, and who plays with a link floods nobody."""
    notify(
        clerks_of(link.application.unit_id),
        f"班主任点名有没有记上的：{link.application}",
        key=f"teacher-ticks-{link.pk}-{clock.local(clock.now()):%Y%m%d%H}",
        text="原样保留在“班主任链接”里，各有原因；应当补上的，请逐人更正",
        url=reverse("teacher:links", args=[link.application_id]),
    )


def taken(link: TeacherLink, ticks: Iterable[Tick]) -> list[TeacherTick]:
    """Those of these that have arrived before, however the link stands now. One query."""
    return list(link.ticks.filter(client_id__in={tick.client_id for tick in ticks}))


def _once(ticks: Iterable[Tick]) -> Iterable[Tick]:
    first: dict[UUID, Tick] = {}
    for tick in ticks:
        first.setdefault(tick.client_id, tick)
    return first.values()


def _in_rounds(ticks: Iterable[Tick]) -> list[list[Tick]]:
    """Ticks that can be taken together: of one place and kind of act after another, of different ones at once."""
    rounds: dict[int, list[Tick]] = defaultdict(list)
    last: dict[Place, tuple[TeacherTick.Do, int]] = {}
    for tick in ticks:
        before, number = last.get(tick.place, (Do.TICK, 0))
        number += before != tick.do
        last[tick.place] = tick.do, number
        rounds[number].append(tick)
    return [rounds[number] for number in sorted(rounds)]


class _Taking:
    """The class under its lock, with what decides about each tick."""

    def __init__(self, link: TeacherLink, application: ClassApplication) -> None:
        self.link, self.application = link, application
        self.actor = HolderOfLink(application.unit_id)
        self.about = {"link": link.pk}
        prefetch_related_objects([application], "timetable")
        self.slots = {slot.key: slot for slot in slots_of_class(application)}
        self.closed: dict[SlotKey, list[str]] = {}

    @cached_property
    def trainees(self) -> dict[int, Enrolment]:
        return {each.pk: each for each in self.application.enrolments.present()}

    @cached_property
    def everybody(self) -> set[int]:
        """Whoever has ever been on the list."""
        return set(self.application.enrolments.order_by().values_list("pk", flat=True))

    def take(self, ticks: Sequence[Tick]) -> list[TeacherTick]:
        """Take what can be taken together; ticks and undone ones of a round are of different places."""
        standing = _Standing(ticks)
        answers = {tick.client_id: self._answer(tick, standing) for tick in ticks}
        wanted = [tick for tick in ticks if answers[tick.client_id] is None]
        signs = self._record([tick for tick in wanted if tick.do == Do.TICK])
        self._strike([tick for tick in wanted if tick.do == Do.UNDO], standing)
        rows = []
        for tick in ticks:
            answer = answers[tick.client_id]
            if answer is None and tick.do == Do.UNDO:
                row = self._row(tick, Outcome.UNDONE, sign=standing.valid[tick.place])
            elif answer is None and tick.place in signs:
                row = self._row(tick, Outcome.RECORDED, sign=signs.pop(tick.place))
            else:
                row = self._row(tick, *(answer or (Outcome.ALREADY, "同一次送来了两条，只算一次")))
            rows.append(row)
        return TeacherTick.objects.bulk_create(rows)

    def _row(self, tick: Tick, outcome: Outcome, said: str = "", sign: Sign | None = None) -> TeacherTick:
        return TeacherTick(
            link=self.link,
            client_id=tick.client_id,
            do=tick.do,
            enrolment_id=tick.enrolment if tick.enrolment in self.everybody else None,
            date=tick.date,
            half_day=tick.half_day,
            kind=tick.kind,
            at=tick.at,
            device_at=tick.device_at,
            doubt=tick.doubt,
            reason=tick.reason,
            outcome=outcome,
            said=said,
            sign=sign,
        )

    def _answer(self, tick: Tick, standing: _Standing) -> tuple[Outcome, str] | None:
        """What is answered without writing a sign; None for what is to be written."""
        there = standing.valid.get(tick.place)
        if tick.enrolment not in self.trainees:
            return Outcome.REFUSED, "已不在本班名单里，请交专办员核对"
        if tick.do == Do.TICK and there:
            return Outcome.ALREADY, f"原来已有 {there.time:%H:%M}（{there.get_source_display()}），只算一次"
        if tick.do == Do.UNDO and not there:
            return Outcome.ALREADY, f"这个半日现在没有他的{tick.kind.label}，不用取消"
        refused = self._refusal(tick, standing)
        return (Outcome.REFUSED, refused) if refused else None

    def _refusal(self, tick: Tick, standing: _Standing) -> str:
        """Why a sign may not be written or struck; empty where it may."""
        if not self.link.covers(tick.date):
            return "这个半日不在链接的日期之内，请交专办员登记"
        if reasons := self._closed(tick.key):
            return "；".join(reasons)
        slot, at = self.slots[tick.key], clock.local(tick.at)
        if at.date() != tick.date:
            return f"点名时间是 {month_day(at.date())} {at:%H:%M}，不是这个半日那一天，请交专办员核对"
        if at < slot.begins - MARGIN:
            return f"点名时间是 {at:%H:%M}，这个半日 {slot.starts_at:%H:%M} 才开始，请交专办员核对"
        return self._wrong_undo(tick, slot, standing) if tick.do == Do.UNDO else self._wrong_tick(tick, slot, standing)

    def _wrong_tick(self, tick: Tick, slot: Slot, standing: _Standing) -> str:
        if self.trainees[tick.enrolment].missed(slot.begins):
            return "这个半日开始以后才补报，从下一个半日起登记"
        if corrected := standing.corrected_after(tick):
            return f"点名以后，这个半日已另行更正（{corrected}），没有改动更正的结果，请与专办员核对"
        return ""

    def _wrong_undo(self, tick: Tick, slot: Slot, standing: _Standing) -> str:
        sign = standing.valid[tick.place]
        if sign.pk not in standing.by_links:
            return f"这条是{sign.get_source_display()}来的，不是用班主任链接登记的，要改请交专办员更正"
        if tick.at > slot.ends + MARGIN:
            return "这个半日已经过去，要改请交专办员更正"
        # Whoever took something back off line meant what was there then, not what came instead; two phones' clocks are
        # never quite alike.
        if datetime.combine(sign.date, sign.time, clock.SHANGHAI) > tick.at + TOLERANCE:
            return (
                f"点取消是在 {clock.local(tick.at):%H:%M}，现有的是 {sign.time:%H:%M} 登记的，没有取消，请交专办员核对"
            )
        return ""

    def _closed(self, key: SlotKey) -> list[str]:
        if key not in self.closed:
            self.closed[key] = reasons_against(self.application, [key], self.actor)
        return self.closed[key]

    def _record(self, ticks: Sequence[Tick]) -> dict[Place, Sign]:
        if not ticks:
            return {}
        done = record_signs(
            application=self.application,
            wanted=[_wanted(tick) for tick in ticks],
            source=Sign.Source.LIST,
            actor=self.actor,
            about=self.about,
        )
        return {(sign.enrolment_id, sign.date, sign.half_day, sign.kind): sign for sign in done.signs}

    def _strike(self, ticks: Iterable[Tick], standing: _Standing) -> None:
        together: dict[tuple[SlotKey, str], list[Tick]] = defaultdict(list)
        for tick in ticks:
            together[tick.key, tick.reason].append(tick)
        for (key, reason), some in together.items():
            strike_signs(
                application=self.application,
                key=key,
                enrolments={tick.enrolment for tick in some},
                reason=reason,
                actor=self.actor,
                only=[standing.valid[tick.place].pk for tick in some],
                about=self.about,
            )


def _wanted(tick: Tick) -> Wanted:
    at = clock.local(tick.at).time()
    is_in = tick.kind == Sign.Kind.IN
    return Wanted(tick.enrolment, *tick.key, at if is_in else None, None if is_in else at)


class _Standing:
    """The signs as they stand of whoever is ticked, and when they were last corrected. Four queries at most."""

    def __init__(self, ticks: Collection[Tick]) -> None:
        people, days = {tick.enrolment for tick in ticks}, {tick.date for tick in ticks}
        signs = list(Sign.objects.filter(enrolment__in=people, date__in=days))
        self.valid: dict[Place, Sign] = {_place(sign): sign for sign in reversed(signs) if not sign.struck_at}
        self.by_links = written_by_links([sign.pk for sign in signs])
        undone = TeacherTick.objects.filter(sign__in=signs, outcome=Outcome.UNDONE)
        self.undone = dict(undone.values_list("sign", "at"))
        self.struck = [sign for sign in signs if sign.struck_at]
        self.corrected = [sign for sign in signs if sign.reason]

    def corrected_after(self, tick: Tick) -> str:
        """Why the trainee's half-day was corrected after the tick was made; empty where it was not.

        The office corrects a half-day as a whole; a class teacher takes one sign back, and at the moment of the thumb.
        """
        for sign in self.struck:
            at = self.undone.get(sign.pk)
            same = _place(sign) == tick.place if at else _place(sign)[:3] == tick.place[:3]
            if same and sign.struck_at and (at or sign.struck_at) > tick.at:
                return f"{clock.local(at or sign.struck_at):%H:%M} 作废：{sign.struck_reason}"
        for sign in self.corrected:
            if _place(sign)[:3] == tick.place[:3] and sign.recorded_at > tick.at:
                return f"{clock.local(sign.recorded_at):%H:%M} 更正：{sign.reason}"
        return ""


def _place(sign: Sign) -> Place:
    return sign.enrolment_id, sign.date, sign.half_day, sign.kind

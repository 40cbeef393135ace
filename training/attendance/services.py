"""Writing signs: lists, corrections, imports, the signed sheet's scan. Signs are never changed, only struck (A2)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.files.checks import Checked
from luojiang_ce.files.models import Attachment
from luojiang_ce.files.services import attach
from luojiang_ce.refusals import NotPossible
from luojiang_ce.versions import Standing
from luojiang_ce.words import first_of
from luojiang_ce.workdays.text import month_day
from luojiang_ce.workflow.events import record, record_many
from training.attendance.freezing import reasons_against
from training.attendance.models import SCAN, HalfDaySheet, Sign
from training.attendance.timetable import slots_of_class
from training.choices import HalfDay
from training.classes.models import ClassApplication, Enrolment
from training.half_days import SlotKey, order_of, to_minute

BATCH = 1000
NAMED = 8  # names in one sentence; the rest is counted
FROM_FILES = (Sign.Source.IMPORT, Sign.Source.PLATFORM)  # exports that grow, and are imported again and again


@dataclass(frozen=True, slots=True)
class Wanted:
    """A sign-in and/or sign-out to be kept for a trainee (by enrolment id) in a half-day."""

    enrolment: int
    date: date
    half_day: str
    time_in: time | None
    time_out: time | None

    @property
    def key(self) -> SlotKey:
        return self.date, self.half_day


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many sign-ins and sign-outs were added, how many were there already and left alone, how many stay struck;
    those added."""

    signed_in: int
    signed_out: int
    left_alone: int
    left_struck: int = 0
    signs: tuple[Sign, ...] = field(default=(), compare=False, repr=False)


@transaction.atomic
def record_signs(
    *,
    application: ClassApplication,
    wanted: Collection[Wanted],
    source: Sign.Source,
    actor: Actor,
    reason: str = "",
    device: str = "",
    beside: bool = False,
    about: Mapping[str, Any] | None = None,
) -> Recorded:
    """Keep what is wanted, unless the trainee has a valid sign of that kind there already: repeating adds nothing, nor
    does a file bring back what it brought before and somebody struck.

    `reason`: of a correction, which marks it; `device`: the phone that it was made with; `beside`: another time than
    that of the sign that is there is kept beside it; `about`: what the event holds besides.
    Bounded in queries. Raises NotPossible, and then writes nothing.
    """
    _must_be_open(application, [each.key for each in wanted], actor)
    _must_be_theirs(application, wanted)
    signs = [sign for each in wanted for sign in _signs_wanted(each, source, actor, reason, device)]
    there = _valid(application).filter(date__in={sign.date for sign in signs})
    if beside:
        there = there.filter(time__in={sign.time for sign in signs})
    lacking = _without_doubles(signs, set(there.values_list("enrolment_id", "date", "half_day", "kind")))
    struck = _struck_of(application, lacking, source) if source in FROM_FILES else set()
    new = [sign for sign in lacking if (*_place(sign), sign.time) not in struck]
    Sign.objects.bulk_create(new, batch_size=BATCH)
    _note_on_sheets(application, new, "signs_recorded", actor, about or {})
    ins = sum(sign.kind == Sign.Kind.IN for sign in new)
    return Recorded(ins, len(new) - ins, len(signs) - len(lacking), len(lacking) - len(new), tuple(new))


@transaction.atomic
def strike_signs(
    *,
    application: ClassApplication,
    key: SlotKey,
    enrolments: Collection[int],
    reason: str,
    actor: Actor,
    only: Collection[int] | None = None,
    about: Mapping[str, Any] | None = None,
) -> int:
    """Strike all signs of these trainees in one half-day, with the reason; returns how many. Raises NotPossible.

    `only`: of their signs these ids alone; `about`: what the event holds besides.
    """
    _must_be_open(application, [key], actor)
    rows = _valid(application).filter(date=key[0], half_day=key[1], enrolment__in=enrolments)
    if only is not None:
        rows = rows.filter(pk__in=only)
    struck = _strike(rows.values_list("pk", flat=True), reason, actor)
    if struck:
        data = {"count": struck, **(about or {})}
        record(_sheet(application, key), "signs_struck", actor=actor, note=reason, data=data)
    return struck


def standing(signs: Collection[Sign]) -> Standing:
    """A trainee's valid signs of a half-day as they stand, and who wrote the newest."""
    newest = max(signs, key=lambda sign: (sign.recorded_at, sign.pk), default=None)
    values = sorted((sign.kind, f"{sign.time:%H:%M:%S}") for sign in signs)
    return Standing(values, newest.recorded_by, newest.recorded_at) if newest else Standing(values)


@transaction.atomic
def correct_signs(
    *,
    enrolment: Enrolment,
    key: SlotKey,
    time_in: time | None,
    time_out: time | None,
    reason: str,
    actor: Actor,
    version: int | None = None,
) -> bool:
    """Make these the trainee's only valid signs of the half-day: others are struck, what is new carries the reason.

    None means no sign of that kind. Returns whether anything changed. Raises NotPossible, Conflict.
    """
    application = enrolment.application
    _must_be_open(application, [key], actor)
    there = list(_valid(application).filter(enrolment=enrolment, date=key[0], half_day=key[1]))
    standing(there).must_be(version)
    wanted = Wanted(enrolment.pk, *key, time_in, time_out)
    if time_in or time_out:
        _must_be_theirs(application, [wanted])
    signs = _signs_wanted(wanted, Sign.Source.LIST, actor, reason)
    kept = {(sign.kind, sign.time) for sign in signs}
    wrong = [sign.pk for sign in there if (sign.kind, sign.time) not in kept]
    new = _without_doubles(signs, {_place(sign) for sign in there if sign.pk not in wrong})
    _strike(wrong, reason, actor)
    Sign.objects.bulk_create(new)
    if wrong or new:
        data = {"enrolment": enrolment.pk, "struck": wrong, "added": [sign.pk for sign in new]}
        record(_sheet(application, key), "signs_corrected", actor=actor, note=reason, data=data)
    return bool(wrong or new)


@transaction.atomic
def attach_scan(*, application: ClassApplication, key: SlotKey, scan: Checked, actor: Actor) -> Attachment:
    """Keep the scan of a half-day's signed sheet. Raises NotPossible."""
    _must_be_open(application, [key], actor)
    return attach(case=_sheet(application, key), material=SCAN, upload=scan, actor=actor)


def _must_be_open(application: ClassApplication, keys: Collection[SlotKey], actor: Actor) -> None:
    # Locked first: a recognition that is being submitted meanwhile takes the same lock, so it either sees these
    # signs or makes them be refused.
    locked = ClassApplication.objects.select_for_update().get(pk=application.pk)
    if reasons := reasons_against(locked, keys, actor):
        raise NotPossible(*reasons)


def _must_be_theirs(application: ClassApplication, wanted: Collection[Wanted]) -> None:
    """Signs are kept for who is on the list, and for who was added late only from the next half-day on (C6)."""
    asked = {each.enrolment for each in wanted}
    trainees = {trainee.pk: trainee for trainee in application.enrolments.present().filter(pk__in=asked)}
    slots = {slot.key: slot for slot in slots_of_class(application)}
    gone = asked - trainees.keys()
    early: dict[SlotKey, list[str]] = defaultdict(list)
    for each in wanted:
        trainee = trainees.get(each.enrolment)
        if trainee and trainee.missed(slots[each.key].begins):
            early[each.key].append(trainee.name)
    reasons = [f"{len(gone)} 名学员已不在本班名单里，请按现在的名单重新勾选"] if gone else []
    for day, half_day in sorted(early, key=order_of):
        names = early[day, half_day]
        when = f"{month_day(day)}{HalfDay(half_day).label}"
        reasons.append(f"{when}开始以后才补报的学员，从下一个半日起计学时，这个半日不能登记：{first_of(names, NAMED)}")
    if reasons:
        raise NotPossible(*reasons)


def _valid(application: ClassApplication) -> QuerySet[Sign]:
    return Sign.objects.of_class(application).valid()


Place = tuple[int, date, str, str]


def _place(sign: Sign) -> Place:
    return sign.enrolment_id, sign.date, sign.half_day, sign.kind


def _struck_of(application: ClassApplication, signs: Iterable[Sign], source: str) -> set[tuple[Any, ...]]:
    """Where and when signs from such a source were struck in these half-days: place and time. One query."""
    rows = Sign.objects.of_class(application).exclude(struck_at=None)
    rows = rows.filter(source=source, date__in={sign.date for sign in signs})
    return set(rows.values_list("enrolment_id", "date", "half_day", "kind", "time"))


def _without_doubles(signs: Iterable[Sign], there: set[Place]) -> list[Sign]:
    """The first of each place where none is yet."""
    new: dict[Place, Sign] = {}
    for sign in signs:
        if _place(sign) not in there:
            new.setdefault(_place(sign), sign)
    return list(new.values())


def _signs_wanted(wanted: Wanted, source: Sign.Source, actor: Actor, reason: str = "", device: str = "") -> list[Sign]:
    times = ((Sign.Kind.IN, wanted.time_in), (Sign.Kind.OUT, wanted.time_out))
    return [
        Sign(
            enrolment_id=wanted.enrolment,
            date=wanted.date,
            half_day=wanted.half_day,
            kind=kind,
            time=to_minute(at),
            source=source,
            device=device,
            reason=reason,
            recorded_by_id=actor.pk,
        )
        for kind, at in times
        if at is not None
    ]


def _strike(pks: Collection[int], reason: str, actor: Actor) -> int:
    rows = Sign.objects.filter(pk__in=list(pks), struck_at=None)
    return rows.update(struck_at=clock.now(), struck_by_id=actor.pk, struck_reason=reason)


def _sheet(application: ClassApplication, key: SlotKey) -> HalfDaySheet:
    return _sheets(application, [key])[key]


def _sheets(application: ClassApplication, keys: Collection[SlotKey]) -> dict[SlotKey, HalfDaySheet]:
    """The sheets of these half-days, made where they are missing. Two queries."""
    wanted = [HalfDaySheet(application=application, date=day, half_day=half_day) for day, half_day in keys]
    HalfDaySheet.objects.bulk_create(wanted, ignore_conflicts=True)
    rows = application.sheets.filter(date__in={day for day, _ in keys}).select_related("application")
    return {(sheet.date, sheet.half_day): sheet for sheet in rows}


def _note_on_sheets(
    application: ClassApplication, signs: Iterable[Sign], name: str, actor: Actor, about: Mapping[str, Any]
) -> None:
    counts: dict[SlotKey, Counter[str]] = defaultdict(Counter)
    for sign in signs:
        counts[sign.date, sign.half_day][sign.kind] += 1
    if counts:
        sheets = _sheets(application, counts)
        record_many([(sheets[key], {**count, **about}) for key, count in counts.items()], name, actor=actor)

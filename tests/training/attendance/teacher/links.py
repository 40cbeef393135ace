"""A class that is on, its trainees, and a link of its teacher: what the tests of this room begin with."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from uuid import uuid4

from luojiang_ce import clock
from luojiang_ce.clock import SHANGHAI
from training.attendance.models import Sign
from training.attendance.teacher.models import TeacherLink, TeacherTick
from training.attendance.teacher.services import make_link
from training.attendance.teacher.taking import Tick
from training.classes.models import ClassApplication, Enrolment
from units.models import Account

DAY = date(2026, 5, 11)


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return datetime.combine(day, time(hour, minute), SHANGHAI)


def link_of(course: ClassApplication, clerk: Account, holder: str = "顾清和", **days: Any) -> tuple[TeacherLink, str]:
    days = {"first_day": None, "last_day": None, **days}
    return make_link(application=course, holder=holder, actor=clerk, **days)


def tick(trainee: Enrolment, when: datetime, *, kind: str = "in", half_day: str = "morning", **more: Any) -> Tick:
    facts: dict[str, Any] = {"client_id": uuid4(), "do": TeacherTick.Do.TICK, "date": DAY, **more}
    return Tick(enrolment=trainee.pk, half_day=half_day, kind=Sign.Kind(kind), at=when, **facts)


def undo(trainee: Enrolment, when: datetime, **more: Any) -> Tick:
    return tick(trainee, when, do=TeacherTick.Do.UNDO, reason="点错了人", **more)


def as_sent(one: Tick, *, clock_ahead: int = 0, offset: int | None = 0) -> dict[str, Any]:
    """A tick as the phone tells it, its clock so many milliseconds ahead of the server's."""
    return {
        "id": str(one.client_id),
        "do": str(one.do),
        "enrolment": str(one.enrolment),
        "date": one.date.isoformat(),
        "half_day": one.half_day,
        "kind": str(one.kind),
        "at": round(one.at.timestamp() * 1000) + clock_ahead,
        "offset": offset,
        "reason": one.reason,
        "name": "不看的",
    }


def sending(*ticks: dict[str, Any], clock_ahead: int = 0) -> dict[str, Any]:
    return {"now": round(clock.now().timestamp() * 1000) + clock_ahead, "ticks": list(ticks)}

"""What a class teacher's phone sends: read strictly, since only its own page writes it. Pure."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from luojiang_ce.id_shapes import mask_ids
from training.attendance.models import Sign
from training.choices import HalfDay

from .device_clock import moment_of
from .models import TeacherTick
from .taking import Tick

MOST = 500  # in one sending; a page sends what is left in the next
MOST_REASON = 200
NO_REASON = "没有写明原因"


def read_sending(body: bytes, received: datetime) -> list[Tick]:
    """The ticks of a sending, with their times by the server's clock. Raises ValueError where it is none."""
    try:
        sent = json.loads(body)
        sent_at, ticks = _moment(sent["now"]), sent["ticks"]
        if len(ticks) > MOST:
            raise ValueError("too many ticks")
        return [_tick(tick, sent_at, received) for tick in ticks]
    except (KeyError, TypeError, AttributeError, OverflowError, OSError, RecursionError) as error:
        raise ValueError("no sending of ticks") from error


def _tick(told: dict[str, Any], sent_at: datetime, received: datetime) -> Tick:
    device_at, offset = _moment(told["at"]), told["offset"]
    moment = moment_of(
        device_at,
        offset=None if offset is None else timedelta(milliseconds=int(offset)),
        sent_at=sent_at,
        received=received,
    )
    return Tick(
        client_id=UUID(told["id"]),
        do=TeacherTick.Do(told["do"]),
        enrolment=_whole(told["enrolment"]),
        date=date.fromisoformat(told["date"]),
        half_day=HalfDay(told["half_day"]).value,
        kind=Sign.Kind(told["kind"]),
        at=moment.at,
        device_at=device_at,
        doubt=moment.doubt,
        reason=reason_of(told.get("reason")),
    )


def reason_of(typed: object) -> str:
    """Why something is undone, as it is kept."""
    text = "".join(sign for sign in str(typed or "") if sign.isprintable()).strip()
    return mask_ids(text)[:MOST_REASON] or NO_REASON


def _whole(number: object) -> int:
    found = int(str(number))
    if not 0 < found < 2**63:
        raise ValueError("no id")
    return found


def _moment(milliseconds: object) -> datetime:
    if not isinstance(milliseconds, (int, float)):
        raise TypeError("no moment")
    return datetime.fromtimestamp(milliseconds / 1000, UTC)

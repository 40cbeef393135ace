"""A phone's clock may be wrong, and may be set while ticks wait to be sent. Pure: no database, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

# Not a figure of the notice: a sign is kept to the minute, and an answer may be long on its way.
TOLERANCE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was done by the server's clock, and what is to be known of that; empty where all was well."""

    at: datetime
    doubt: str = ""


def moment_of(device_at: datetime, *, offset: timedelta | None, sent_at: datetime, received: datetime) -> Moment:
    """When a tick was made.

    `offset`: what was to be added to the phone's clock when it last heard of the server before the tick (None: never);
    `sent_at`: the phone's clock when it sent the tick, `received`: the server's. Nothing lies in the future.
    """
    now = received - sent_at
    used = now if offset is None else offset
    at = device_at + used
    if abs(used - now) > TOLERANCE:
        return Moment(min(at, received), "点名以后本机时钟改过，时间存疑")
    if at > received + TOLERANCE:
        return Moment(received, "本机时间晚于送到的时间，时间存疑")
    doubt = f"本机时钟{_off(used)}，已按服务器时间更正" if abs(used) > TOLERANCE else ""
    return Moment(min(at, received), doubt)


def _off(offset: timedelta) -> str:
    """慢 1 天 2 小时"""
    minutes = round(abs(offset).total_seconds() / 60)
    parts = ((minutes // 1440, "天"), (minutes // 60 % 24, "小时"), (minutes % 60, "分钟"))
    said = " ".join(f"{count} {unit}" for count, unit in parts if count)
    return f"{'慢' if offset > timedelta() else '快'} {said}"

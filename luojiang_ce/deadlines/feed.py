"""Deadlines as a calendar that phones and mail programs subscribe to (RFC 5545), at a secret address."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.db import transaction
from icalendar import Calendar, Event

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.workflow.events import record

from .models import Feed
from .owed import Owed, owed_to


def renew(account: Any) -> str:
    """A new token; the address before it stops working. The token is told once and kept nowhere."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        Feed.objects.filter(account=account).delete()
        Feed.objects.create(account=account, digest=digest(token))
        record(account, "feed_renewed", actor=account)
    return token


def revoke(account: Any, *, actor: Actor) -> bool:
    """The address stops working; False if there was none."""
    with transaction.atomic():
        gone, _ = Feed.objects.filter(account=account).delete()
        if gone:
            record(account, "feed_revoked", actor=actor)
    return bool(gone)


def digest(token: str) -> str:
    """SHA-256 of a token, as hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_calendar(product: str, name: str) -> Calendar:
    """An empty calendar, as subscribing programs call it, asked for again every six hours."""
    calendar = Calendar()
    calendar.add("prodid", f"-//luojiang-ce//{product}//ZH")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    return calendar


def as_calendar(account: Actor, base: str) -> bytes:
    """What the account itself has to do, as an iCalendar file; `base`: address of the site, without a slash."""
    calendar = new_calendar("deadlines", "继续教育期限")
    for owed in owed_to(account):
        if owed.deadline and owed.is_for(account):
            calendar.add_component(_event(owed, base))
    return bytes(calendar.to_ical())


def _event(owed: Owed, base: str) -> Event:
    deadline = owed.clock
    event = Event()
    event.add("uid", f"{owed.identity}@luojiang-ce")
    event.add("dtstamp", clock.now())
    event.add("dtstart", deadline.due)
    event.add("dtend", deadline.due + timedelta(days=1))
    event.add("summary", f"{owed.public_title}截止" + ("（暂定）" if deadline.provisional else ""))
    event.add("description", deadline.explanation)
    event.add("url", f"{base}{owed.url}")
    event.add("status", "TENTATIVE" if deadline.provisional else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event

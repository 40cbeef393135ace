"""The sign-ins of an account: which device, from where, until when; ended by itself or by what happens to it.

The session's row is Django's; here is what is said of it. The session itself knows when it began and was last used, so
that a page that is only read writes nothing more than it did (LivingSessionMiddleware).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.workflow.events import record

from .addresses import address_of
from .agents import in_words
from .models import SignIn
from .store import stored_key

BEGAN, SEEN, ADDRESS = "began", "seen", "address"
TOUCH_EVERY = 60  # seconds
KEPT = timedelta(days=90)  # ended sign-ins, for whoever asks what ended them


@dataclass(frozen=True)
class Open:
    """A sign-in that goes on. `used_at`, `address`: of its last use, noted once a minute."""

    sign_in: SignIn
    used_at: datetime
    address: str | None


def begin(request: HttpRequest, account: Any) -> None:
    """Note the sign-in whose session has just been opened."""
    if request.session.session_key is None:
        request.session.save()
    address = address_of(request)
    request.session[BEGAN] = int(clock.now().timestamp())
    request.session[ADDRESS] = address
    device = in_words(request.headers.get("User-Agent", ""))
    key = stored_key(request.session.session_key)
    SignIn.objects.create(account=account, session_key=key, device=device, address=address)


def of_this(request: HttpRequest) -> QuerySet[SignIn]:
    """The sign-in whose session this is."""
    return SignIn.objects.filter(session_key=stored_key(request.session.session_key))


def went_on_as(old: str | None, new: str | None) -> None:
    """The same sign-in under a new key, which a session gets when the password changes."""
    SignIn.objects.filter(session_key=stored_key(old)).update(session_key=stored_key(new))


def touch(session: SessionBase, address: str | None) -> None:
    """Note that the session is in use and from where, if that was not noted within the last minute."""
    now = int(clock.now().timestamp())
    session.setdefault(BEGAN, now)
    if now - session.get(SEEN, 0) >= TOUCH_EVERY:
        session[SEEN], session[ADDRESS] = now, address


def is_too_old(session: SessionBase) -> bool:
    """Has it been open for longer than any may be (settings.SESSION_LIFETIME), however it was used?"""
    began = session.get(BEGAN)
    return began is not None and clock.now().timestamp() - began >= settings.SESSION_LIFETIME * 3600


def open_of(account: Any) -> list[Open]:
    """The sign-ins that go on, the last used first. Two queries."""
    rows = {row.session_key: row for row in SignIn.objects.filter(account=account, ended_at=None)}
    alive = Session.objects.filter(session_key__in=rows, expire_date__gt=clock.now())
    found = [_open(rows[session.session_key], session.get_decoded(), account) for session in alive]
    return sorted(filter(None, found), key=lambda each: each.used_at, reverse=True)


def _open(row: SignIn, session: dict[str, Any], account: Any) -> Open | None:
    """None of one that the next request would find ended: of another password, or too old."""
    if session.get("_auth_user_hash") != account.get_session_auth_hash():
        return None
    seen = datetime.fromtimestamp(session.get(SEEN) or row.began_at.timestamp(), clock.SHANGHAI)
    too_old = row.began_at + timedelta(hours=settings.SESSION_LIFETIME) <= clock.now()
    return None if too_old else Open(row, seen, session.get(ADDRESS) or row.address)


@transaction.atomic
def end(rows: Iterable[SignIn], how: SignIn.End) -> int:
    """End these sign-ins now, whatever they are doing; how many there were."""
    keys = [row.session_key for row in rows]
    Session.objects.filter(session_key__in=keys).delete()
    return SignIn.objects.filter(session_key__in=keys, ended_at=None).update(ended_at=clock.now(), end=how)


def end_all(account: Any, how: SignIn.End, *, but: str | None = None) -> int:
    """End every sign-in of the account, `but` the one of this session key."""
    return end(SignIn.objects.filter(account=account, ended_at=None).exclude(session_key=stored_key(but)), how)


@transaction.atomic
def end_own(account: Any, rows: Iterable[SignIn], *, actor: Actor) -> int:
    """End sign-ins that the account does not want any more; on record."""
    ended = end(rows, SignIn.End.ELSEWHERE)
    if ended:
        record(account, "sessions_ended", actor=actor, data={"count": ended})
    return ended


def how_it_ended(session_key: str) -> SignIn | None:
    """The sign-in of a session that is not there any more, if something is known to have ended it."""
    return SignIn.objects.filter(session_key=stored_key(session_key)).exclude(ended_at=None).first()


def address_last_used(account: Any) -> str | None:
    """From where the account has signed in last."""
    return SignIn.objects.filter(account=account).values_list("address", flat=True).first()


def purge() -> int:
    """Remove sessions that have expired, and sign-ins that have been over for long."""
    Session.objects.filter(expire_date__lt=clock.now()).delete()
    alive = Session.objects.values("session_key")
    gone, _ = SignIn.objects.filter(began_at__lt=clock.now() - KEPT).exclude(session_key__in=alive).delete()
    return gone

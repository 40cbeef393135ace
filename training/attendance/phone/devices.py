"""What a phone is known by: one signed cookie for one class, and tickets that a scan gives to this phone.

A code is good for a minute at most, typing a name or a poor network may take longer: a scan in time gives a ticket that
is good for ten minutes, for this phone alone. It stands for the token against forged requests too: a page elsewhere
has none that fits the cookie.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.typed import whole_number
from training.classes.models import ClassApplication, Enrolment

from .code import Code

COOKIE = "trainee"
KEPT = timedelta(days=90)  # longer than any class: its trainees look at their half-days until these are recognised
TICKET = timedelta(minutes=10)
FORM = timedelta(days=1)  # for asking for a correction, which takes no scan
_SALT = "training.attendance.phone"


@dataclass(frozen=True)
class Device:
    """A phone as a class knows it: its random key, and whose it is where somebody has said so."""

    key: str
    trainee: Enrolment | None = None


def new_device() -> Device:
    """A phone that is seen for the first time."""
    return Device(secrets.token_hex(16))


def device_of(request: HttpRequest, application: ClassApplication) -> Device | None:
    """The phone that sends this; None for one that the class has not seen, or that keeps no cookies. A trainee who has
    been taken off the list is none any more."""
    kept = request.get_signed_cookie(COOKIE, default="", salt=_cookie_salt(application))
    key, _, enrolment = (kept or "").partition(".")
    if not key:
        return None
    pk = whole_number(enrolment)
    trainee = application.enrolments.present().filter(pk=pk).first() if pk else None
    return Device(key, trainee)


def remember(response: HttpResponseBase, application: ClassApplication, device: Device) -> None:
    """Let the phone be known in this class from now on, and nowhere else."""
    response.set_signed_cookie(
        COOKIE,
        f"{device.key}.{device.trainee.pk if device.trainee else ''}",
        salt=_cookie_salt(application),
        max_age=KEPT,
        path=reverse("phone:mine", args=[application.pk]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _cookie_salt(application: ClassApplication) -> str:
    return f"{_SALT}.{application.pk}"


def ticket_for(code: Code, device: Device) -> str:
    """What a scan in time gives to the phone that made it."""
    said = [device.key, code.course, code.date.isoformat(), code.half_day, code.kind]
    return _signed(said)


def scanned(ticket: str, application: ClassApplication, device: Device) -> Code | None:
    """What was scanned, if this phone has scanned it in this class within ten minutes."""
    said = _said(ticket, TICKET)
    if not (isinstance(said, list) and said[:2] == [device.key, application.pk]):
        return None
    return Code(application.pk, date.fromisoformat(said[2]), said[3], said[4], 0)


def form_ticket(device: Device) -> str:
    """Shows that a form of this phone was asked for by itself."""
    return _signed(device.key)


def is_own_form(ticket: str, device: Device) -> bool:
    """Was the form asked for by this phone, within a day?"""
    return bool(_said(ticket, FORM) == device.key)


def _signed(said: Any) -> str:
    return signing.dumps([int(clock.now().timestamp()), said], salt=_SALT)


def _said(ticket: str, good_for: timedelta) -> Any:
    try:
        at, said = signing.loads(ticket, salt=_SALT)
    except signing.BadSignature:
        return None
    return said if 0 <= clock.now().timestamp() - at <= good_for.total_seconds() else None

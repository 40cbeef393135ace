"""What is open on a phone: one signed cookie for one slip's address, for some minutes (product.md U6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.typed import whole_number

from .models import Slip, hash_of

COOKIE = "own"
LASTS = timedelta(minutes=15)  # not a figure of the notice
_SALT = "verification.own_record"


@dataclass(frozen=True)
class Opened:
    """A slip that is open on this phone, and until when."""

    slip: Slip
    until: datetime

    @classmethod
    def of(cls, slip: Slip) -> Opened:
        """One that was opened just now."""
        return cls(slip, clock.now() + LASTS)

    @property
    def minutes(self) -> int:
        """How many are left, the one that has begun too."""
        return ceil((self.until - clock.now()).total_seconds() / 60)


def opened(request: HttpRequest, token: str) -> Opened | None:
    """What is open at this address; nothing once the time is over, or the slip."""
    kept = request.get_signed_cookie(COOKIE, default="", salt=f"{_SALT}.{token}") or ""
    pk, at = (whole_number(part) for part in f"{kept}.".split(".")[:2])
    until = datetime.fromtimestamp(at, clock.SHANGHAI) + LASTS if at else clock.now()
    if not pk or clock.now() >= until:
        return None
    slip = Slip.objects.select_related("person").filter(pk=pk, token=hash_of(token)).first()
    return Opened(slip, until) if slip and not slip.why_ended else None


def remember(response: HttpResponseBase, token: str, slip: Slip) -> None:
    """Let this phone read the record for some minutes, and nothing else."""
    response.set_signed_cookie(
        COOKIE,
        f"{slip.pk}.{int(clock.now().timestamp())}",
        salt=f"{_SALT}.{token}",
        max_age=LASTS,
        path=reverse("own:door", args=[token]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget(response: HttpResponseBase, token: str) -> None:
    """Close it before its time."""
    response.delete_cookie(COOKIE, path=reverse("own:door", args=[token]), samesite="Lax")

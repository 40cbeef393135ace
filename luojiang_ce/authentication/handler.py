"""What axes does with a failed sign-in, beside it the count of the address; until when either of them locks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest, QueryDict

from luojiang_ce import clock
from luojiang_ce.workflow.engine import SYSTEM
from luojiang_ce.workflow.events import record

from .addresses import network_of
from .brakes import SIGN_IN_ADDRESS
from .devices import known_device, name_counted

FAILED, LOCKED, ADDRESS_LOCKED = "sign_in_failed", "sign_in_locked", "address_locked"


class Handler(AxesDatabaseHandler):  # type: ignore[misc]  # axes has no types
    """Five failures lock a name (a known device by itself); many failures of one address lock it for whatever name."""

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        return super().is_locked(request, credentials) or address_is_locked(request, credentials)

    def user_login_failed(self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any) -> None:
        counts = request is not None and not request.axes_locked_out
        addressed = SIGN_IN_ADDRESS.add(network_of(request.axes_ip_address)) if counts else 0
        with _nothing_typed(request):
            super().user_login_failed(sender, credentials, request, **kwargs)
        if counts:
            _put_on_record(credentials.get("username") or "", request.axes_locked_out, addressed)


@contextmanager
def _nothing_typed(request: Any) -> Iterator[None]:
    """axes keeps what was sent, all but a field called `password`. New passwords and codes have other names, and the
    database lies in every backup."""
    if request is None:
        yield
        return
    sent = request.GET, request.POST
    request.GET = request.POST = QueryDict()
    try:
        yield
    finally:
        request.GET, request.POST = sent


def _put_on_record(name: str, is_locked: bool, addressed: int) -> None:
    """A failure, and what it locked; of a name that no account has without the name, which may be a password that was
    typed one field too early. What fails while it is locked is not counted and not written."""
    accounts = get_user_model()
    of = accounts._default_manager.filter(username=name).first() or accounts(pk=0)
    record(of, FAILED, actor=SYSTEM)
    if is_locked:
        record(of, LOCKED, actor=SYSTEM)
    if addressed == SIGN_IN_ADDRESS.limit():
        record(accounts(pk=0), ADDRESS_LOCKED, actor=SYSTEM, data={"count": addressed})


def address_is_locked(request: Any, credentials: dict[str, Any] | None = None) -> bool:
    """Did too many sign-ins fail from this address? A device that the account knows is let through."""
    name = (credentials or request.POST).get("username") or ""
    return not known_device(request, name) and SIGN_IN_ADDRESS.holds(network_of(request.axes_ip_address))


def locked_until(request: Any, credentials: dict[str, Any]) -> datetime:
    """When the lock of the name, the device or the address ends; now, where there is none."""
    of_address = SIGN_IN_ADDRESS.until(network_of(request.axes_ip_address))
    if of_address and not known_device(request, credentials["username"]):
        return of_address
    return _name_locked_until(name_counted(request, credentials)) or clock.now()


def _name_locked_until(name: str | None) -> datetime | None:
    """Failures go out of the count one by one: the lock ends when fewer than the limit are left."""
    cool_off, failures = get_cool_off(None), 0
    assert cool_off is not None, "settings.AXES_COOLOFF_TIME is set"
    recent = AccessAttempt.objects.filter(username=name, attempt_time__gte=clock.now() - cool_off)
    for attempt in recent.order_by("-attempt_time"):
        failures += attempt.failures_since_start
        if failures >= settings.AXES_FAILURE_LIMIT:
            end: datetime = attempt.attempt_time + cool_off
            return end
    return None

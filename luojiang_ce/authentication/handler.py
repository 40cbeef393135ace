"""What axes does with a failed sign-in, and beside it the count of the address."""

from __future__ import annotations

from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from django.contrib.auth import get_user_model
from django.http import HttpRequest

from luojiang_ce.workflow.engine import SYSTEM
from luojiang_ce.workflow.events import record

from .addresses import network_of
from .brakes import SIGN_IN_ADDRESS
from .devices import known_device

FAILED, LOCKED, ADDRESS_LOCKED = "sign_in_failed", "sign_in_locked", "address_locked"


class Handler(AxesDatabaseHandler):  # type: ignore[misc]  # axes has no types
    """Five failures lock a name (a known device by itself); many failures of one address lock it for whatever name."""

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        return super().is_locked(request, credentials) or address_is_locked(request, credentials)

    def user_login_failed(self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any) -> None:
        counts = request is not None and not request.axes_locked_out
        addressed = SIGN_IN_ADDRESS.add(network_of(request.axes_ip_address)) if counts else 0
        super().user_login_failed(sender, credentials, request, **kwargs)
        if counts:
            _put_on_record(credentials.get("username") or "", request.axes_locked_out, addressed)


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

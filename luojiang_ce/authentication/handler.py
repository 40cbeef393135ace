"""What axes does with a failed sign-in, and beside it the count of the address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from django.http import HttpRequest, QueryDict

from .addresses import network_of
from .brakes import SIGN_IN_ADDRESS
from .devices import known_device


class Handler(AxesDatabaseHandler):  # type: ignore[misc]  # axes has no types
    """Five failures lock a name (a known device by itself); many failures of one address lock it for whatever name."""

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        return super().is_locked(request, credentials) or address_is_locked(request, credentials)

    def user_login_failed(self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any) -> None:
        if request is not None and not request.axes_locked_out:
            SIGN_IN_ADDRESS.add(network_of(request.axes_ip_address))
        with _nothing_typed(request):
            super().user_login_failed(sender, credentials, request, **kwargs)


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


def address_is_locked(request: Any, credentials: dict[str, Any] | None = None) -> bool:
    """Did too many sign-ins fail from this address? A device that the account knows is let through."""
    name = (credentials or request.POST).get("username") or ""
    return not known_device(request, name) and SIGN_IN_ADDRESS.holds(network_of(request.axes_ip_address))

"""Devices that have signed in before: a signed cookie, bound to the account, with a count of failures of its own.

Anybody can type a name and five wrong passwords. The name is then locked for strangers; whoever sits at a device from
which the account has signed in before is let through, until that device itself has failed five times. The cookie opens
nothing by itself, and none made before the password's last change counts any more.
"""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

SALT = "luojiang_ce.authentication.devices"
SEPARATOR = "@"  # stands in no user name (units/services/accounts.py)


def cookie_name(username: str) -> str:
    """One cookie an account, for a computer that several people use; it does not tell the name."""
    return f"device-{salted_hmac(SALT, username, algorithm='sha256').hexdigest()[:16]}"


def remember(request: HttpRequest, response: HttpResponse, account: Any) -> None:
    """After a sign-in or a new password: this device is known to the account from now on."""
    device = known_device(request, account.get_username()) or secrets.token_hex(4)
    response.set_cookie(
        cookie_name(account.get_username()),
        signing.dumps([account.pk, device, _bond(account)], salt=SALT),
        max_age=_seconds(),
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def known_device(request: HttpRequest, username: str) -> str:
    """The device by its cookie, if the account has signed in from it; empty for every other. Looked up once."""
    found: dict[str, str] = request.__dict__.setdefault("_known_devices", {})
    if username not in found:
        found[username] = _read(request.COOKIES.get(cookie_name(username), ""), username)
    return found[username]


def name_counted(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str | None:
    """Under what name axes counts a failure: the user name; for a known device, name and device."""
    username = (credentials or request.POST).get("username")
    if not username:
        return None
    username = str(username).strip().lower().replace(SEPARATOR, "＠")
    device = known_device(request, username)
    return f"{username}{SEPARATOR}{device}" if device else username


def _read(cookie: str, username: str) -> str:
    try:
        pk, device, bond = signing.loads(cookie, salt=SALT, max_age=_seconds())
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    account = get_user_model().objects.filter(pk=pk, username=username).first()
    return str(device) if account and constant_time_compare(bond, _bond(account)) else ""


def _bond(account: Any) -> str:
    """Changes with the password, and when the account is shut out."""
    return str(account.get_session_auth_hash())


def _seconds() -> int:
    return int(settings.KNOWN_DEVICE_DAYS) * 24 * 3600

"""What `manage.py` looks at of the signing keys: at every start the form of their settings, and with a database at hand
(`migrate`, `check --database default`) whether the secret opens the keys that sign now."""

from __future__ import annotations

import re
from base64 import b64decode
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError

SECRET_BYTES = 32
NAME = re.compile(r"[A-Z0-9]{1,8}")  # it stands in every QR code


@register
def signing_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """SIGNING_SECRET is so many bytes in base 64, SIGNING_NAME is short."""
    found: list[CheckMessage] = []
    if _length_of(settings.SIGNING_SECRET) != SECRET_BYTES:
        hint = "Made by `openssl rand -base64 32`; once keys are sealed under it, keep it as long as the database."
        found.append(Error(f"SIGNING_SECRET is not {SECRET_BYTES} bytes in base 64.", hint=hint, id="luojiang.E011"))
    if not NAME.fullmatch(settings.SIGNING_NAME):
        hint = "At most eight capital letters and digits: it stands in every QR code."
        found.append(Error("SIGNING_NAME is not the beginning of a key's number.", hint=hint, id="luojiang.E012"))
    return found


@register(Tags.database)
def present_keys(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Papers would not be made, one after the other."""
    if not databases:
        return []
    from .keyring import closed

    try:
        keys, named = closed(), _misnamed()
    except DatabaseError:  # the first migration is still to come
        return []
    hint = "Restore the SIGNING_SECRET under which the keys were made (VAR_DIR/keys.env, or the environment of then)."
    return [
        *(Error(f"SIGNING_SECRET does not open the key {key}.", hint=hint, id="luojiang.E013") for key in keys),
        *named,
    ]


def _misnamed() -> list[CheckMessage]:
    """A system that was first started without its address would sign records for other districts as 127.0.0.1."""
    from .keyring import Purpose, address, is_of_this_machine
    from .models import SigningKey

    if is_of_this_machine(address()):
        return []
    hint = "manage.py signing_keys --rotate records: the new key takes the address in PUBLIC_URL, and keeps it."
    keys = [key for key in SigningKey.objects.signing(Purpose.RECORDS) if is_of_this_machine(key.origin)]
    return [Warning(f"Records are signed as {key.origin}.", hint=hint, id="luojiang.W014") for key in keys]


def _length_of(secret: str) -> int:
    try:
        return len(b64decode(secret, validate=True))
    except ValueError:
        return 0

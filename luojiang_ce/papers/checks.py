"""What `manage.py` looks at of signing: at every start whether the settings can be meant so, and before production
whether the certificates can be used."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from luojiang_ce import clock

from .signing.credentials import credentials, problem_with


@register
def signing(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """SIGNERS is a table of tables of texts; timestamps are fetched from an address."""
    found: list[CheckMessage] = []
    entries = settings.SIGNERS.values() if isinstance(settings.SIGNERS, dict) else [None]
    if not all(isinstance(each, dict) and all(isinstance(value, str) for value in each.values()) for each in entries):
        hint = 'SIGNERS={"name": {"file": "/path/seal.p12", "passphrase_env": "SEAL_PASSPHRASE"}}'
        found.append(Error("SIGNERS is not a table of signers by name.", hint=hint, id="luojiang.E007"))
    wanted = bool(settings.TIMESTAMP_URL)
    if wanted and urlsplit(settings.TIMESTAMP_URL).scheme not in ("http", "https"):
        found.append(Error("TIMESTAMP_URL is not the address of a timestamp server.", id="luojiang.E008"))
    if settings.TIMESTAMP_REQUIRED and not wanted:
        hint = "Set TIMESTAMP_URL, or leave TIMESTAMP_REQUIRED out."
        found.append(Error("Papers would wait for timestamps that nobody gives.", hint=hint, id="luojiang.E009"))
    return found


@register(Tags.security, deploy=True)
def certificates(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every certificate of the settings is there, opens and is in force."""
    return [
        Error(f"SIGNERS: {problem}", id="luojiang.E010")
        for name in credentials()
        if (problem := problem_with(name, clock.now()))
    ]

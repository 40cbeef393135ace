"""How often one address may ask for what costs something or could be guessed: counted for ten minutes."""

from __future__ import annotations

from django.core.cache import cache
from django.http import HttpRequest

from luojiang_ce.authentication.addresses import address_of

WINDOW_SECONDS = 600
MOST = 60


def counted(request: HttpRequest, what: str) -> int:
    """Count a request of this kind; how many the address has made within ten minutes, with this one."""
    key = f"{what}:{address_of(request)}"
    cache.add(key, 0, WINDOW_SECONDS)
    try:
        return cache.incr(key)
    except ValueError:  # the entry ran out between the two calls
        return 0


def too_many(request: HttpRequest, what: str) -> bool:
    """Count a request of this kind; whether the address has made too many of them."""
    return counted(request, what) > MOST

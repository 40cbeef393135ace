"""Guessing codes: misses are counted per address, and beyond a limit answered without any help.

The codes themselves are the protection (60 bits); this keeps the noise down. A right code is always answered, so that
an office behind one address, or a proxy that hides all addresses, is never locked out by somebody's typing errors.
"""

from __future__ import annotations

import logging

from axes.helpers import get_client_ip_address
from django.core.cache import cache
from django.http import HttpRequest

log = logging.getLogger(__name__)

WINDOW_SECONDS = 600
MISSES = 60


def too_many_misses(request: HttpRequest, of: str = "misses") -> bool:
    """Count a code that leads nowhere, or what else is counted apart (`of`); whether this address has had too many of
    them in ten minutes."""
    key = f"papers:{of}:{get_client_ip_address(request)}"
    cache.add(key, 0, WINDOW_SECONDS)
    try:
        count = cache.incr(key)
    except ValueError:  # the entry ran out between the two calls
        return False
    if count == MISSES + 1:
        log.warning("an address has had more than %s of papers:%s", MISSES, of)
    return count > MISSES

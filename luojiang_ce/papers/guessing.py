"""Guessing codes: misses are counted per address, and beyond a limit answered without any help.

The codes themselves are the protection (60 bits); this keeps the noise down. A right code is always answered, so that
an office behind one address, or a proxy that hides all addresses, is never locked out by somebody's typing errors.
"""

from __future__ import annotations

import logging

from django.http import HttpRequest

from luojiang_ce.proof.limits import counted

log = logging.getLogger(__name__)

MISSES = 60


def too_many_misses(request: HttpRequest, of: str = "misses") -> bool:
    """Count a code that leads nowhere, or what else is counted apart (`of`); whether this address has had too many of
    them in ten minutes."""
    count = counted(request, f"papers:{of}")
    if count == MISSES + 1:
        log.warning("an address has had more than %s of papers:%s", MISSES, of)
    return count > MISSES

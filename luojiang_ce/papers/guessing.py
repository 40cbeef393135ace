"""Guessing codes: misses are counted per address, and per account; beyond a limit they are answered without any help.

The codes themselves are the protection (60 bits); this keeps the noise down. A right code is always answered, so that
an office behind one address, or a proxy that hides all addresses, is never locked out by somebody's typing errors.
"""

from __future__ import annotations

import logging

from django.http import HttpRequest

from luojiang_ce.authentication.addresses import address_of, network_of
from luojiang_ce.authentication.brakes import Brake

log = logging.getLogger(__name__)

MISSES = 60
MINUTES = 10


def too_many_misses(request: HttpRequest, of: str = "misses") -> bool:
    """Count a code that leads nowhere, or what else is counted apart (`of`); whether this address, or the account that
    is signed in, has had too many of them in ten minutes."""
    count = _brake(of, "address").add(network_of(address_of(request)))
    if request.user.is_authenticated:
        count = max(count, _brake(of, "account").add(request.user.pk))
    if count == MISSES + 1:
        log.warning("an address or account has had more than %s of papers:%s", MISSES, of)
    return count > MISSES


def _brake(of: str, whose: str) -> Brake:
    return Brake(f"papers_{of}_{whose}", MINUTES, lambda: MISSES)

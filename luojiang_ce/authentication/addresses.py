"""From where a request came: the address that is counted against guessing and put on record."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

IPV6_SITE = 64  # what one connection is given: whoever has it has all its addresses


def address_of(request: HttpRequest) -> str | None:
    """The client's address; None where nothing sound is known (a socket file).

    Behind settings.PROXIES reverse proxies it is what the outermost of them has appended to X-Forwarded-For. Whatever
    stands left of that was written by the client, and is never believed.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    if not settings.PROXIES:
        return _sound(peer)
    told = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    return (_sound(told[-settings.PROXIES]) if len(told) >= settings.PROXIES else None) or _sound(peer)


def network_of(address: str | None) -> str:
    """By what guesses from an address are counted: itself, of IPv6 its /64; of an unknown one nothing is told apart."""
    if not address:
        return "unknown"
    parsed = ip_address(address)
    return address if parsed.version == 4 else str(ip_network((parsed, IPV6_SITE), strict=False))


def _sound(text: str) -> str | None:
    try:
        parsed = ip_address(text.strip())
    except ValueError:
        return None
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)

"""What a hand scanner types: the address that a code of ours holds, into whatever search field has the focus."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import Resolver404, resolve

from luojiang_ce.typed import own_page

# A scanner types keys: with a Chinese input method on, signs come out as those of Chinese.
_AS_TYPED = str.maketrans("：、。", ":/.")


def page_of_code(request: HttpRequest, typed: str) -> str:
    """The page of this site whose address was typed, however its signs and letters came out; empty for anything else.

    Only the path counts, and it is opened with the rights of whoever scans, as any link.
    """
    text = unicodedata.normalize("NFKC", typed.strip().translate(_AS_TYPED))
    found = _split(text)
    if found is None or found[0].lower() not in _own_hosts(request):
        return ""
    return next((path for path in (found[1], found[1].lower()) if _is_page(path)), "")


def _split(text: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return (parts.netloc, parts.path) if parts.scheme.lower() in ("http", "https") else None


def _own_hosts(request: HttpRequest) -> tuple[str, str]:
    return request.get_host().lower(), urlsplit(settings.PUBLIC_URL).netloc.lower()


def _is_page(path: str) -> bool:
    try:
        resolve(own_page(path, ""))
    except Resolver404:
        return False
    return True

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
    if found is None:
        return ""
    host, path = found
    if host.lower() not in (request.get_host().lower(), urlsplit(settings.PUBLIC_URL).netloc.lower()):
        return ""
    return next((each for each in (path, path.lower()) if _is_page(each)), "")


def _split(text: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return (parts.netloc, parts.path) if parts.scheme.lower() in ("http", "https") else None


def _is_page(path: str) -> bool:
    try:
        resolve(own_page(path, ""))
    except Resolver404:
        return False
    return True

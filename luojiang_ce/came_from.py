"""Where a request came from, as far as its browser says."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest

from luojiang_ce.typed import own_page


def page_of(request: HttpRequest) -> str:
    """The page of this site from which something was asked; empty where the browser does not say it."""
    htmx: Any = getattr(request, "htmx", None)
    if htmx:
        return own_page(htmx.current_url_abs_path or "", "")
    came = urlsplit(request.headers.get("Referer", ""))
    if came.netloc != request.get_host():
        return ""
    return own_page(came._replace(scheme="", netloc="", fragment="").geturl(), "")

"""The database is away, or a disk is full: nothing typed is lost. The page needs neither, and nothing of the account.

It gives back what this request sent, to be sent again to the same address; files and secrets it does not hold.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.template import loader
from django.utils.functional import SimpleLazyObject
from django.views import defaults

from luojiang_ce.bodies import announced_by
from luojiang_ce.health.logs import number_of_request
from luojiang_ce.outages import is_away
from luojiang_ce.spooling import without_room

PATIENCE = 30  # seconds after which it is worth trying again
SECRETS = frozenset({"otp_code", "slip_code"})  # and whatever is called a password


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: what can be done again in a moment is said to be so; anything else is our fault."""
    fault = sys.exc_info()[1]
    if fault is None or not is_away(fault):
        return defaults.server_error(request)
    if isinstance(getattr(request, "user", None), SimpleLazyObject):
        request.user = AnonymousUser()  # whoever writes the log's line, or wraps the page, asks the database no more
    if request.accepts("text/html"):
        response = _page(request)
    else:
        said = {"text": "没有保存：系统暂时不能写入。请不要关闭页面，过一会儿再试"}
        response = JsonResponse(said, status=503, json_dumps_params={"ensure_ascii": False})
    response.headers["Retry-After"], response.headers["Cache-Control"] = str(PATIENCE), "no-store"
    return response


def _page(request: HttpRequest) -> HttpResponse:
    context = {
        "address": request.get_full_path(),
        "was_sent": request.method == "POST",
        "number": number_of_request(),
        "seconds": PATIENCE,
        **_typed(request),
        # Not by the context processors, which ask who is signed in.
        "csrf_token": get_token(request),
    }
    return HttpResponse(loader.render_to_string("503.html", context), status=503)


def _typed(request: HttpRequest) -> dict[str, Any]:
    """What can be sent again from here: only what this site's own page sent; another site could put words into it."""
    sent = _sent(request) if request.method == "POST" and _is_ours(request) else None
    if sent is None:
        return {"again": None}
    has_secrets = any(is_secret(name) for name in sent.POST)
    again = {name: values for name, values in sent.POST.lists() if name != "csrfmiddlewaretoken"}
    texts = [value for values in again.values() for value in values if not value.isascii()]
    return {"again": None if has_secrets else again, "has_secrets": has_secrets, "files": _files(sent), "texts": texts}


def is_secret(name: str) -> bool:
    """Is what a field of this name holds given back by no page, and by no digest? A code that is no secret (of a unit,
    of a paper) is called otherwise; a test knows every form."""
    return "password" in name or name.rpartition("-")[2] in SECRETS


def _files(sent: HttpRequest) -> dict[str, list[str]]:
    """Of which names files were sent, by their field."""
    kept = [(field, str(file.name)) for field, files in sent.FILES.lists() for file in files]
    named: dict[str, list[str]] = {}
    for field, name in [*kept, *without_room(sent)]:
        named.setdefault(field, []).append(name)
    return named


def _sent(request: HttpRequest) -> HttpRequest | None:
    """The request, read; None where more was announced than is read for nobody in particular, or it cannot be."""
    if announced_by(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE and not hasattr(request, "_post"):
        return None
    try:
        request.POST  # noqa: B018  reads it
    except (OSError, SuspiciousOperation, MultiPartParserError):
        return None
    return request


class _Token(CsrfViewMiddleware):
    """Django's check, of which only the answer is asked: its refusal is a page that asks the database."""

    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason


def _is_ours(request: HttpRequest) -> bool:
    view: Callable[..., Any] = _page
    try:
        return _Token(defaults.server_error).process_view(request, view, (), {}) is None
    except OSError:
        return False

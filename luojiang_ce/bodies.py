"""How much may be sent to an address is judged by what is announced, before a byte of it is read.

Django reads a whole body, to disk, before the view is asked: 400 MB for an address that is not there. Who is not signed
in sends little, but to the few public views that take a file; who is signed in sends no more than one page can offer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve

View = TypeVar("View", bound=Callable[..., Any])
# Below this it is cheaper to let it through.
SMALL = 64 * 1024
MARGIN = 1024 * 1024  # what a form sends beside its file
MEGABYTE = 1024 * 1024


def takes_files(view: View) -> View:
    """Marks a public view whose form has a file: strangers may send one of the usual size."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


class BodyLimitMiddleware:
    """Stands behind the one that says who asks, and before everything that reads a body."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        announced = announced_by(request)
        if announced <= SMALL:
            return self.get_response(request)
        try:
            view = resolve(request.path_info).func
        except Resolver404:
            return _refused(request, "404.html", 404)
        most = _most(request, view)
        if announced > most:
            said = {"announced": -(-announced // MEGABYTE), "most": most // MEGABYTE, "page": request.path}
            return _refused(request, "413.html", 413, **said)
        return self.get_response(request)


def announced_by(request: HttpRequest) -> int:
    """How many bytes are said to be coming."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() else 0


def _most(request: HttpRequest, view: Any) -> int:
    if request.user.is_authenticated:
        return int(settings.BODY_LIMIT_BYTES)
    return int(settings.UPLOAD_LIMIT_BYTES) + MARGIN if getattr(view, "takes_files", False) else MARGIN


def _refused(request: HttpRequest, template: str, status: int, **context: Any) -> HttpResponse:
    response = render(request, template, context, status=status)
    # What was announced lies unread in the connection: it is of no further use.
    response.headers["Connection"] = "close"
    return response

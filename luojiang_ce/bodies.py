"""How much may be sent to an address, and whether files are, is judged before a byte of it is read.

Django reads a whole body, to disk, before the view is asked: 400 MB for an address that is not there. Who is not signed
in sends little, but to the few public views that take a file; who is signed in sends no more than one page can offer.
Files come to views that name their place (`luojiang_ce.uploads.places`), and to no other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve

from luojiang_ce.uploads.places import Place

View = TypeVar("View", bound=Callable[..., Any])
# Below this it is cheaper to let it through.
SMALL = 64 * 1024
MARGIN = 1024 * 1024  # what a form sends beside its file
MEGABYTE = 1024 * 1024
# nginx asks so before it takes a body (deploy/nginx.conf): with what is announced, and without the body.
ANNOUNCED_TO_NGINX = "HTTP_X_ANNOUNCED_BODY"


def takes_files(place: Place) -> Callable[[View], View]:
    """Names the place of a view whose form has a file. To a public one strangers may send one of the usual size."""

    def named(view: View) -> View:
        view.place = place  # type: ignore[attr-defined]
        return view

    return named


class NoFiles(FileUploadHandler):
    """Passes over the files of a form: of a view that names no place."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Nothing is passed on."""

    def file_complete(self, file_size: int) -> None:
        """There is no file."""


class BodyLimitMiddleware:
    """Stands behind the one that says who asks, and before everything that reads a body."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if ANNOUNCED_TO_NGINX in request.META:
            return _may_come(request)
        announced = announced_by(request)
        if not announced:
            return self.get_response(request)
        try:
            view = resolve(request.path_info).func
        except Resolver404:
            return self.get_response(request) if announced <= SMALL else _refused(request, "404.html", 404)
        if not hasattr(view, "place"):
            request.upload_handlers = [NoFiles(request)]
        if announced <= SMALL:
            return self.get_response(request)
        most = _most(request, view)
        if announced > most:
            said = {"announced": -(-announced // MEGABYTE), "most": most // MEGABYTE, "page": request.path}
            return _refused(request, "413.html", 413, **said)
        return self.get_response(request)


def announced_by(request: HttpRequest) -> int:
    """How many bytes are said to be coming."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() else 0


def _may_come(request: HttpRequest) -> HttpResponse:
    """204 or 403, which is all that nginx takes for an answer. Whoever else asks learns only what he may send."""
    length = request.META[ANNOUNCED_TO_NGINX]
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return HttpResponse(status=403)
    taken = length.isdecimal() and int(length) <= _most(request, view)
    return HttpResponse(status=204 if taken else 403)


def _most(request: HttpRequest, view: Any) -> int:
    if request.user.is_authenticated:
        return int(settings.BODY_LIMIT_BYTES)
    return int(settings.UPLOAD_LIMIT_BYTES) + MARGIN if hasattr(view, "place") else MARGIN


def _refused(request: HttpRequest, template: str, status: int, **context: Any) -> HttpResponse:
    response = render(request, template, context, status=status)
    # What was announced lies unread in the connection: it is of no further use.
    response.headers["Connection"] = "close"
    return response

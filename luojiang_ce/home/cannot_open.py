"""What was altered where it lies is not handed out: whoever asks for it is told so, on a page, not by a failure."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from luojiang_ce.health.logs import number_of_request
from luojiang_ce.sealing.ring import CannotOpen

log = logging.getLogger(__name__)


class CannotOpenMiddleware:
    """Anybody may come to this page, so it says a number; the log says by it which file, which key, which setting."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, CannotOpen):
            return None
        log.error("%s", exception)
        return render(request, "cannot_open.html", {"number": number_of_request()}, status=503)

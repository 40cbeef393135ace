"""Each request has a number: in every line that is logged while it is answered, and in the answer's X-Request-ID.

One line tells of each request: route, status, how long it took, the account's id. Not the address (it may name a case),
not the name, nothing that was typed.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from . import metrics
from .logs import numbered, route_of

log = logging.getLogger("luojiang_ce.requests")
# What a proxy may pass on; anything else would let a stranger write lines of the log.
PASSED_ON = re.compile(r"[A-Za-z0-9-]{8,64}")


class RequestMiddleware:
    """Around everything else, so that whatever fails has a number too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        brought = request.headers.get("X-Request-ID", "")
        number = brought if PASSED_ON.fullmatch(brought) else uuid.uuid4().hex
        with numbered(number):
            begun = time.perf_counter()
            response = self.get_response(request)
            response.headers["X-Request-ID"] = number
            _tell(request, response.status_code, time.perf_counter() - begun)
        return response


def _tell(request: HttpRequest, status: int, seconds: float) -> None:
    route = route_of(request)
    metrics.note_request(request.method or "", route, status, seconds)
    facts = {"method": request.method, "route": route, "status": status, "ms": round(seconds * 1000)}
    log.info("request", extra=facts | {"account": getattr(getattr(request, "user", None), "pk", None)})

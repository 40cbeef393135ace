"""Who asks for more than the worker is to be given is told so on the page of the own jobs, whatever was asked for."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from .services import TooManyWaiting


class TooManyWaitingMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Nothing was written: an exception ends every transaction."""
        if not isinstance(exception, TooManyWaiting):
            return None
        messages.error(request, str(exception))
        return redirect("jobs:list")

"""The door through which files go: none goes whole to who is signed in without an event that says who took it, when,
and from where.

A view that says more than that (which list, how many rows) writes its own event; for all others it is written here, so
that an address that is new tomorrow is on record too. What tells of nobody is declared at the view (`off_record`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from luojiang_ce.authentication.addresses import address_of
from luojiang_ce.workflow.events import record
from luojiang_ce.workflow.origin import coming_from
from luojiang_ce.workflow.readings import readings

FETCHED = "file_fetched"


class OnRecordMiddleware:
    """Events bear the address of their request, and each file that is handed out has one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with coming_from(address_of(request) or "") as written:
            response = self.get_response(request)
            if request.user.is_authenticated and is_handed_out(request, response) and not readings() & written:
                _put_on_record(request)
        return response


def is_handed_out(request: HttpRequest, response: HttpResponse) -> bool:
    """Is it a file, and does nothing say that it tells of nobody? JSON without a name answers a script of the page on
    which it runs."""
    is_page = response.headers.get("Content-Type", "").startswith(("text/html", "application/json"))
    is_file = "Content-Disposition" in response.headers or not is_page
    return response.status_code == 200 and is_file and not why_off_record(request)


def why_off_record(request: HttpRequest) -> str:
    """Why what this address hands out is not put on record; empty where it is."""
    view = request.resolver_match.func if request.resolver_match else None
    return getattr(view, "off_record", "")


def _put_on_record(request: HttpRequest) -> None:
    match = request.resolver_match
    assert match is not None
    account: Any = request.user
    named: Any = next(iter((*match.args, *match.kwargs.values())), "")
    data = {"where": match.view_name, "id": str(named), "person": getattr(request, "concerned", None)}
    record(account, FETCHED, actor=account, data=data)

"""The number of the request that is being answered stands in every line that is logged meanwhile; what was typed stands
in none, and no token.

Loaded with the logging, before the models.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from pythonjsonlogger.json import JsonFormatter

_number: ContextVar[str] = ContextVar("_number", default="-")


class RequestId(logging.Filter):
    """Gives each line the number of the request that it belongs to, `-` outside of one."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = number_of_request()
        return True


def number_of_request() -> str:
    """The number of the request that is being answered; `-` outside of one."""
    return _number.get()


@contextmanager
def numbered(number: str) -> Iterator[None]:
    """Lines that are logged inside the block bear this number."""
    token = _number.set(number)
    try:
        yield
    finally:
        _number.reset(token)


def route_of(request: Any) -> str:
    """Which page it is, without what its address says of case, person or token."""
    match = getattr(request, "resolver_match", None)
    return match.view_name if match else "none"


class WithoutData(logging.Filter):
    """Django's lines of a request name its route instead of its address, those of a broken task no words of the error.

    The request itself does not stay with the line either: as JSON it would stand there with its address.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_text = None  # somebody else's formatter may have left it
        if request := record.__dict__.pop("request", None):
            path = str(getattr(request, "path", ""))
            said = {path, path.encode("unicode_escape").decode("ascii")}  # the latter is how Django tells it
            record.args = tuple(route_of(request) if each in said else each for each in record.args or ())
        if isinstance(told := record.__dict__.pop("data", None), dict):  # celery's, of a task
            record.args = {**told, "args": "", "kwargs": "", "exc": ""}
        return True


def trace(error: BaseException | None) -> str:
    """Where an error and what led to it came about, each by its kind: the words of errors hold what was typed
    (PostgreSQL says the whole row)."""
    found: list[str] = []
    while error is not None:
        found.append(f"{''.join(traceback.format_tb(error.__traceback__))}{_kind(error)}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\nthat led to\n".join(reversed(found))


def _kind(error: BaseException) -> str:
    constraint = getattr(getattr(error, "diag", None), "constraint_name", None)
    return f"{type(error).__module__}.{type(error).__qualname__}{f' ({constraint})' if constraint else ''}"


class Plain(logging.Formatter):
    """Lines for whoever reads along."""

    def formatException(self, ei: Any) -> str:
        return trace(ei[1])


class Json(JsonFormatter):
    """Lines for whoever collects them."""

    def formatException(self, ei: Any) -> str:
        return trace(ei[1])

"""The number of the request that is being answered stands in every line that is logged meanwhile.

Loaded with the logging, before the models.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

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

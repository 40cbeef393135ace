"""What many parts of one page ask for is loaded once: rules, calendar, grants. Nothing outlives its page.

Kept while a page is read (the middleware opens it for requests that write nothing), within one `fire()`, and while it
is looked for who owes what; outside of them every call loads afresh, so that nothing old decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar

R = TypeVar("R")
T = TypeVar("T")

_kept: ContextVar[dict[Any, Any] | None] = ContextVar("kept", default=None)


@contextmanager
def keeping() -> Iterator[None]:
    """Inside, each `once` function loads at most once; an outer `keeping` is shared."""
    if _kept.get() is not None:
        yield
        return
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def once(load: Callable[[], T]) -> Callable[[], T]:
    """Decorates a function without arguments that reads the database."""

    @wraps(load)
    def kept() -> T:
        known = _kept.get()
        if known is None:
            return load()
        if load not in known:
            known[load] = load()
        found: T = known[load]
        return found

    return kept


def once_per_row(gather: Callable[[R], T]) -> Callable[[R], T]:
    """A page and the guards behind its buttons ask a row for the same things: the answer is kept on the instance.

    `fire` loads a row of its own under lock, so no decision rests on an old one.
    """
    name = f"_{gather.__module__}.{gather.__qualname__}"

    @wraps(gather)
    def gathered(row: R) -> T:
        if name not in row.__dict__:
            row.__dict__[name] = gather(row)
        answer: T = row.__dict__[name]
        return answer

    return gathered

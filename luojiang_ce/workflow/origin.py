"""From where what is done now is done, and which events it has left so far: told by whoever takes the request.

An event bears the address of its request, so that no service has to be handed it; what the worker does bears none.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_address: ContextVar[str] = ContextVar("_address", default="")
_written: ContextVar[set[str] | None] = ContextVar("_written", default=None)


@contextmanager
def coming_from(address: str) -> Iterator[set[str]]:
    """Events that are written inside the block bear this address; yields the names of those written."""
    names: set[str] = set()
    here, written = _address.set(address), _written.set(names)
    try:
        yield names
    finally:
        _address.reset(here)
        _written.reset(written)


def address_here() -> str:
    """The address from which is acted now; empty where there is none."""
    return _address.get()


def note_written(name: str) -> None:
    """An event of this name was written."""
    names = _written.get()
    if names is not None:
        names.add(name)

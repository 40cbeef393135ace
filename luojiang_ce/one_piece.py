"""Room for the frames of a request in one piece of memory (half of a long page's time, see python/cpython#142183)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

T = TypeVar("T")

# Words of eight bytes. A piece is 16 KB, or for a frame that asks for more the next power of two: here 512 KB, of which
# a little under half is left for the frames below, some six hundred of them. Only what is used is really taken.
FRAME = 36_000


def in_one_piece(function: Callable[..., T]) -> Callable[..., T]:
    """The same function; whatever it calls finds room in one piece of memory.

    CPython before 3.14 asks the system for a piece when a call crosses the end of the last one and gives it back on
    return. A loop of a template that happens to stand at such an end does so a thousand times for one page.
    """

    def call(*args: Any, **kwargs: Any) -> T:
        return function(*args, **kwargs)

    call.__code__ = call.__code__.replace(co_stacksize=FRAME)
    return wraps(function)(call)

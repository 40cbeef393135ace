"""A page and the guards behind its buttons ask for the same things: they are gathered once per loaded row."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from .models import Recognition

T = TypeVar("T")


def once_per_row(gather: Callable[[Recognition], T]) -> Callable[[Recognition], T]:
    """Keep the answer on the instance. `fire` loads a row of its own under lock, so no decision rests on an old one."""
    name = f"_{gather.__name__}"

    @wraps(gather)
    def gathered(recognition: Recognition) -> T:
        known = recognition.__dict__
        if name not in known:
            known[name] = gather(recognition)
        answer: T = known[name]
        return answer

    return gathered

"""What an account's start page says, as plain values."""

from __future__ import annotations

from typing import Any

from luojiang_ce.deadlines.owed import owed_to
from luojiang_ce.home.start import Todo, todo_of


def todos(account: Any, model: Any = None) -> list[Todo]:
    """Everything to be done or awaited; only what is about cases of `model`, where one is given."""
    found = owed_to(account)
    return [todo_of(owed, account) for owed in found if model is None or isinstance(owed.about, model)]

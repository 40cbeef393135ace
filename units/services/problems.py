"""What a service says when it refuses: everything that is wrong at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import models

from luojiang_ce.refusals import NotPossible
from luojiang_ce.versions import Versioned

V = TypeVar("V", bound=Versioned)


class Problems:
    """Collects what is wrong, by field, so that a form can show it all beside the fields."""

    def __init__(self) -> None:
        self.found: dict[str, list[str]] = {}

    def add(self, field: str, text: str) -> None:
        """`field` is the name of the form's field; "" is the whole."""
        self.found.setdefault(field, []).append(text)

    def add_if(self, wrong: object, field: str, text: str) -> None:
        """Add when `wrong` is true."""
        if wrong:
            self.add(field, text)

    def raise_any(self) -> None:
        """Raise NotPossible with everything found, if anything was."""
        if self.found:
            raise NotPossible(**self.found)


def lock_fresh(row: V, version: int | None = None) -> V:
    """Lock the row and load it anew; raises Conflict when it was saved after `version` (what the form was opened with).

    `version` None asks for no such check: acts that do not replace what somebody else may have typed.
    """
    locked: V = type(row)._base_manager.select_for_update().get(pk=row.pk)
    locked.must_be(version)
    return locked


def assign(row: models.Model, facts: Mapping[str, Any]) -> list[str]:
    """Put facts into a row; the names of the fields that changed."""
    changed = [name for name, value in facts.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, facts[name])
    return changed

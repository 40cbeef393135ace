"""What a service says when it refuses: everything that is wrong at once, and who was quicker."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models

from luojiang_ce.workflow.events import history

M = TypeVar("M", bound=models.Model)


class Problems:
    """Collects what is wrong, by field, so that a form can show it all beside the fields."""

    def __init__(self) -> None:
        self.found: dict[str, list[str]] = {}

    def add(self, field: str, text: str) -> None:
        """`field` is the name of the form's field."""
        self.found.setdefault(field, []).append(text)

    def add_if(self, wrong: object, field: str, text: str) -> None:
        """Add when `wrong` is true."""
        if wrong:
            self.add(field, text)

    def raise_any(self) -> None:
        """Raise django's ValidationError with everything found, if anything was."""
        if self.found:
            raise ValidationError(dict(self.found))


class Stale(Exception):
    """Somebody else saved the same record since the form was opened; nothing was written."""

    def __init__(self, who: str, at: datetime) -> None:
        super().__init__(f"{who}在您填写期间修改过这条登记")
        self.who = who
        self.at = at


def lock_fresh(row: M, seen: datetime | None) -> M:
    """Lock the row and load it anew; raises Stale when it was saved after `seen` (its updated_at in the form).

    `seen` None asks for no such check: acts that do not replace what somebody else may have typed.
    """
    locked: Any = type(row)._base_manager.select_for_update().get(pk=row.pk)
    if seen is not None and locked.updated_at != seen:
        last = history(locked).first()
        raise Stale(last.actor.name if last and last.actor else "系统", locked.updated_at)
    return locked  # type: ignore[no-any-return]


def assign(row: models.Model, facts: Mapping[str, Any]) -> list[str]:
    """Put facts into a row; the names of the fields that changed."""
    changed = [name for name, value in facts.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, facts[name])
    return changed

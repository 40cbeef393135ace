"""Rows that two people may have open at once: nobody overwrites what somebody else saved without having seen it."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.refusals import NotPossible


class Versioned(models.Model):
    """A row that is edited in a form. The form carries the version that it was opened with; a save counts it."""

    version = models.PositiveIntegerField(default=0, editable=False)
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False)
    edited_at = models.DateTimeField(null=True, editable=False)

    COUNTED = ("version", "edited_by", "edited_at")  # what `count_edit` changes, for a save of some columns

    class Meta:
        abstract = True

    def must_be(self, version: int | None) -> None:
        """Raise Conflict when the row, locked and loaded anew, was saved after `version`; None asks for no check."""
        if version is not None and self.version != version:
            raise Conflict(self)

    def save_over(self, version: int | None, actor: Actor) -> None:
        """Save this row, changed in a form or new, over what is stored, inside a transaction. Raises Conflict."""
        if self.pk:
            stored = type(self)._default_manager.select_for_update().get(pk=self.pk)
            stored.must_be(version)
            self.version = stored.version
            self.count_edit(actor)
        self.save()

    def count_edit(self, actor: Actor) -> None:
        """Say whose edit this is; whoever holds the lock saves the row with it."""
        self.version += 1
        self.edited_by_id = actor.pk
        self.edited_at = clock.now()


@dataclass(frozen=True)
class Standing:
    """What is edited in a form and has no row that counts its saves: rows that replace one another, a row that may not
    be there yet. Its version is told from the plain values that stand there; with who saved them, and when."""

    values: Any
    edited_by: Any = None
    edited_at: datetime | None = None

    @property
    def version(self) -> int:
        return zlib.crc32(repr(self.values).encode())

    def must_be(self, version: int | None) -> None:
        """Raise Conflict when something else stood there at `version`; None asks for no check."""
        if version is not None and self.version != version:
            raise Conflict(self)


class Conflict(NotPossible):
    """Somebody else saved the row since the form was opened; nothing was written. `current` is the row as it is now.

    `who` is empty where nobody typed it (an import), or where nobody can tell (a page that lost its version).
    """

    def __init__(self, current: Versioned | Standing) -> None:
        self.current = current
        self.who: str = current.edited_by.name if current.edited_by else ""
        super().__init__(f"{self.who or '有人'}在您填写期间修改过这里")

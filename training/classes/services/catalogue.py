"""What the bureau keeps for all classes: catalogue, entrustments, figures of timetables."""

from __future__ import annotations

from typing import TypeVar

from django.db import transaction

from luojiang_ce.access import Actor
from luojiang_ce.versions import Versioned
from luojiang_ce.workflow.changes import in_words, stored_values
from luojiang_ce.workflow.events import record
from training.classes.models import CatalogueCourse, CourseEntitlement, TimetableRule

Kept = TypeVar("Kept", CatalogueCourse, CourseEntitlement, TimetableRule)


def keep(*, row: Kept, actor: Actor, version: int | None = None) -> Kept:
    """Save a course, an entrustment or new figures, with an event: who changed what, when. Raises Conflict."""
    with transaction.atomic():
        name, before = "edited" if row.pk else "created", stored_values(row)
        if isinstance(row, Versioned):
            row.save_over(version, actor)
        else:
            row.save()
        record(row, name, actor=actor, note=in_words(row, before))
    return row

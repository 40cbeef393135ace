"""Writing a timetable (附件3), typed or imported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from luojiang_ce.access.roles import Actor
from training.classes.models import ClassApplication, TimetableRow

from .applications import editing


def replace_timetable(
    *, application: ClassApplication, rows: Iterable[Mapping[str, Any]], version: int, actor: Actor, quiet: bool = False
) -> ClassApplication:
    """Put these rows in place of the whole timetable; nothing refers to a row before the class is approved.

    Raises NotPossible, Conflict.
    """
    with editing(application, actor=actor, version=version, step="timetable", quiet=quiet) as locked:
        locked.timetable.all().delete()
        TimetableRow.objects.bulk_create(TimetableRow(application=locked, **row) for row in rows)
    return locked

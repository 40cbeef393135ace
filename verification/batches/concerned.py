"""Whom a step concerns, and telling them in the same transaction."""

from __future__ import annotations

from luojiang_ce.access.roles import Role
from units.models import Unit
from units.models.account import AccountQuerySet
from units.notify import holders_at

from .models import Batch, Path

REVIEWER_OF = {
    Path.MEDICAL: Role.HEALTH_REVIEWER,
    Path.TEACHER: Role.EDUCATION_REVIEWER,
    Path.CYCLE: Role.EDUCATION_REVIEWER,
}


def reviewers(batch: Batch) -> AccountQuerySet:
    """Who reviews the batch before the bureau; nobody on the general path."""
    path = Path(batch.path)
    return holders_at(batch.unit.supervisor, REVIEWER_OF[path]) if path in REVIEWER_OF else holders_at(None)


def keepers(batch: Batch) -> AccountQuerySet:
    """Who keeps the seal that the batch gets: the education bureau's for a teacher's year, else the bureau's."""
    of_a_year = batch.path == Path.TEACHER
    owner = batch.unit.supervisor if of_a_year else Unit.objects.bureau()
    return holders_at(owner, Role.SEAL_KEEPER)

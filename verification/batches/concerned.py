"""Whom a step concerns, and telling them in the same transaction."""

from __future__ import annotations

from luojiang_ce.access.roles import Role
from units.models import Account, Unit
from units.models.account import AccountQuerySet

from .models import Batch, Path

REVIEWER_OF = {
    Path.MEDICAL: Role.HEALTH_REVIEWER,
    Path.TEACHER: Role.EDUCATION_REVIEWER,
    Path.CYCLE: Role.EDUCATION_REVIEWER,
}


def reviewers(batch: Batch) -> AccountQuerySet:
    """Who reviews the batch before the bureau; nobody on the general path."""
    role = REVIEWER_OF.get(Path(batch.path))
    return _holding(role, batch.unit.supervisor) if role else Account.objects.none()


def keepers(batch: Batch) -> AccountQuerySet:
    """Who keeps the seal that the batch gets: the education bureau's for a teacher's year, else the bureau's."""
    of_a_year = batch.path == Path.TEACHER
    owner = batch.unit.supervisor if of_a_year else Unit.objects.filter(is_bureau=True).first()
    return _holding(Role.SEAL_KEEPER, owner)


def _holding(role: Role, unit: Unit | None) -> AccountQuerySet:
    found: AccountQuerySet = Account.objects.holding(role, unit=unit) if unit else Account.objects.none()
    return found

"""Whom a step concerns, and telling them in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable

from luojiang_ce.access.roles import Actor, Role
from luojiang_ce.notices.services import notify
from luojiang_ce.workflow.table import Context
from units.models import Account, Unit
from units.models.account import AccountQuerySet
from units.notify import clerks_of

from .models import Appointment, Batch, Path

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


def tell(people: Iterable[Actor], title: str, context: Context, *, text: str = "") -> None:
    """One notice to each about the case of a transition; `text` is the note typed with it where left out."""
    case = context.case
    key = f"{case._meta.model_name}-{case.pk}-{context.transition.name}-{context.now.isoformat()}"
    notify(people, title, key=key, text=text or context.note, case=case)


def tell_units(appointment: Appointment, title: str, context: Context) -> None:
    """Tell the clerks of every unit whose batch an appointment carries."""
    units = {appointment.unit_id, *appointment.batches.values_list("unit_id", flat=True)}
    for unit_id in units:
        tell(clerks_of(unit_id), title, context)

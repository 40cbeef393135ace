"""For which unit somebody files: the one answer that forms and services start from (notice 三1: 指定专人负责).

An account may hold several roles, for several units, and a role may have ended: the unit is never guessed from the
account. A form asks for it (`units.forms.own_unit`), and the service that writes checks it once more.
"""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet

from luojiang_ce.access.roles import Actor, Role
from units.models import Unit


def units_filed_for(account: Actor) -> QuerySet[Unit]:
    """The units whose designated clerk the account is today."""
    return Unit.objects.filter(pk__in=account.unit_ids(Role.UNIT_CLERK))


def must_file_for(unit_id: int | None, actor: Actor) -> None:
    """Raise PermissionDenied (403) unless the actor is the clerk of this unit today."""
    if unit_id not in actor.unit_ids(Role.UNIT_CLERK):
        raise PermissionDenied(f"account {actor.pk} does not file for unit {unit_id}")

"""Who writes into whose booklet (notice 二(一)): of medical staff the supervising unit, of all others the own one."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from luojiang_ce.access import WRITE_BOOKLETS, Actor, Role
from luojiang_ce.once import keeping, once
from units.access import NO_ROWS
from units.models import Assignment, Employment, Person, Unit

MEDICAL = Person.Category.MEDICAL
# 卫生系列的由主管单位填写: its clerk, or who reviews there; elsewhere the unit's designated clerk (二(三)1).
OF_SUPERVISOR = WRITE_BOOKLETS.roles


@once
def manned() -> frozenset[int]:
    """The units at which somebody could write for others today; one query, once a page."""
    held = Assignment.objects.current().filter(role__in=OF_SUPERVISOR, account__is_active=True)
    return frozenset(held.values_list("unit", flat=True))


def filled_by(job: Employment) -> Unit:
    """The unit that writes. Where no supervising unit is registered, or nobody is there, it is the own one."""
    supervisor = job.unit.supervisor
    if job.person.category == MEDICAL and supervisor is not None and supervisor.pk in manned():
        return supervisor
    return job.unit


def fills(account: Actor, job: Employment) -> bool:
    """May the account write into the booklet of who has this employment?"""
    unit = filled_by(job)
    roles = (Role.UNIT_CLERK,) if unit.pk == job.unit_id else OF_SUPERVISOR
    return unit.pk in account.unit_ids(*roles)


@keeping()
def those_to_fill(account: Actor, jobs: Iterable[Employment]) -> list[Employment]:
    """Of these whose booklets the account may write into; one query, however many."""
    return [job for job in jobs if fills(account, job)]


def to_fill(account: Actor) -> Q:
    """The same of many employments at once, as a condition."""
    own, over = account.unit_ids(Role.UNIT_CLERK), account.unit_ids(*OF_SUPERVISOR)
    medical = Q(person__category=MEDICAL)
    elsewhere = medical & Q(unit__supervisor__in=manned())
    mine = Q(unit__in=own) & ~elsewhere if own else NO_ROWS
    return mine | (medical & Q(unit__supervisor__in=over) if over else NO_ROWS)

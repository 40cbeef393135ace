"""Drafting a sanction and changing the draft; its way from there is case.py."""

from __future__ import annotations

from datetime import date
from typing import TypedDict, Unpack

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.changes import record_edit, values_of
from luojiang_ce.workflow.events import record
from units.models import Employment, Person, Unit
from units.models.person import PersonQuerySet
from units.sanctions.case import may_change
from units.sanctions.checks import faults_of, faults_of_time
from units.sanctions.models import Sanction
from units.services.problems import assign, lock_fresh


class Facts(TypedDict):
    """What is typed: fields of Sanction."""

    breach: str
    breach_detail: str
    learning: str
    happened_on: date
    narrative: str
    criticism: bool
    no_refund: bool
    dismissal: bool
    other_measure: str
    decided_on: date
    document: str
    ends_on: date | None


def own_people(actor: Actor) -> PersonQuerySet:
    """Whom the clerk's units may record something of: who works there, or did (`here`: does now)."""
    here = Employment.objects.filter(_ours(actor), person=OuterRef("pk"), ended_on=None)
    ever = Employment.objects.filter(_ours(actor)).values("person")
    return Person.objects.filter(pk__in=ever).annotate(here=Exists(here)).order_by("-here", "pinyin", "pk")


def draft(*, person: Person, actor: Actor, **facts: Unpack[Facts]) -> Sanction:
    """A draft of the unit of the clerk's in which the person worked on that day; a second click finds the first one's.

    Raises NotPossible with everything that is wrong, or PermissionDenied for somebody who never worked there.
    """
    sanction = Sanction(person=person, unit=_unit_of(person, facts["happened_on"], actor), created_by_id=actor.pk)
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        _fill(sanction, facts)
        same = Sanction.objects.filter(person=person, unit=sanction.unit, state=Sanction.State.DRAFT, **facts).first()
        if same is None:
            sanction.save()
            record(sanction, "created", actor=actor)
    return same or sanction


def edit(
    *, sanction: Sanction, actor: Actor, version: int | None = None, quiet: bool = False, **facts: Unpack[Facts]
) -> Sanction:
    """Change a draft. Raises NotPossible or Conflict, or PermissionDenied. `quiet`: saved while it was typed."""
    with transaction.atomic():
        locked = lock_fresh(sanction)
        if locked.state != Sanction.State.DRAFT:
            raise NotPossible(f"{locked.get_state_display()}，不能再修改；有误的请撤销后重新登记")
        if not may_change(locked, actor):
            raise PermissionDenied(f"account {actor.pk} does not file for unit {locked.unit_id}")
        locked.must_be(version)
        before = values_of(locked)
        if _fill(locked, facts):
            locked.count_edit(actor)
            locked.save()
            record_edit(locked, (locked, before), actor=actor, quiet=quiet)
    return locked


def _ours(actor: Actor) -> Q:
    own = actor.unit_ids(Role.UNIT_CLERK)
    return Q(unit__in=own) | Q(unit__merged_into__in=own)


def _unit_of(person: Person, happened_on: date, actor: Actor) -> Unit:
    """Of the clerk's units the one in which the person worked on the day; where that is none the latest one, whose
    checks then say so."""
    jobs = Employment.objects.filter(_ours(actor), person=person).select_related("unit__merged_into")
    job = jobs.on(happened_on).first() or jobs.first()
    if job is None:
        raise PermissionDenied(f"account {actor.pk} files for no unit in which person {person.pk} ever worked")
    return job.unit.merged_into or job.unit


def _fill(sanction: Sanction, facts: Facts) -> list[str]:
    """Put what was typed into the row; the fields that changed. Raises NotPossible."""
    changed = assign(sanction, facts)
    if found := faults_of_time(sanction) | faults_of(facts, clock.today()):
        raise NotPossible(**found)
    return changed

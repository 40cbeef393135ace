"""Writing declarations; changes of state go through the workflow."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from luojiang_ce.access import Actor, Role
from luojiang_ce.home.lists import HeadLink
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.changes import record_edit, values_of
from luojiang_ce.workflow.events import record
from units.access import left_to, must_file_for
from units.filed_case import may_edit
from units.models import Employment, Person, Unit
from verification.choices import measure_of
from verification.declarations.models import Declaration
from verification.self_study.services import not_by_credits

# What a form may change: neither the workflow's columns nor who declares.
TYPED = [
    "measure",
    *(field.name for field in Declaration._meta.concrete_fields if field.editable and not field.primary_key),
]


def save_declaration(
    *, declaration: Declaration, unit: Unit, actor: Actor, version: int | None = None, quiet: bool = False
) -> Declaration:
    """Keep a new or changed draft of a unit, with an event that says so (`quiet`: saved while it was typed).

    Of a changed one only what the form asks for is written: state and times are those of the workflow. Raises
    NotPossible when it is not with the unit any more, Conflict when somebody saved since `version`, PermissionDenied
    unless the actor files for the unit.
    """
    must_file_for(declaration.unit_id or unit.pk, actor)
    declaration.measure = measure_of(declaration.subject)
    with transaction.atomic():
        if declaration.pk:
            # As it is stored, locked: somebody may have submitted it since the form was opened.
            stored = Declaration.objects.select_for_update().get(pk=declaration.pk)
            if not may_edit(stored, actor):
                state = stored.get_state_display()
                raise NotPossible(f"这件申报现在是“{state}”，不能再修改；需要改的请先撤回或等退回补正")
            stored.must_be(version)
            before = values_of(stored)
            declaration.version = stored.version
            declaration.count_edit(actor)
            declaration.save(update_fields=[*TYPED, *Declaration.COUNTED])
            record_edit(declaration, (declaration, before), actor=actor, quiet=quiet)
        else:
            # The form has asked for the same one already; of two clicks at once the second finds the first one's draft.
            Person.objects.select_for_update().get(pk=declaration.person_id)
            words = {name: getattr(declaration, name) for name in TYPED}
            if first := Declaration.objects.filter(unit=unit, state=Declaration.State.DRAFT, **words).first():
                return first
            declaration.unit, declaration.created_by_id = unit, actor.pk
            declaration.save()
            record(declaration, "created", actor=actor)
    return declaration


def same_declared(declaration: Declaration) -> Declaration | None:
    """Another declaration of the same person for the same thing that is not refused, withdrawn or revoked."""
    return declared_like(declaration).filter(person=declaration.person_id).exclude(pk=declaration.pk).first()


def declared_like(declaration: Declaration) -> QuerySet[Declaration]:
    """What is declared for the same thing, whoever's it is, and is not refused, withdrawn or revoked."""
    states = Declaration.State
    return Declaration.objects.filter(
        year=declaration.year,
        form=declaration.form,
        subject=declaration.subject,
        title=declaration.title,
        date_from=declaration.date_from,
    ).exclude(state__in=[states.REFUSED, states.WITHDRAWN, states.REVOKED])


def wrong_for(person: Person, subject: str, course: str) -> Iterator[tuple[str, str]]:
    """What of a declaration does not fit this person: the field, and why."""
    if wrong := not_by_credits(person, subject):
        yield "subject", wrong
    if course and person.category != Person.Category.TEACHER:
        yield "course", f"{person}不是中小学教师，不填公共必修课"


def jobs_filed_by(unit_ids: Collection[int]) -> QuerySet[Employment]:
    """Who works now in these units, or in those that are left to them (notice 二(一)卫生)."""
    theirs = Q(unit__in=unit_ids) | Q(unit__in=left_to(unit_ids).values("pk"))
    return Employment.objects.filter(theirs, ended_on=None)


def filing_unit_id(job: Employment, unit_ids: Collection[int]) -> int:
    """For a job of `jobs_filed_by`: whose case a declaration is, the own unit's or that which files for it."""
    unit_id: int = job.unit_id if job.unit_id in unit_ids else job.unit.supervisor_id  # type: ignore[assignment]
    return unit_id


def link_to_new(person: Person, account: Any) -> HeadLink | None:
    """From a person's ledger to a new declaration, for a clerk of the unit where the person works now."""
    own = account.unit_ids(Role.UNIT_CLERK)
    if not own or not jobs_filed_by(own).filter(person=person).exists():
        return None
    return HeadLink("申报学时", f"{reverse('declarations:choose')}?person={person.pk}", "plus", primary=True)

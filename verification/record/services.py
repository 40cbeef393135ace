"""Writing drafts of attestations and of trusted districts; their way from there is their tables'."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from luojiang_ce.access import Actor, Role
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.changes import record_edit, values_of
from luojiang_ce.workflow.events import record
from units.access import must_file_for
from units.drafted_case import keep_draft
from units.filed_case import may_edit
from units.models import Employment, Person
from verification.record.models import Attestation, TrustedDistrict

CLOSED = "状态是“{}”，不能再修改；要换公钥的，请重新登记，批准后代替现在的"


def ask_for(*, people: Sequence[Person], facts: Attestation, actor: Actor) -> list[Attestation]:
    """A draft for each of these people of the actor's units, the years and purpose of `facts` (not saved). Who has the
    same draft already keeps it. Raises NotPossible, PermissionDenied."""
    own = actor.unit_ids(Role.UNIT_CLERK)
    told = {"first_year": facts.first_year, "last_year": facts.last_year, "purpose": facts.purpose}
    with transaction.atomic():
        keys = [person.pk for person in people]
        list(Person.objects.select_for_update().filter(pk__in=keys).order_by("pk"))  # of two clicks one makes them
        jobs = Employment.objects.filter(person__in=keys, unit__in=own, ended_on=None)
        units = dict(jobs.values_list("person", "unit"))
        same = Attestation.objects.filter(person__in=keys, state=Attestation.State.DRAFT, unit__in=own, **told)
        found = {draft.person_id: draft for draft in same}
        for person in people:
            if person.pk not in units:
                raise NotPossible(names=f"{person.name}已不在您的单位，请从名单中去掉")
            must_file_for(units[person.pk], actor)
        return [found.get(person.pk) or _begun(person, units[person.pk], told, actor) for person in people]


def _begun(person: Person, unit_id: int, told: dict[str, object], actor: Actor) -> Attestation:
    made = Attestation.objects.create(person=person, unit_id=unit_id, created_by_id=actor.pk, **told)
    record(made, "created", actor=actor)
    return made


def save_attestation(
    *, attestation: Attestation, actor: Actor, version: int | None = None, quiet: bool = False
) -> Attestation:
    """Keep a changed draft, with an event (`quiet`: saved while it was typed). Raises NotPossible, Conflict,
    PermissionDenied."""
    must_file_for(attestation.unit_id, actor)
    with transaction.atomic():
        stored = Attestation.objects.select_for_update().get(pk=attestation.pk)
        if not may_edit(stored, actor):
            raise NotPossible(f"这件申请现在是“{stored.get_state_display()}”，不能再修改；需要改的请先撤回或等退回补正")
        stored.must_be(version)
        before = values_of(stored)
        attestation.version = stored.version
        attestation.count_edit(actor)
        attestation.save(update_fields=[*before, *Attestation.COUNTED])
        record_edit(attestation, (attestation, before), actor=actor, quiet=quiet)
    return attestation


def keep_district(
    *, district: TrustedDistrict, actor: Actor, version: int | None = None, quiet: bool = False
) -> TrustedDistrict:
    """Save what was typed into a draft (changed and not saved), new or old, on record. Raises NotPossible, Conflict."""
    return keep_draft(draft=district, actor=actor, closed=CLOSED, version=version, quiet=quiet)

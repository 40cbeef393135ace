"""Asking for a proof of teaching (product.md C7)."""

from __future__ import annotations

from django.db import transaction

from luojiang_ce.access import Actor
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.events import record
from training.classes.models import Lecturer, TeachingProof
from training.classes.teaching import in_year, why_none
from units.access import must_file_for


def draft_proof(*, lecturer: Lecturer, year: int, actor: Actor) -> TeachingProof:
    """The request for a lecturer and year, begun as a draft where there is none that stands.

    Raises NotPossible, with the classes that are not recognised yet, where nothing can be proved; PermissionDenied
    unless the actor files for the lecturer's unit.
    """
    must_file_for(lecturer.unit_id, actor)
    with transaction.atomic():
        locked = Lecturer.objects.select_for_update().get(pk=lecturer.pk)
        standing = locked.proofs.filter(year=year).exclude(state__in=TeachingProof.OVER)
        if known := standing.first():
            return known
        if not in_year(locked, year).hours:
            raise NotPossible(year=why_none(locked, year))
        made = TeachingProof.objects.create(unit_id=locked.unit_id, lecturer=locked, year=year, created_by_id=actor.pk)
        record(made, "created", actor=actor, data={"lecturer": locked.pk, "year": year})
    return made

"""The library of return reasons (product.md S5): the first ones come with each kind of case, the bureau keeps it on."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from luojiang_ce.access import Actor
from luojiang_ce.refusals import NotPossible

from .case_kind import case_kinds
from .events import record
from .models import ReturnPhrase

ALL_KINDS = "所有业务"


def kinds_with_phrases() -> dict[str, str]:
    """By key the kinds of cases that are returned, or judged in phrases; the first is no kind, for all of them."""
    named = {
        kind.key: str(kind.model._meta.verbose_name)
        for kind in case_kinds()
        if kind.phrases or (kind.table and any(transition.returns for transition in kind.table.transitions))
    }
    return {"": ALL_KINDS, **named}


def load_phrases() -> str:
    """Give the first phrases to every kind that has none yet; what the bureau has made of the others is left alone."""
    known = set(ReturnPhrase.objects.order_by().values_list("case_type", flat=True).distinct())
    rows = [
        ReturnPhrase(case_type=kind.key, wrong=wrong, mend=mend)
        for kind in case_kinds()
        if kind.key not in known
        for wrong, mend in kind.phrases
    ]
    ReturnPhrase.objects.bulk_create(rows)
    return f"退回用语新增 {len(rows)} 条"


def phrases_for(case: Any) -> QuerySet[ReturnPhrase]:
    """What a return of this case may say: the phrases of its kind, and those for all kinds."""
    return ReturnPhrase.objects.filter(active=True, case_type__in=["", case._meta.label_lower])


@transaction.atomic
def add_phrase(*, case_type: str, wrong: str, mend: str, actor: Actor) -> ReturnPhrase:
    """A new phrase; one that was put out of use comes back with it. Raises NotPossible where it is in use already."""
    known = ReturnPhrase.objects.select_for_update().filter(case_type=case_type, wrong=wrong).first()
    if known and known.active:
        raise NotPossible(wrong="这一业务已有这条用语")
    phrase = known or ReturnPhrase(case_type=case_type, wrong=wrong)
    phrase.mend, phrase.active = mend, True
    phrase.save()
    record(phrase, "phrase_added", actor=actor)
    return phrase


@transaction.atomic
def switch_phrase(*, phrase: ReturnPhrase, active: bool, actor: Actor) -> ReturnPhrase:
    """Put a phrase out of use, or into use again; returns made with it keep their words. Twice is as once."""
    fresh = ReturnPhrase.objects.select_for_update().get(pk=phrase.pk)
    if fresh.active != active:
        fresh.active = active
        fresh.save(update_fields=["active"])
        record(fresh, "phrase_on" if active else "phrase_off", actor=actor)
    return fresh

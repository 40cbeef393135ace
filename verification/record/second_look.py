"""Attestations under which hours were reversed, or a yearly result was taken back: who has to look again.

Derived, as for the yearly papers (verification/batches/second_look.py): the ledger knows nothing of attestations. A
second look ends when the approver issues the attestation anew, confirms it, or revokes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from luojiang_ce.deadlines.owed import Asked, Owed, OwedDuty
from luojiang_ce.notices.services import notify
from luojiang_ce.papers.models import IN_REVIEW, Paper
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.case_kind import Context, Duty, Turn
from units.access import APPROVER
from units.notify import approvers, clerks_of
from verification.ledger.models import LedgerEntry
from verification.record.content import note_seen, says_the_same, told
from verification.record.models import Attestation, AttestedResult

ACT = "复核"
RENEWED = "所载学时有变动，按现有情况换发"  # what the public reads where nobody says why
CHANGED = "现有情况与证明所载不同，请按现有情况换发，或撤销"
LOOK = Turn(APPROVER, ACT)


def to_look_at_again() -> Any:
    """Issued attestations of which hours were reversed, or a yearly result was taken back or decided anew, since they
    were issued.

    `reversal`: the newest reversal of the years looked at, an id; None where there is none. Reversals are counted, not
    compared by time: one that was written while the attestation was issued was not seen either.
    """
    reversed_ones = LedgerEntry.objects.filter(amount__lt=0)
    theirs = reversed_ones.filter(
        person=OuterRef("person"), year__gte=OuterRef("looks_from"), year__lte=OuterRef("last_year")
    )
    counted = theirs.order_by().values("person").annotate(number=Count("pk")).values("number")
    taken_back = Exists(AttestedResult.objects.changed().filter(attestation=OuterRef("pk")))
    # Reversals are few and attestations many: begin with the people who have any.
    concerned = Q(person__in=reversed_ones.values("person")) | taken_back
    found = Attestation.objects.filter(concerned, state=Attestation.State.ISSUED).annotate(
        reversal=Subquery(theirs.filter(countered_by=None).order_by("-pk").values("pk")[:1]),
        reversals=Coalesce(Subquery(counted, output_field=IntegerField()), 0),
    )
    reversed_since = Q(reversal__isnull=False, reversals__gt=F("reversals_seen"))
    return found.filter(reversed_since | taken_back).order_by("pk")


def is_looked_at_again(case: Attestation) -> bool:
    """Has what it rests on changed, and nobody has decided what follows? One query."""
    return bool(to_look_at_again().filter(pk=case.pk).exists())


def looked_at_again(cases: Iterable[int]) -> set[int]:
    """The same of many at once, by their keys. One query."""
    return set(to_look_at_again().filter(pk__in=list(cases)).values_list("pk", flat=True))


def attestations_in_review(papers: Sequence[Paper]) -> set[int]:
    """Of which of these papers does the public check say 复核中? One query."""
    found = looked_at_again(paper.case_id for paper in papers)
    return {paper.pk for paper in papers if paper.case_id in found}


def with_states(rows: Iterable[Attestation]) -> list[Attestation]:
    """Each with `state_said`, its state as lists say it: what is looked at again stands as the public reads it. One
    query."""
    shown = list(rows)
    found = looked_at_again(row.pk for row in shown)
    for row in shown:
        row.state_said = IN_REVIEW if row.pk in found else row.get_state_display()
    return shown


def second_looks(asked: Asked) -> Iterator[Owed]:
    """What the approver has to look at again. One query."""
    for case in to_look_at_again().select_related("unit", "person"):
        title = f"{ACT}：{case.number} {case}，出具后学时或验证有变动"
        note = "核验页显示“复核中”；按现有情况换发，确认不变，或撤销"
        yield OwedDuty(LOOK, case, title, case.get_absolute_url(), unit=case.unit.short, note=note)


SECOND_LOOKS = Duty(APPROVER, second_looks, clocked=False)


@transaction.atomic
def tell_of_second_looks() -> int:
    """Tell the units and who decides, once for each reversal; returns the attestations concerned."""
    found = list(to_look_at_again().select_related("unit", "person"))
    for case in found:
        title = f"{case.called}：出具后学时或验证有变动，正在复核"
        text = f"{case.person.name}，{case.years}。复核期间核验页显示“复核中”，电子记录不能下载"
        key = f"attestation-look-{case.pk}-{case.frozen_at.isoformat()}-{case.reversal}"
        notify([*clerks_of(case.unit_id), *approvers()], title, key=key, text=text, case=case)
    return len(found)


# --- guards and effect of the second look -----------------------------------------------------------------------------


def is_due(context: Context) -> str | None:
    """Only what has changed is looked at again."""
    if is_looked_at_again(context.case):
        return None
    return "出具后没有冲销的学时，也没有撤销的验证单，不需要复核"


def nothing_changed(context: Context) -> str | None:
    """It stands when the ledger and the yearly papers still say what it says."""
    if context.ahead or says_the_same(context.case.content, told(context.case).content):
        return None
    return CHANGED


def confirm(context: Context) -> None:
    """Looked at again: what changed up to now is seen. What is seen is what is compared, in one reading."""
    now = told(context.case)
    if not says_the_same(context.case.content, now.content):
        raise NotPossible(CHANGED)
    note_seen(context.case, now)

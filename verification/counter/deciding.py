"""The counter: finding a person, and deciding many rows as one act (V6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from luojiang_ce import clock
from luojiang_ce.refusals import NotPossible
from luojiang_ce.sheets.cells import clean_name
from luojiang_ce.words import first_of
from luojiang_ce.workflow.case_kind import Context, Transition
from luojiang_ce.workflow.engine import fire_many, know_filings, refusals
from units.identity.id_numbers import lookup_hash
from units.models import Account
from units.search import named
from verification.batches.case import RECORD
from verification.batches.facts import outdated
from verification.batches.models import AnnualRecord, Batch
from verification.batches.who import tell_each_unit

R = AnnualRecord.State
TOLD = ("supplement", "fail")  # the decisions after which the unit has to do something


@dataclass(frozen=True)
class Refusal:
    """Why a row was not decided."""

    record: AnnualRecord
    reason: str


class NothingDecided(NotPossible):
    """Some rows could not be decided, so none was. Each reason is said once, with the first of whom it is about."""

    def __init__(self, found: Sequence[Refusal]) -> None:
        people = {each.record.pk for each in found}
        super().__init__(f"没有办理，{len(people)} 人有问题：{'；'.join(_by_reason(found))}")


@dataclass(frozen=True)
class Decided:
    """How many rows were decided now, and those that had been decided before and were left alone."""

    count: int
    left: Sequence[AnnualRecord]

    @property
    def said_of_left(self) -> str:
        """甲、乙现为“不通过”，未改动; nothing where nobody was left."""
        groups: dict[str, list[str]] = {}
        for row in self.left:
            groups.setdefault(row.get_state_display(), []).append(row.person.name)
        return "；".join(f"{first_of(names)}现为“{state}”，未改动" for state, names in groups.items())


@transaction.atomic
def decide(*, batch: Batch, records: Sequence[int], name: str, actor: Account, reason: str = "") -> Decided:
    """Fire one transition for these rows of the batch: all that stand open, or NothingDecided and none.

    Rows that were decided before are left alone, so a second click changes nothing; where no other was chosen and they
    stand elsewhere than asked for, that is NothingDecided. The number of queries does not grow with the rows.
    """
    locked = Batch.objects.select_for_update(of=("self",)).select_related("unit").get(pk=batch.pk)
    transition = RECORD.transition(name)
    rows = list(locked.records.filter(pk__in=records).select_related("person"))
    elsewhere = [row for row in rows if row.state != transition.target]
    wanted = [row for row in elsewhere if row.state in transition.sources] or elsewhere
    # What the guards and effects of many rows share, read once.
    if wanted:
        know_filings(wanted)
    data: dict[str, Any] = {"batch": locked, "newer": sorted(outdated(wanted))}
    if found := _refusals(wanted, transition, actor, reason, data):
        raise NothingDecided(found)
    fire_many(wanted, name, actor=actor, note=reason, data=data)
    if wanted and name in TOLD:
        _tell(locked, wanted, transition, reason)
    return Decided(len(wanted), [row for row in rows if row not in wanted])


def find(batch: Batch, typed: str) -> QuerySet[AnnualRecord]:
    """Rows that the typed text means: certificate number, last four of the ID, name, pinyin or initials."""
    text = typed.strip()
    letters = text.lower()
    condition = Q(certificate_number__iexact=text) | named(clean_name(text), "person__name")
    if letters.isascii():
        condition |= Q(person__initials__contains=letters) | Q(person__pinyin__contains=letters)
        condition |= Q(certificate_number__iendswith=text)
    if len(text) == 4:
        condition |= Q(person__id_last4_hash=lookup_hash(text.upper()))
    return batch.records.filter(condition).select_related("person").order_by("person__pinyin", "pk")


def ready(batch: Batch) -> QuerySet[AnnualRecord]:
    """Rows that can be passed as they are: filed, and the requirements met."""
    return batch.records.filter(state=R.FILED, verdict__outcome="met")


def _refusals(
    rows: Sequence[AnnualRecord], transition: Transition, actor: Account, reason: str, data: Mapping[str, Any]
) -> list[Refusal]:
    now = clock.now()
    asked = ((row, refusals(row, transition, Context(row, actor, transition, now, reason, data))) for row in rows)
    return [Refusal(row, reason) for row, reasons in asked for reason in reasons]


def _by_reason(found: Sequence[Refusal]) -> list[str]:
    """Reasons that are the same but for their figures are one; of one person alone the figures are said."""
    groups: dict[str, list[Refusal]] = {}
    for each in found:
        groups.setdefault(getattr(each.reason, "general", each.reason), []).append(each)
    return [
        f"{first_of([each.record.person.name for each in group])}：{group[0].reason if len(group) == 1 else general}"
        for general, group in groups.items()
    ]


def _tell(batch: Batch, rows: Sequence[AnnualRecord], decision: Transition, reason: str) -> None:
    """One notice for all of them."""
    key = f"{decision.name}-{batch.pk}-{clock.now().isoformat()}"
    tell_each_unit(
        batch, rows, decision.done, lambda some: f"{'、'.join(row.person.name for row in some)}：{reason}", key=key
    )

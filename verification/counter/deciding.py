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
from verification.batches import letters
from verification.batches.case import RECORD
from verification.batches.facts import changed_decided, outdated
from verification.batches.models import AnnualRecord, Batch
from verification.batches.services import refreeze
from verification.batches.waivers import tell_of
from verification.batches.who import tell_each_unit

R = AnnualRecord.State
TOLD = ("supplement", "fail")  # the decisions after which the unit has to do something
CHANGED = "办理以后学时有变动，按现有学时重新核对"
PART_OF_A_NUMBER = 4  # signs: less is what is left of a code that was read in part
OF_THE_APPROVER = ("ask", "waive", "refuse_waiver")  # what is asked of the approver, and the answers


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
    """The rows that were decided now, as they stood before, and those that had been decided and were left alone."""

    done: Sequence[AnnualRecord]
    left: Sequence[AnnualRecord]

    @property
    def count(self) -> int:
        return len(self.done)

    @property
    def said_of_left(self) -> str:
        """甲、乙现为“不通过”，未改动; nothing where nobody was left."""
        groups: dict[str, list[str]] = {}
        for row in self.left:
            groups.setdefault(row.get_state_display(), []).append(row.person.name)
        return "；".join(f"{first_of(names)}现为“{state}”，未改动" for state, names in groups.items())


@dataclass(frozen=True)
class Passed:
    """How many were passed at once, and why the rest was not."""

    count: int
    rest: Sequence[Refusal]

    def __str__(self) -> str:
        done = f"已通过 {self.count} 人" if self.count else "没有可以通过的人"
        return f"{done}；其余 {len(self._people)} 人没有通过：{'；'.join(_by_reason(self.rest))}" if self.rest else done

    @property
    def _people(self) -> set[int]:
        return {each.record.pk for each in self.rest}


@dataclass(frozen=True)
class Rechecked:
    """How many stay passed on the hours that they have now, and the names of those who are to be decided anew."""

    passed: int
    open: Sequence[str]

    def __str__(self) -> str:
        left = f"；{first_of(self.open, 20)}的结论已撤回，请按现有学时逐人办理" if self.open else ""
        return f"已按现有学时重新核对 {self.passed + len(self.open)} 人：{self.passed} 人照原结论通过{left}"


@transaction.atomic
def decide(
    *,
    batch: Batch,
    records: Sequence[int],
    name: str,
    actor: Account,
    reason: str = "",
    as_of: int | None = None,
    shown: str = "",
) -> Decided:
    """Fire one transition for these rows of the batch: all that stand open, or NothingDecided and none.

    Rows that were decided before are left alone, so a second click changes nothing; where no other was chosen and they
    stand elsewhere than asked for, that is NothingDecided. `as_of`: the last reckoning that the page knew of
    (`waivers.last_reckoning`). `shown`: the state that the page showed; rows that somebody else has moved since are not
    decided. The number of queries does not grow with the rows.
    """
    locked = _at_the_counter(batch)
    transition = RECORD.transition(name)
    rows = list(locked.records.filter(pk__in=records).select_related("person"))
    if moved := [row for row in rows if shown and row.state not in (shown, transition.target)]:
        raise NothingDecided(
            [Refusal(row, f"现在的状态是“{row.get_state_display()}”，与页面所示不同") for row in moved]
        )
    elsewhere = [row for row in rows if row.state != transition.target]
    wanted = [row for row in elsewhere if row.state in transition.sources] or elsewhere
    data = _shared(locked, wanted, as_of)
    if found := _refusals(wanted, transition, actor, reason, data):
        raise NothingDecided(found)
    if wanted and name in OF_THE_APPROVER:
        tell_of(wanted, transition, reason)
    fire_many(wanted, name, actor=actor, note=reason, data=data)
    letters.fulfil(locked, wanted, name, actor)
    if wanted and name in TOLD:
        letters.send(locked, wanted, name, actor)
        _tell(locked, wanted, transition, reason)
    elif wanted and name == "withdraw":
        letters.withdraw(locked, wanted, actor)
    return Decided(wanted, [row for row in rows if row not in wanted])


@transaction.atomic
def pass_everybody(*, batch: Batch, actor: Account, as_of: int | None = None) -> Passed:
    """Pass whoever of the batch is not dealt with and can be passed as they are; the rest is named, with why not.

    Whoever has to bring something, or waits for the approver, is decided by name. The queries do not grow with the
    rows.
    """
    locked = _at_the_counter(batch)
    transition = RECORD.transition("verify")
    rows = list(locked.records.filter(state__in=AnnualRecord.OPEN).select_related("person").order_by("pk"))
    waiting = [row for row in rows if row.state == R.FILED]
    data = _shared(locked, waiting, as_of)
    refused = _refusals(waiting, transition, actor, "", data)
    kept = {each.record.pk for each in refused}
    passed = [row for row in waiting if row.pk not in kept]
    fire_many(passed, "verify", actor=actor, data=data)
    others = [Refusal(row, f"现为“{row.get_state_display()}”，请逐人办理") for row in rows if row not in waiting]
    return Passed(len(passed), [*refused, *others])


@transaction.atomic
def recheck(*, batch: Batch, actor: Account) -> Rechecked:
    """Look again at everybody whose hours have changed since they were passed or failed: their results are withdrawn,
    the hours counted anew, and who was passed and still can be is passed again. The rest is decided by name.

    Each row has its events. Raises NothingDecided, NotPossible; the queries do not grow with the rows.
    """
    locked = _at_the_counter(batch)
    rows = changed_decided(locked)
    if not rows:
        raise NotPossible("没有学时变动而已有结论的人，没有改动")
    decide(batch=locked, records=[row.pk for row in rows], name="withdraw", actor=actor, reason=CHANGED)
    refreeze(batch=locked, actor=actor, records=[row.pk for row in rows])
    were_passed = {row.pk for row in rows if row.state == R.VERIFIED}
    anew = list(locked.records.filter(pk__in=were_passed).select_related("person").order_by("person__pinyin", "pk"))
    data = _shared(locked, anew, None)
    refused = {each.record.pk for each in _refusals(anew, RECORD.transition("verify"), actor, "", data)}
    passed = [row for row in anew if row.pk not in refused]
    fire_many(passed, "verify", actor=actor, data=data)
    kept = {row.pk for row in passed}
    return Rechecked(len(passed), [row.person.name for row in rows if row.pk not in kept])


def _at_the_counter(batch: Batch) -> Batch:
    """The batch, locked: of two counters one comes after the other."""
    return Batch.objects.select_for_update(of=("self",)).select_related("unit").get(pk=batch.pk)


def _shared(batch: Batch, rows: Sequence[AnnualRecord], as_of: int | None) -> dict[str, Any]:
    """What the guards and effects of many rows share, read once."""
    if rows:
        know_filings(rows)
    for row in rows:
        row.batch = batch
    return {"batch": batch, "newer": sorted(outdated(rows)), "as_of": as_of}


def find(batch: Batch, typed: str) -> QuerySet[AnnualRecord]:
    """Rows that the typed text means: certificate number, last four of the ID, name, pinyin or initials."""
    text = typed.strip()
    letters = text.lower()
    condition = Q(certificate_number__iexact=text) | named(clean_name(text), "person__name")
    if letters.isascii():
        condition |= Q(person__initials__contains=letters) | Q(person__pinyin__contains=letters)
    if letters.isascii() and len(text) >= PART_OF_A_NUMBER:
        condition |= Q(certificate_number__iendswith=text)
    if len(text) == 4:
        condition |= Q(person__id_last4_hash=lookup_hash(text.upper()))
    return batch.records.filter(condition).select_related("person").order_by("person__pinyin", "pk")


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

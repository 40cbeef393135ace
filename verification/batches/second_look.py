"""Hours reversed under a stamped paper (product.md I3): who has to be looked at again, and that it is told.

Derived from the ledger, which knows nothing of papers: a stamped record is looked at again when entries of its years
were countered after it was decided. The second look ends when the approver revokes the stamped result, or confirms on
record that nothing the paper says has changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, QuerySet, Subquery

from luojiang_ce.deadlines.owed import Asked, Owed, OwedDuty
from luojiang_ce.notices.services import notify
from luojiang_ce.papers.models import Paper
from luojiang_ce.words import first_of
from luojiang_ce.workflow.case_kind import Context, Duty, Turn
from units.models import Person
from units.notify import approvers, handlers
from verification.batches.facts import PREFETCHED, changed_decided, counting_changes, rules_kept, years_of
from verification.batches.models import AnnualRecord, Batch, Path
from verification.batches.who import COUNTER_APPROVER, EDUCATION_OF_A_YEAR, keepers, reviewers, tell_each_unit
from verification.ledger.models import LedgerEntry

ACT = "复核"


def to_look_at_again() -> Any:
    """Stamped records of which hours were reversed since they were decided, ordered by batch.

    `reversal`: the newest of these reversals, an id; those of other years are none of the record's.
    """
    reversed_ones = LedgerEntry.objects.filter(amount__lt=0, countered_by=None)
    theirs = reversed_ones.filter(
        person=OuterRef("person"),
        year__gte=OuterRef("first_year"),
        year__lte=OuterRef("year"),
        created_at__gt=OuterRef("decided_at"),
    )
    # Reversals are few and stamped records many: begin with the people who have any.
    people = reversed_ones.values("person")
    stamped = AnnualRecord.objects.filter(state=AnnualRecord.State.STAMPED, person__in=people)
    found = stamped.annotate(reversal=Subquery(theirs.order_by("-pk").values("pk")[:1]))
    return found.exclude(reversal=None).exclude(batch=None).order_by("batch_id", "pk")


def is_looked_at_again(record: AnnualRecord) -> bool:
    """Were hours under its paper reversed, and nobody has decided what follows? One query."""
    return bool(to_look_at_again().filter(pk=record.pk).exists())


def pages_in_review(papers: Sequence[Paper]) -> set[int]:
    """Of which of these people's pages does the public check say 复核中? One query."""
    rows = to_look_at_again().filter(pk__in=[paper.subject_id for paper in papers])
    found = set(rows.values_list("pk", flat=True))
    return {paper.pk for paper in papers if paper.subject_id in found}


def rosters_in_review(papers: Sequence[Paper]) -> set[int]:
    """The same of rosters; it is not said about whom. One query."""
    rows = to_look_at_again().filter(batch__in=[paper.case_id for paper in papers])
    found = set(rows.values_list("batch", flat=True))
    return {paper.pk for paper in papers if paper.case_id in found}


# --- what is owed -----------------------------------------------------------------------------------------------------


def _second_looks(asked: Asked, *, of_education: bool) -> Iterator[Owed]:
    """The batches in which somebody has to be looked at again. Two queries."""
    who = EDUCATION_OF_A_YEAR if of_education else COUNTER_APPROVER
    for batch, records in _by_batch():
        if (batch.path == Path.TEACHER) is of_education:
            at = records[0].get_absolute_url() if len(records) == 1 else batch.get_absolute_url()
            title = f"{ACT}：{batch}，{len(records)} 人盖章后学时被冲销"
            note = "核验页显示“复核中”；逐人撤销后重新办理，或确认结论不变"
            yield OwedDuty(Turn(who, ACT), batch, title, at, unit=batch.unit.short, note=note)


SECOND_LOOKS = (
    Duty(COUNTER_APPROVER, partial(_second_looks, of_education=False), clocked=False),
    Duty(EDUCATION_OF_A_YEAR, partial(_second_looks, of_education=True), clocked=False),
)


def _by_batch() -> list[tuple[Batch, list[Any]]]:
    rows = to_look_at_again().select_related("person", "batch__unit", "batch__authority")
    groups = [list(group) for _, group in groupby(rows, lambda row: row.batch_id)]
    return [(records[0].batch, records) for records in groups]


@transaction.atomic
def tell_of_second_looks() -> int:
    """Tell units and who decides of reversals under stamped papers, once each; returns the batches concerned."""
    found = _by_batch()
    for batch, records in found:
        key = f"second-look-{batch.pk}-{max(each.reversal for each in records)}"
        done = "盖章后学时被冲销，正在复核"
        tell_each_unit(batch, records, done, _text, key=key)
        title = f"{batch}：{len(records)} 人{done}"
        # who may revoke the stamped result
        deciders = reviewers(batch) if batch.path == Path.TEACHER else approvers()
        notify(deciders, title, key=f"{key}-decide", text=_text(records), case=batch)
    return len(found)


@transaction.atomic
def tell_of_changes() -> int:
    """Tell who can take a batch back, and who keeps its seal, that hours changed before the stamp: once for each last
    entry. Returns the batches concerned."""
    waiting = counting_changes(Batch.objects.filter(state=Batch.State.DECIDED)).filter(changed__gt=0)
    found = list(waiting.select_related("unit", "authority").order_by("pk"))
    for batch in found:
        rows = changed_decided(batch)
        last = _looked_at(rows).order_by("-pk").first()
        names = first_of([row.person.name for row in rows], 20)
        text = f"{names}。撤回后按现有学时重新核对，此前不能用印"
        title = f"{batch}：{len(rows)} 人办理以后学时有变动，须重新核对"
        by = reviewers(batch) if batch.path == Path.TEACHER else handlers()
        notify([*by, *keepers(batch)], title, key=f"changed-{batch.pk}-{last.pk if last else 0}", text=text, case=batch)
    return len(found)


def _looked_at(rows: Sequence[AnnualRecord]) -> QuerySet[LedgerEntry]:
    """The entries of the years that these records look at (facts.newer_entry)."""
    first, last = F("person__records__first_year"), F("person__records__year")
    return LedgerEntry.objects.filter(person__records__in=rows, year__gte=first, year__lte=last)


def _text(rows: Sequence[AnnualRecord]) -> str:
    names = first_of([each.person.name for each in rows], 20)
    return f"{names}。复核期间，核验页对其验证单和本批花名册显示“复核中”"


# --- the second look --------------------------------------------------------------------------------------------------


def nothing_changed(context: Context) -> str | None:
    """A paper stands when what it says is what the ledger holds now; otherwise it is revoked and made anew."""
    record: AnnualRecord = context.case
    if not is_looked_at_again(record):
        return "盖章后没有冲销的学时，不需要复核"
    if context.ahead:
        return None
    people = list(Person.objects.filter(pk=record.person_id).prefetch_related(*PREFETCHED))
    found = years_of(people, record.year, rules_kept([record]))[record.person_id]
    printed = [found.facts[name] == record.facts.get(name) for name in ("sums", "trainings")]
    if all(printed) and found.verdict.outcome == record.verdict.get("outcome"):
        return None
    if printed[0]:
        return "现有的学习项目与文书所载不同，请撤销已盖章的结论，按现有学时重新办理"
    old, new = (sums.get("total", "0") for sums in (record.facts.get("sums", {}), found.sums))
    return f"现有学时与文书所载不同（合计 {old}，现为 {new}），请撤销已盖章的结论，按现有学时重新办理"


def confirm(context: Context) -> None:
    """Looked at again: what was reversed up to now is seen."""
    context.case.decided_at, context.case.decided_by_id = context.now, context.actor.pk
    years = {"year__gte": context.case.first_year, "year__lte": context.case.year}
    context.case.entries_seen = LedgerEntry.objects.filter(person=context.case.person_id, **years).count()

"""请审批人同意: a year that has not met the requirements and should pass as 一般 (notice 一(三)1: 一般不少于).

The counter asks with the reason that is to be printed; the approver, who is somebody else, lets it pass or not, and
whoever asked is told. What was asked of figures that have changed meanwhile is asked no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import is_same_person
from luojiang_ce.deadlines.owed import Asked, Owed, OwedDuty
from luojiang_ce.notices.services import notify
from luojiang_ce.once import once_per_row
from luojiang_ce.words import first_of
from luojiang_ce.workflow.case_kind import Context, Duty, Transition, Turn
from luojiang_ce.workflow.engine import as_namesake
from luojiang_ce.workflow.models import Event
from units.models import Account
from units.notify import approvers
from verification.batches.models import AnnualRecord, Batch
from verification.batches.who import COUNTER_APPROVER

ACT = "审批未达标人员"
ASK = "ask"
ASKED = AnnualRecord.State.ASKED


def waivers_asked(asked: Asked) -> Iterator[Owed]:
    """The batches in which the approver was asked to let somebody pass. One query."""
    rows = AnnualRecord.objects.filter(state=ASKED).select_related("person", "batch__unit").order_by("batch", "pk")
    for batch, group in groupby(rows, lambda row: row.batch):
        records = list(group)
        if batch is None:
            continue
        at = records[0].get_absolute_url() if len(records) == 1 else f"{address(batch)}?state={ASKED.value}"
        title = f"{ACT}：{batch}，{len(records)} 人"
        yield OwedDuty(Turn(COUNTER_APPROVER, ACT), batch, title, at, unit=batch.unit.short, note=records[0].reason)


WAIVERS = Duty(COUNTER_APPROVER, waivers_asked, clocked=False)


def address(batch: Batch) -> str:
    """The counter's page of a batch."""
    return reverse("batches:counter", args=[batch.pk])


# --- guards -----------------------------------------------------------------------------------------------------------


def not_who_asked(context: Context) -> str | None:
    """Whoever asks does not answer: two persons, not two accounts."""
    if not settings.FOUR_EYES or context.case.state != ASKED or context.actor.pk is None:
        return None
    who = _askers(context.data.get("batch") or context.case.batch).get(context.case.decided_by_id)
    if who is None or not is_same_person(who, context.actor):
        return None
    return "请示与审批须为两人，本件是您请示的，请另一位审批人办理" + as_namesake(who, context.actor)


@once_per_row
def _askers(batch: Batch) -> dict[int, Account]:
    """Who asked for somebody of the batch. One query."""
    who = batch.records.filter(state=ASKED).values_list("decided_by", flat=True)
    found: dict[int, Account] = Account.objects.in_bulk(who)
    return found


def as_it_was_seen(context: Context) -> str | None:
    """What was written while looking at figures that somebody has had reckoned anew since is not done with the new
    ones: `as_of` is the last reckoning that the page knew of."""
    as_of = context.data.get("as_of")
    if as_of is None:
        return None
    batch: Batch = context.data.get("batch") or context.case.batch
    if context.case.pk not in _recounted_since(batch, as_of):
        return None
    return "打开页面以后已按现有学时重新核算，请看过新的结果再办理"


def _recounted_since(batch: Batch, as_of: int) -> frozenset[int]:
    """The ids of the records whose figures have become others since that event. One query for a loaded batch."""
    known: dict[int, frozenset[int]] = batch.__dict__.setdefault("_recounted", {})
    if as_of not in known:
        events = reckonings_of(batch.pk).filter(pk__gt=as_of).values_list("data", flat=True)
        known[as_of] = frozenset(pk for data in events for pk in data.get("renewed", ()))
    return known[as_of]


def last_reckoning(batch: Batch) -> int:
    """The id of the event by which figures of the batch were last reckoned anew; 0 where they never were."""
    return reckonings_of(batch.pk).order_by("-pk").values_list("pk", flat=True).first() or 0


def reckonings_of(pk: Any) -> QuerySet[Event]:
    """The events by which figures of a batch (its id, or a reference to it) were reckoned anew."""
    return Event.objects.filter(case_type=Batch._meta.label_lower, case_id=pk, name="refrozen")


# --- who is told ------------------------------------------------------------------------------------------------------


def tell_alone(context: Context) -> None:
    """The question or the answer about one person; of many at once the counter tells (`tell_of`)."""
    if "batch" not in context.data:
        tell_of([context.case], context.transition, context.note)


def tell_of(rows: Sequence[AnnualRecord], step: Transition, note: str) -> None:
    """One notice for all of them: a question to the approvers, the answer to whoever asked. A title names nobody."""
    wanted = rows if step.name == ASK else [row for row in rows if row.state == ASKED]
    if not wanted:
        return
    batch, names = wanted[0].batch, first_of([row.person.name for row in wanted], 20)
    said = "未达标，请审批是否通过" if step.name == ASK else step.done
    people = approvers() if step.name == ASK else Account.objects.filter(pk__in=[row.decided_by_id for row in wanted])
    key = f"{step.name}-{wanted[0].pk}-{clock.now().isoformat()}"
    notify(people, f"{batch}：{len(wanted)} 人{said}", key=key, text=f"{names}：{note}", case=wanted[0].batch)

"""待补 past its date: the unit and the counter are told, once; what then comes is the bureau's setting (V6, V8).

Unset, the counter decides about each person. Set, the year is 不通过 that many working days later.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby

from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.notices.services import notify
from luojiang_ce.refusals import NotPossible
from luojiang_ce.words import first_of
from luojiang_ce.workdays.deadlines import (
    Deadline,
    DeadlineKind,
    Rules,
    is_in_time,
    the_day_itself,
    working_days_after,
)
from luojiang_ce.workdays.services import current_rules
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.engine import SYSTEM, fire_many
from units.notify import handlers
from verification.batches.letters import send
from verification.batches.models import AnnualRecord, Batch
from verification.batches.who import tell_each_unit

log = logging.getLogger(__name__)

SUPPLEMENT_DUE = DeadlineKind(
    "supplement", "补交材料", "通知 二(一)", the_day_itself("柜台要求在 {day} 以前补交材料"), public=False
)
NOT_BROUGHT = DeadlineKind(
    "not_brought",
    "逾期未补的处理",
    "区人社局设定",
    working_days_after("补齐期限", lambda settings: settings.supplement_days or 0),
    in_working_days=True,
    public=False,
    filed=False,
)


def brought_by(record: AnnualRecord, terms: Rules) -> Deadline | None:
    """By when the unit brings what is missing."""
    return terms.due(SUPPLEMENT_DUE, record.supplement_by) if record.supplement_by else None


def is_overdue(record: AnnualRecord) -> bool:
    """Has the day gone by without anything having been decided?"""
    return record.supplement_by is not None and record.supplement_by < clock.today()


def decided_by(record: AnnualRecord, terms: Rules) -> Deadline | None:
    """When it counts as 不通过 by itself; None where the bureau has set no days."""
    day = record.supplement_by
    return terms.due(NOT_BROUGHT, day) if day and terms.settings_on(day).supplement_days else None


def settle_supplements() -> int:
    """Tell once of what is overdue, and decide what the setting decides; of how many people. It may run late or twice
    with the same end."""
    overdue = AnnualRecord.objects.filter(state=AnnualRecord.State.SUPPLEMENT, supplement_by__lt=clock.today())
    rows = list(overdue.select_related("person", "batch__unit").order_by("batch", "supplement_by", "person__pinyin"))
    groups = groupby(rows, key=lambda row: (row.batch, row.supplement_by))
    return sum(_settled(batch, day, list(some)) for (batch, day), some in groups if batch and day)


def _settled(batch: Batch, day: date, rows: Sequence[AnnualRecord]) -> int:
    try:
        return _settle(batch, day, rows)
    except NotPossible as refused:  # somebody decided meanwhile; the next round looks again
        log.info("%s is looked at again: %s", batch.pk, refused)
        return 0


@transaction.atomic
def _settle(batch: Batch, day: date, rows: Sequence[AnnualRecord]) -> int:
    done, key = f"到 {full(day)} 没有补交材料", f"not-brought-{batch.pk}-{day.isoformat()}"
    tell_each_unit(batch, rows, done, _text, key=key)
    notify(handlers(), f"{batch}：{len(rows)} 人{done}", key=key, text=_text(rows), case=batch)
    ends = decided_by(rows[0], current_rules())
    if ends is None or is_in_time(ends, clock.now()):
        return 0
    note = f"要求在 {full(day)} 以前补交的材料没有补交"
    decided = fire_many(rows, "not_brought", actor=SYSTEM, note=note, data={"batch": batch})
    send(batch, rows, "not_brought", SYSTEM)
    return len(decided)


def _text(rows: Sequence[AnnualRecord]) -> str:
    return "\n".join(_lines(rows))


def _lines(rows: Sequence[AnnualRecord]) -> Iterator[str]:
    yield first_of([row.person.name for row in rows], len(rows))
    ends = decided_by(rows[0], current_rules())
    yield f"{ends.explanation}到期仍未补交的按不通过办理。" if ends else "请补交，或由区人社局柜台逐人办理。"

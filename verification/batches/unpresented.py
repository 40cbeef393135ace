"""Writing down who never came to the counter in the season, or was sent back and never filed again, and undoing it when
the last day moves (V8).

What is given up is derived from dates whenever it is asked (seasons.gone); these states are what it came to, written
late or twice with the same end.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q

from luojiang_ce import clock
from luojiang_ce.words import first_of
from luojiang_ce.workflow.engine import SYSTEM, fire, fire_many
from units.extensions.reading import current_terms
from units.models import Unit
from verification.batches.coming_back import bring_back, list_outside
from verification.batches.in_time import on_leave
from verification.batches.models import AnnualRecord, Batch
from verification.batches.season_days import last_days
from verification.batches.seasons import WAITING, end_of_season, gone, season_over, with_season
from verification.batches.who import tell_each_unit

State = AnnualRecord.State
GIVEN_UP = Q(state=State.GIVEN_UP, first_submitted_at__isnull=False)


def waiting_for_the_counter(year: int) -> set[int]:
    """The units of which a season that has an end, or had one, may have something to write: those that filed, and those
    of whoever was filed and is in no batch any more. Two queries at most."""
    given_up = AnnualRecord.objects.filter(GIVEN_UP, year=year).order_by().distinct()
    found = {pk for pair in given_up.values_list("unit", "batch__unit") for pk in pair if pk}
    if year in last_days():
        waiting = Q(state=Batch.State.SUBMITTED, records__state=State.FILED) | Q(state=Batch.State.RETURNED)
        found |= set(Batch.objects.filter(waiting, year=year).values_list("unit", flat=True))
    return found


def settle_season(unit: Unit, year: int) -> tuple[int, int]:
    """One unit's batches of a year: (people given up of those that wait for the counter, or to be filed again; people
    opened again of any). The caller holds their locks."""
    ours = Batch.objects.filter(unit=unit, year=year)
    has_given_up = Exists(AnnualRecord.objects.filter(GIVEN_UP, batch=OuterRef("pk")))
    rows = with_season(ours.filter(Q(state__in=WAITING) | has_given_up))
    found = list(rows.select_related("unit", "appointment__slot").order_by("pk"))
    return sum(map(_give_up, found)), sum(map(_open_again, found))


def _give_up(batch: Batch) -> int:
    """Nobody where the season goes on, or in a batch that is closed (seasons.gone)."""
    rows = list(batch.records.filter(pk__in=gone(batch)).select_related("person").order_by("person__pinyin", "pk"))
    if not rows:
        return 0
    if batch.state == Batch.State.RETURNED:
        return _give_up_unmended(batch, rows)
    fire_many(rows, "never_came", actor=SYSTEM)
    if not batch.records.exclude(state=State.GIVEN_UP).exists():
        fire(batch, "close_unpresented", actor=SYSTEM)
    _tell(batch, rows, "未到柜台，视同放弃")
    return len(rows)


def _give_up_unmended(batch: Batch, rows: list[AnnualRecord]) -> int:
    """Their records stay, in no batch: whoever is let in again is filed in a new one."""
    fire_many(rows, "give_up", actor=SYSTEM)
    AnnualRecord.objects.filter(pk__in=[row.pk for row in rows]).update(batch=None, mend_by=None)
    if not batch.records.filter(state=State.LISTED).exists():
        fire(batch, "close_unmended", actor=SYSTEM, note=f"{len(rows)} 人视同放弃")
    _tell(batch, rows, "退回后没有再报送，视同放弃")
    return len(rows)


def _open_again(batch: Batch) -> int:
    """Whose season goes on after all, or who turned out to have been on leave on its last day: with the batch, or where
    that is closed, outside it."""
    rows = list(batch.records.filter(GIVEN_UP).select_related("person").order_by("person__pinyin", "pk"))
    if (ends := season_over(batch)) and rows:
        excused = on_leave(ends.due, (row.person_id for row in rows))
        rows = [row for row in rows if row.person_id in excused]
    if not rows:
        return 0
    if batch.state in (Batch.State.SUBMITTED, Batch.State.NEVER_CAME):
        if batch.state == Batch.State.NEVER_CAME:
            fire(batch, "open_again", actor=SYSTEM)
        bring_back(rows, "present_again", actor=SYSTEM)
        _tell_again(batch, rows, "恢复到柜台办理")
        return len(rows)
    until = end_of_season(batch, current_terms())
    goes_on = until is not None and ends is None
    list_outside(rows, actor=SYSTEM, until=until.due if until and goes_on else None)
    _tell_again(batch, rows, "恢复验证权利，请另列一批报送")
    return len(rows)


def _tell_again(batch: Batch, rows: list[AnnualRecord], done: str) -> None:
    if season_over(batch):
        why = "在集中验证的最后一天经批准长期离岗（通知 二(三)2）。"
    else:
        ends = end_of_season(batch, current_terms())
        why = ends.explanation if ends else "集中验证的截止日现为未设定。"
    key = f"come-again-{batch.pk}-{clock.now().isoformat()}"
    tell_each_unit(batch, rows, done, lambda some: f"{first_of([row.person.name for row in some])}。{why}", key=key)


def _tell(batch: Batch, rows: list[AnnualRecord], done: str) -> None:
    ends = season_over(batch)
    why = f"{ends.explanation if ends else ''}有正当理由的，请区人社局审批人在个人页恢复。"
    key = f"never-came-{batch.pk}-{clock.now().isoformat()}"

    def text(some: Sequence[AnnualRecord]) -> str:
        return f"{first_of([row.person.name for row in some])}。{why}"

    tell_each_unit(batch, rows, done, text, key=key)

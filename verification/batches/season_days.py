"""The last day of each year at the counter, and by when who stands in no roster any more may be filed again (V8)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from luojiang_ce.once import once
from luojiang_ce.workdays.deadlines import Deadline, DeadlineKind, later, the_day_itself
from units.models import Unit
from units.terms import Terms

from .models import CounterSeason

ENDS = "未到柜台办理的视同放弃验证权利（通知 二(三)2）"
SEASON = DeadlineKind(
    "season",
    "集中验证",
    "通知 二(三)2",
    the_day_itself(f"集中验证到 {{day}} 为止，{ENDS}"),
    public=False,
    filed=False,
    extendable=True,
)
TAKEN_OUT = DeadlineKind(
    "taken_out",
    "移出后重报",
    "区人社局设定",
    the_day_itself("从退回的花名册移出的人，补正期到 {day} 为止"),
    public=False,
)


@once
def last_days() -> dict[int, date]:
    """The last day at the counter of each year for which one is set. One query."""
    rows = CounterSeason.objects.exclude(last_day=None).values_list("year", "last_day")
    return {year: day for year, day in rows if day}


def mends_until(mend_by: date | None, year: int, units: Iterable[Unit], terms: Terms) -> Deadline | None:
    """By when somebody who was filed and stands in no roster may be filed again: the day that was told when they were
    taken out (`mend_by`), or the end of the season for one of these units, whichever is later; None: no day counts."""
    until = terms.due(TAKEN_OUT, mend_by) if mend_by else None
    if last := last_days().get(year):
        for unit in units:
            until = later(until, terms.due_for(SEASON, last, unit, str(year)))
    return until

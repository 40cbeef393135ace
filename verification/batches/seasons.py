"""Until when a year is verified at the counter (V8): who was filed and never came by then gives the year up.

The last day is the bureau's, with notice; while it is unset no clock runs. Nobody gives a year up without having been
told three times: what came to the counter late (by an extension, out of a long review) has days of its own. What was
sent back and never filed again ends with the season too, as it is told from the end of its mending period on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.notices.services import notify
from luojiang_ce.once import once_per_row
from luojiang_ce.refusals import NotPossible
from luojiang_ce.versions import Standing
from luojiang_ce.workdays.deadlines import Deadline, DeadlineKind, is_in_time, later, working_days_after
from luojiang_ce.workdays.services import current_rules
from luojiang_ce.workdays.text import full_with_weekday, month_day
from luojiang_ce.workflow.changes import in_words, values_of
from luojiang_ce.workflow.events import record, returned_at
from luojiang_ce.workflow.models import Event
from units.extensions.reading import current_terms
from units.filed_case import mending
from units.lapses.reminding import STEPS_OF_UNIT
from units.models import Unit
from units.notify import clerks_of_units
from units.terms import Terms
from verification.batches.in_time import VERIFICATION, first_filing, on_leave
from verification.batches.models import AnnualRecord, Appointment, Batch, CounterSeason
from verification.batches.season_days import ENDS, SEASON, last_days

# Where batches wait for their unit, and how the rows stand that were filed.
WAITING: Mapping[str, str] = {
    Batch.State.SUBMITTED: AnnualRecord.State.FILED,
    Batch.State.RETURNED: AnnualRecord.State.LISTED,
}
# The first reminder goes out the day after it came.
WARNED_IN = max(STEPS_OF_UNIT) + 1
CAME_LATE = DeadlineKind(
    "season_late",
    "集中验证",
    "通知 二(三)2",
    working_days_after("送到柜台", lambda settings: WARNED_IN),
    in_working_days=True,
    public=False,
    filed=False,
)
ARRIVING = ("submit", "resubmit", "health_pass", "education_pass")
DECIDING = ("verify", "verify_unjudged", "waive", "ask", "supplement", "fail")
LAST_DAY, ARRIVED_AT = "_last_day", "_arrived_at"  # kept on loaded batches
UNSET = Standing(())


# --- one batch --------------------------------------------------------------------------------------------------------


def with_season(rows: Any) -> Any:
    """Batches that know the last day of their year and when they came to the counter, without a query of their own."""
    last = CounterSeason.objects.filter(year=OuterRef("year")).values("last_day")
    return rows.annotate(**{LAST_DAY: Subquery(last), ARRIVED_AT: Subquery(_arrivals(OuterRef("pk")))})


def last_day_of(batch: Batch) -> date | None:
    """The last day at the counter of the batch's year; None while it is unset."""
    found: date | None = batch.__dict__[LAST_DAY] if LAST_DAY in batch.__dict__ else last_days().get(batch.year)
    return found


def _arrivals(case_id: Any) -> QuerySet[Any, Any]:
    came = Event.objects.filter(case_type=Batch._meta.label_lower, case_id=case_id, name__in=ARRIVING)
    return came.order_by("-pk").values_list("at", flat=True)[:1]


def _arrived_at(batch: Batch) -> datetime | None:
    if ARRIVED_AT not in batch.__dict__:
        batch.__dict__[ARRIVED_AT] = _arrivals(batch.pk).first()
    found: datetime | None = batch.__dict__[ARRIVED_AT]
    return found


def end_of_season(batch: Batch, terms: Terms) -> Deadline | None:
    """By when the people of a batch that waits for the counter have to come; None while the bureau has set no day."""
    last = last_day_of(batch)
    if last is None:
        return None
    ends = later(mending_of(batch, terms), terms.due_for(SEASON, last, batch.unit, str(batch.year)))
    came = returned_at(batch) if batch.state == Batch.State.RETURNED else _arrived_at(batch)
    return later(ends, terms.due(CAME_LATE, clock.local(came).date())) if came else ends


def mending_of(batch: Batch, terms: Terms) -> Deadline | None:
    """By when a batch that was sent back is filed again; None for any other."""
    return mending(first_filing)(batch, terms) if batch.state == Batch.State.RETURNED else None


def may_be_mended(batch: Batch) -> bool:
    """The other side of it: the clock of mending counts, also where no season will end."""
    return not is_left_unmended(batch)


def is_left_unmended(batch: Batch) -> bool:
    """Was it sent back and not filed again in its mending period, and the season will end?"""
    mend = mending_of(batch, current_terms())
    return mend is not None and not is_in_time(mend, clock.now()) and last_day_of(batch) is not None


def still_to_come(batch: Batch, terms: Terms) -> Deadline | None:
    """The same as a clock: it stands still when the season is over, and whoever is left was excused or let in again."""
    ends = end_of_season(batch, terms)
    return ends if ends and is_in_time(ends, clock.now()) else None


def told_until(batch: Batch, terms: Terms) -> Deadline | None:
    """What somebody who is taken out of a batch that was sent back has to be filed again by: as long as those who stay
    in it, and no shorter than three reminders take. None for any other batch."""
    mends = mending_of(batch, terms)
    if mends is None:
        return None
    ends = end_of_season(batch, terms) or mends
    return later(ends, terms.due(CAME_LATE, clock.today())) if is_in_time(ends, clock.now()) else ends


@once_per_row
def season_over(batch: Batch) -> Deadline | None:
    """The end of the season, where it has gone by for this batch: it has no seat of today or later."""
    return over_at(batch, clock.now())


def over_at(batch: Batch, moment: datetime) -> Deadline | None:
    """The same at an (aware) moment."""
    ends = end_of_season(batch, current_terms())
    if ends is None or is_in_time(ends, moment):
        return None
    seat = batch.appointment
    if seat is None or seat.state != Appointment.State.BOOKED or seat.slot.date < clock.local(moment).date():
        return ends
    return None


@once_per_row
def gone(batch: Batch) -> frozenset[int]:
    """Whose year is given up because nobody came with it, or filed it again, by the ids of their records, whether or
    not it is written down yet: not who was on leave on the last day, nor whom the approver let in again since (notice
    二(三)2), nor whose decision was withdrawn: they had come. Two queries where the season is over, none before."""
    ends = season_over(batch)
    return gone_since(batch, ends) if ends else frozenset()


def gone_since(batch: Batch, ends: Deadline) -> frozenset[int]:
    """The same of a season that has ended then. Two queries."""
    if batch.state not in WAITING:
        return frozenset()
    decisions = Event.objects.filter(case_type=AnnualRecord._meta.label_lower, case_id=OuterRef("pk"))
    never_came = ~Exists(decisions.filter(name__in=DECIDING))
    waiting = batch.records.filter(never_came, state=WAITING[batch.state], first_submitted_at__isnull=False)
    rows = list(waiting.only("pk", "person_id", "restored_at"))
    excused = on_leave(ends.due, (row.person_id for row in rows))
    left = (row for row in rows if row.person_id not in excused)
    return frozenset(row.pk for row in left if not (row.restored_at and row.restored_at >= ends.closes))


# --- the bureau sets it -----------------------------------------------------------------------------------------------


def season_of(year: int) -> Standing:
    """The last day of a year as it stands with its document, and who set it; without values where it is 未设定."""
    row = CounterSeason.objects.filter(year=year).select_related("edited_by").first()
    return Standing((row.last_day, row.document), row.edited_by, row.edited_at) if row else UNSET


def problems(year: int, last_day: date | None) -> Iterator[str]:
    """Why this cannot be the last day: a rest day, before the year is filed, before the day that every unit was told,
    or too near for three reminders."""
    if last_day is None:
        return
    if (told := last_days().get(year)) and last_day < told:
        yield f"已告知各单位到 {full_with_weekday(told)} 为止，只能延后或改为未设定，不能提前"
    rules, today = current_rules(), clock.today()
    due = rules.due(VERIFICATION, year).due
    if not rules.calendar.is_working(last_day):
        yield f"{full_with_weekday(last_day)}是休息日，请选工作日"
    if last_day <= due:
        yield f"{year} 年度的报送期限是 {month_day(due)}，集中验证须在这以后结束"
    if (first := rules.due(CAME_LATE, today).due) > last_day:
        before = "、".join(map(str, STEPS_OF_UNIT))
        yield f"要提前 {before} 个工作日提醒各单位，最早只能定在 {full_with_weekday(first)}"


@transaction.atomic
def set_season(
    *, year: int, last_day: date | None, document: str, actor: Actor, version: int | None = None
) -> CounterSeason:
    """Set, move or unset (None) the last day at the counter for a year; every unit is told. Raises NotPossible, or
    Conflict where another day stands there than at `version`."""
    Unit.objects.select_for_update().filter(is_bureau=True).first()  # two approvers come one after the other
    season_of(year).must_be(version)
    if wrong := list(problems(year, last_day)):
        raise NotPossible(last_day=wrong)
    row = CounterSeason.objects.filter(year=year).first() or CounterSeason(year=year)
    before = values_of(row) if row.pk else {}
    row.last_day, row.document = last_day, document
    row.count_edit(actor)
    row.save()
    event = record(
        row, "season_set", actor=actor, note=in_words(row, before), data={"year": year, "last_day": last_day}
    )
    told = clerks_of_units(Unit.objects.filter(status=Unit.Status.ACTIVE).values("pk"))
    notify(told, said_of(row), key=f"season-{event.pk}", text=f"{ENDS}。依据：{document}")
    return row


def said_of(row: CounterSeason) -> str:
    """2025 年度集中验证到 2026年5月29日 周五 为止."""
    until = f"到 {full_with_weekday(row.last_day)} 为止" if row.last_day else "的截止日改为未设定"
    return f"{row.year} 年度集中验证{until}"

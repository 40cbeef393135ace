"""Whose turn it is with a batch at its authority and at the counter, until when, and who of it is left."""

from __future__ import annotations

from collections.abc import Sequence

from luojiang_ce import clock
from luojiang_ce.workdays.deadlines import Deadline, DeadlineKind, the_day_itself, working_days_after
from luojiang_ce.workdays.services import current_rules
from luojiang_ce.workdays.text import month_day
from units.filed_case import came_at
from units.terms import Terms
from verification.batches import seasons
from verification.batches.facts import to_recheck
from verification.batches.models import AnnualRecord, Appointment, Batch

R = AnnualRecord.State
RECHECK = "重新核对"

APPOINTED = DeadlineKind(
    "appointment",
    "预约办理",
    "通知 二(一)",
    the_day_itself("已预约 {day} 到区人社局柜台办理"),
    public=False,
    filed=False,
)

REVIEW = DeadlineKind(
    "review",
    "主管部门审核",
    "区人社局设定",
    working_days_after("送主管部门", lambda settings: settings.review_days or 0),
    in_working_days=True,
    public=False,
    filed=False,
)


def review_due(batch: Batch, terms: Terms) -> Deadline | None:
    """By when the authority has looked at it; None while the bureau has set no days."""
    came = came_at(batch)
    day = clock.local(came).date() if came else None
    return terms.due(REVIEW, day) if day and terms.settings_on(day).review_days else None


def since_when(batch: Batch) -> str:
    """Which way it goes, and how long it has been lying with the authority, whether or not a clock runs."""
    return "；".join(filter(None, (batch.get_path_display(), lying(batch))))


def lying(batch: Batch) -> str:
    """Since when it lies with its authority, and how many working days that is; nothing where it does not."""
    came = came_at(batch) if batch.state == Batch.State.IN_REVIEW else None
    if came is None:
        return ""
    day = clock.local(came).date()
    days = current_rules().calendar.working_days(day, clock.today())
    return f"{month_day(day)}送到" + (f"，已 {days} 个工作日" if days else "")


def what_to_recheck(batch: Batch) -> str:
    """Why no seal can be put: how many people have other hours than they were decided on."""
    return f"{to_recheck(batch)} 人办理以后学时有变动，不能用印；请撤回后按现有学时重新核对"


def settled(batch: Batch) -> int:
    """How many people of the batch are settled; counted with the rows of a list (`with_counts`)."""
    counted = batch.__dict__.get("settled")
    return sum(each in AnnualRecord.SETTLED for each, _ in batch.standings) if counted is None else int(counted)


def people_in(batch: Batch) -> int:
    """How many people stand in the batch; counted with the rows of a list (`with_counts`)."""
    return int(batch.__dict__["people"]) if "people" in batch.__dict__ else len(batch.standings)


def is_booked(batch: Batch) -> bool:
    return batch.appointment is not None and batch.appointment.state == Appointment.State.BOOKED


def is_served(batch: Batch) -> bool:
    """It is the day of the appointment or later, or the unit has come without one."""
    seat = batch.appointment if batch.has_seat else None
    return bool(settled(batch)) or (seat is not None and seat.slot.date <= clock.today())


def day_of_seat(batch: Batch, terms: Terms) -> Deadline | None:
    seat = batch.appointment if is_booked(batch) else None
    return terms.due(APPOINTED, seat.slot.date) if seat else None


def seat_or_season(batch: Batch, terms: Terms) -> Deadline | None:
    """The day that was booked; when it has gone by without anybody having come, the end of the season."""
    seat = day_of_seat(batch, terms)
    return seat if seat and seat.due >= clock.today() else seasons.still_to_come(batch, terms)


def when_and_where(batch: Batch) -> str:
    """What the unit is reminded of: the time and the place that were booked."""
    return f"到柜台办理：{batch}，{batch.appointment}，{batch.appointment.slot.place}"  # type: ignore[union-attr]


def some_are_left(batch: Batch) -> bool:
    """Some of it are settled, others have not come, and the season will end."""
    left = any(state == R.FILED for state, _ in batch.standings) if settled(batch) else False
    return left and not is_booked(batch) and seasons.last_day_of(batch) is not None


def who_is_left(batch: Batch) -> Sequence[str]:
    """Whose year is not dealt with at the counter, by name. One query."""
    rows = batch.records.filter(state=R.FILED).order_by("person__pinyin", "pk")
    return list(rows.values_list("person__name", flat=True))


def who_is_unmended(batch: Batch) -> Sequence[str]:
    """Who was filed and stands in a batch that was sent back, by name. One query."""
    rows = batch.records.filter(state=R.LISTED, first_submitted_at__isnull=False)
    return list(rows.order_by("person__pinyin", "pk").values_list("person__name", flat=True))


def left_unmended(batch: Batch) -> str:
    """What can still become of a batch whose days of mending are over."""
    if seasons.season_over(batch):
        return "集中验证已截止；截止日经批准长期离岗的人仍可补正报送"
    return "补正期已过，集中验证截止前仍可补正报送"


def progress(batch: Batch) -> str:
    """How many people, how many of them settled, and the seat."""
    seat = f"；{batch.appointment}" if batch.has_seat else ""
    return f"{people_in(batch)} 人，已办 {settled(batch)} 人{seat}"

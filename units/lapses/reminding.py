"""Reminders: ten, three and one working days before a last day, to whoever has to act (product.md S1).

One digest per person and day. A step whose day went by while the worker slept is written down as skipped: nobody gets
a stale reminder, and it can be seen afterwards who was not reminded, and why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from django.db import transaction
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.deadlines.owed import Asked, Owed, running
from luojiang_ce.notices.models import Kind
from luojiang_ce.notices.services import notify
from luojiang_ce.words import first_of
from luojiang_ce.workdays.calendar import Calendar
from luojiang_ce.workdays.deadlines import working_days_left
from luojiang_ce.workdays.services import terms_in_force
from luojiang_ce.workdays.text import full_with_weekday
from units.extensions.models import Reminder, ReminderDay
from units.models import Account
from units.notify import whose_turn

DAY = timedelta(days=1)
# Working days before the last day; the bureau's own clock is short.
STEPS_OF_UNIT, STEPS_OF_BUREAU = (10, 3, 1), (1,)
SHOWN = 20  # duties written out in one digest
NAMED = 60  # people written out with a duty


def remind() -> tuple[int, int]:
    """Send what is due today, write down what was missed since the last run; (people told, steps skipped).

    It is done once a day; where two workers begin at once, a digest and a step still exist once.
    """
    now = clock.now()
    today = clock.local(now).date()
    if ReminderDay.objects.filter(day=today).exists():
        return 0, 0
    asked = Asked(terms_in_force(), now)
    calendar, missed_days = asked.terms.calendar, list(_missed_days(today))
    # A rest day reminds nobody: then it is not even looked for who owes what.
    duties = running(asked) if any(map(calendar.is_working, (*missed_days, today))) else []
    ahead = [each for each in duties if not each.is_late(now)]
    with transaction.atomic():
        missed = [(day, step) for day in missed_days for step in _steps_on(duties, day, calendar)]
        skipped = [_row(duty, left, day, Reminder.State.SKIPPED) for day, (duty, left) in missed]
        Reminder.objects.bulk_create(skipped, ignore_conflicts=True)
        told = _send(list(_steps_on(ahead, today, calendar)), today)
        ReminderDay.objects.get_or_create(day=today)
    return told, len(skipped)


def _missed_days(today: date) -> Iterator[date]:
    """The days after the last run, before today; none when there was never a run."""
    last = ReminderDay.objects.filter(day__lt=today).order_by("-day").values_list("day", flat=True).first()
    day = last + DAY if last else today
    while day < today:
        yield day
        day += DAY


def _steps_on(running: Iterable[Owed], day: date, calendar: Calendar) -> Iterator[tuple[Owed, int]]:
    """The duties for which a step falls on this day, with the working days left. Rest days remind nobody."""
    if not calendar.is_working(day):
        return
    for duty in running:
        due = duty.clock.due
        left = working_days_left(calendar, day, due)
        if day <= due and left in (STEPS_OF_UNIT if duty.of_unit else STEPS_OF_BUREAU):
            yield duty, left


def _send(steps: list[tuple[Owed, int]], today: date) -> int:
    Reminder.objects.bulk_create(
        [_row(duty, left, today, Reminder.State.SENT) for duty, left in steps], ignore_conflicts=True
    )
    duties: dict[Account, list[tuple[Owed, int]]] = defaultdict(list)
    for (duty, left), accounts in zip(steps, whose_turn([duty for duty, _ in steps]), strict=True):
        for account in accounts:
            duties[account].append((duty, left))
    for account, own in duties.items():
        notify(
            [account],
            _title(own),
            key=f"reminder-{today.isoformat()}",
            text=_digest(own),
            url=reverse("deadlines:board"),
            kind=Kind.REMINDER,
            expires_at=clock.midnight_after(today),  # then it is stale
        )
    return len(duties)


def _row(duty: Owed, left: int, day: date, state: str) -> Reminder:
    return Reminder(
        key=duty.key, due=duty.clock.due, days_before=left, day=day, state=state, title=duty.public_title[:200]
    )


def _title(own: list[tuple[Owed, int]]) -> str:
    duty, left = own[0]
    return f"还剩 {left} 个工作日：{duty.public_title}" if len(own) == 1 else f"{len(own)} 件事快到期"


def _digest(own: list[tuple[Owed, int]]) -> str:
    lines = [
        f"{duty.title}：{full_with_weekday(duty.clock.due)} 截止，还剩 {left} 个工作日"
        + ("（暂定）" if duty.clock.provisional else "")
        + _named(duty.names)
        for duty, left in own[:SHOWN]
    ]
    return "\n".join([*lines, *([f"另有 {len(own) - SHOWN} 件，见首页"] if len(own) > SHOWN else [])])


def _named(names: Sequence[str]) -> str:
    """Whom a duty is about, how many and each by name: nobody gives a right up without having been told of."""
    return f"\n　　{len(names)} 人：{first_of(names, NAMED)}" if names else ""

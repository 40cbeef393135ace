"""Classes for which too few have enrolled: pointed out before they open, never cancelled by themselves (C7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import F

from luojiang_ce import clock
from luojiang_ce.notices.models import Kind
from luojiang_ce.notices.services import notify
from luojiang_ce.workdays.deadlines import working_days_left
from luojiang_ce.workdays.services import current_calendar
from luojiang_ce.workdays.text import full_with_weekday
from training.classes.models import ClassApplication
from units.notify import clerks_of, handlers

WORKING_DAYS_BEFORE = 3
AT_MOST = timedelta(days=31)  # three working days never span more


def remind_of_too_few() -> int:
    """Tell provider and bureau, from three working days before the opening on, once for each opening day; for how many
    classes it holds now. Repeating it tells nobody twice; where the worker slept, it is told later."""
    today, calendar = clock.today(), current_calendar()
    rows = ClassApplication.objects.filter(
        state=ClassApplication.State.APPROVED, opens_on__gt=today, opens_on__lte=today + AT_MOST
    )
    thin: Any = rows.with_places().filter(minimum__gt=F("taken")).select_related("unit")
    near = [c for c in thin if c.opens_on and working_days_left(calendar, today, c.opens_on) <= WORKING_DAYS_BEFORE]
    for each in near:
        _tell(each)
    return len(near)


def _tell(application: Any) -> None:
    notify(
        [*clerks_of(application.unit_id), *handlers()],
        f"{application.too_few(application.taken)}：{application}",
        key=f"class-{application.pk}-too-few-{application.opens_on.isoformat()}",
        text=f"{full_with_weekday(application.opens_on)}开班。施教机构可在开班前“取消办班”，系统不会自动取消。",
        case=application,
        kind=Kind.REMINDER,
        expires_at=clock.midnight_after(application.opens_on - timedelta(days=1)),
    )

"""What a class teacher still has to record, for the start page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access.roles import Role
from luojiang_ce.home.registry import Todo
from training.classes.models import ClassApplication

from .freezing import frozen
from .lists import ClassRow, class_rows

SHOWN = 20  # classes under way or just over of one unit


def half_days_to_record(account: Any) -> Iterator[Todo]:
    """Classes of the clerk's unit with half-days in which nobody has signed yet; as many queries for 20 as for one."""
    own = account.unit_ids(Role.UNIT_CLERK)
    if not own:
        return
    begun = ClassApplication.objects.filter(
        unit__in=own, state=ClassApplication.State.APPROVED, opens_on__lte=clock.today()
    )
    latest = list(begun.order_by("-opens_on")[:SHOWN])
    closed = frozen(latest)
    for row in class_rows([each for each in latest if each.pk not in closed]):
        if row.missing:
            yield _todo(row)


def _todo(row: ClassRow) -> Todo:
    return Todo(
        title=f"登记签到、签退：{row.application}",
        url=reverse("attendance:class", args=[row.application.pk]),
        note=f"{row.due} 个半日中有 {row.missing} 个还没有签到记录，缺签到或签退的半日不计学时",
        action_label="登记签到",
        meaning="turn",
    )

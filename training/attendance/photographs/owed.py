"""Photographs that were read and wait for somebody to confirm them: for the start page, since no clock runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from django.urls import reverse

from luojiang_ce.deadlines.owed import Asked, Owed, OwedDuty
from luojiang_ce.workflow.case_kind import Turn
from training.attendance.freezing import open_to_signs
from training.classes.models import ClassApplication
from units.access import FILER

from .models import Photograph

TO_CONFIRM = Turn(FILER, "确认签到表照片")


def photographs_to_confirm(asked: Asked) -> Iterator[Owed]:
    """The clerk's own classes with pages to confirm. One query."""
    if not asked.own or not asked.units:
        return
    classes = ClassApplication.objects.filter(unit__in=asked.units, state=ClassApplication.State.APPROVED)
    waiting = Photograph.objects.filter(stage=Photograph.Stage.READ, application__in=open_to_signs(classes))
    rows = waiting.select_related("application__unit").defer("found").order_by("application")
    for course, pages in Counter(row.application for row in rows).items():
        yield OwedDuty(
            TO_CONFIRM,
            course,
            f"确认签到表照片：{course}",
            reverse("photographs:class", args=[course.pk]),
            f"{course.pk}-photographs",
            unit=course.unit.short,
            note=f"{pages} 页已识别，确认以后才登记签到",
        )

"""Attendance as a kind of case: the sheets of half-days with their scans, and what a class still has to record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_PEOPLE
from luojiang_ce.deadlines.owed import Asked, Owed, OwedDuty
from luojiang_ce.files.materials import Material
from luojiang_ce.files.registry import FileRules
from luojiang_ce.home.registry import NavItem, Section
from luojiang_ce.uploads import places
from luojiang_ce.workflow.case_kind import CaseKind, Duty, Turn
from training.classes.models import ClassApplication, TimetableRow
from units.access import FILER

from .freezing import open_to_signs, reasons_against
from .models import SCAN, HalfDaySheet, Sign
from .photographs.owed import photographs_to_confirm
from .today import half_days_of_today, half_days_on

SCAN_MATERIAL = Material(SCAN, "签字的签到表", "打印签到表，学员签字后扫描或拍照", "一(五)3", takes=places.SCAN)
TO_RECORD = Turn(FILER, "登记签到")


def half_days_to_record(asked: Asked) -> Iterator[Owed]:
    """Classes of the clerk's units with counting half-days that are over, in which nobody has signed: for the start
    page, since no clock runs; the half-day that is on has its own line there. Two queries at most."""
    if not asked.own or not asked.units:
        return
    now = clock.local(asked.now)
    today, over = now.date(), Q(date__lt=now.date()) | Q(date=now.date(), ends_at__lte=now.time())
    signed = Sign.objects.valid().filter(
        enrolment__application=OuterRef("application"),
        enrolment__removed_at=None,
        date=OuterRef("date"),
        half_day=OuterRef("half_day"),
    )
    classes = ClassApplication.objects.filter(unit__in=asked.units, state=ClassApplication.State.APPROVED)
    lacking = TimetableRow.objects.filter(over, ~Exists(signed), counts=True, application__in=open_to_signs(classes))
    missing: dict[ClassApplication, set[tuple[date, str]]] = defaultdict(set)
    for row in lacking.select_related("application__unit").order_by("application__opens_on", "application"):
        missing[row.application].add((row.date, row.half_day))
    if any(day == today for half_days in missing.values() for day, _ in half_days):
        for course, half_day in half_days_on(asked):
            missing[course].discard((today, half_day))
    for course, half_days in ((course, half_days) for course, half_days in missing.items() if half_days):
        yield OwedDuty(
            TO_RECORD,
            course,
            f"登记签到、签退：{course}",
            reverse("attendance:class", args=[course.pk]),
            str(course.pk),
            unit=course.unit.short,
            note=f"{len(half_days)} 个半日还没有签到记录，缺签到或签退的半日不计学时",
        )


KIND = CaseKind(
    HalfDaySheet,
    duties=(
        Duty(FILER, half_days_of_today, clocked=False),
        Duty(FILER, half_days_to_record, clocked=False),
        Duty(FILER, photographs_to_confirm, clocked=False),
    ),
    files=FileRules(
        lambda sheet: (SCAN_MATERIAL,),
        lambda sheet, account: not reasons_against(sheet.application, [(sheet.date, sheet.half_day)], account),
    ),
    entries=(
        NavItem(
            "考勤",
            "clipboard-check",
            "attendance:list",
            READ_PEOPLE.roles,
            order=33,
            also=("phone",),
            group=Section.TRAINING,
        ),
    ),
    events={"signs_recorded": "登记", "signs_struck": "作废签到记录", "signs_corrected": "更正签到记录"},
)

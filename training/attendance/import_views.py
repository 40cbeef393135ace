"""Importing signs, and the template with the class's trainees."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from luojiang_ce.access.roles import Role
from luojiang_ce.access.rules import roles
from luojiang_ce.sheets.responses import workbook_response
from luojiang_ce.sheets.views import ImportViews
from training.attendance.importing import SIGNS_IMPORT, own_approved
from training.attendance.sheet import SIGNS
from training.attendance.timetable import slots_of_class
from training.choices import HalfDay

IMPORT = ImportViews(SIGNS_IMPORT, Role.UNIT_CLERK)


@roles(Role.UNIT_CLERK)
def template(request: HttpRequest, pk: int) -> HttpResponse:
    """A workbook with a row per half-day and trainee, times to be filled in."""
    account: Any = request.user
    application = get_object_or_404(own_approved(account), pk=pk)
    trainees = list(application.enrolments.present())
    rows: list[dict[str, Any]] = [
        {
            "name": trainee.name,
            "id_number": trainee.masked_id,
            "employer": trainee.employer,
            "date": slot.date,
            "half_day": HalfDay(slot.half_day).label,
        }
        for slot in slots_of_class(application)
        for trainee in trainees
        if not trainee.missed(slot.begins)
    ]
    return workbook_response(SIGNS, rows, f"签到签退登记表 {application}")

"""Attendance is read where its class is, and written by the clerks of the unit that holds it."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

from luojiang_ce import clock
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.access.matrix import CLERKS, DISTRICT_WIDE, OWN_UNIT, REVIEWERS, Row
from tests.luojiang_ce.sheets.imports import stage
from tests.training.factories import class_of, enrol
from training.attendance.importing import SIGNS_IMPORT
from training.attendance.platform_importing import PLATFORM_IMPORT
from training.classes.models import ClassApplication


def _class(district: District) -> ClassApplication:
    return class_of(district.unit, opens_on=clock.today() - timedelta(days=1))


def a_class(district: District) -> list[Any]:
    return [_class(district).pk]


def a_half_day(district: District) -> list[Any]:
    course = _class(district)
    return [course.pk, course.opens_on, "morning"]


def a_staged_import(district: District) -> list[Any]:
    course = _class(district)
    batch = stage(SIGNS_IMPORT, application=course, file=BytesIO(b"x"), name="x.csv", actor=district.owner)
    return [course.pk, batch.token]


def a_staged_import_with_a_wrong_row(district: District) -> list[Any]:
    course = _class(district)
    file = BytesIO("姓名,日期,签到时间\n没有此人,2026-05-11,08:00".encode())
    return [course.pk, stage(SIGNS_IMPORT, application=course, file=file, name="x.csv", actor=district.owner).token]


def a_remote_class(district: District) -> list[Any]:
    return [class_of(district.unit, opens_on=clock.today() - timedelta(days=1), form="remote").pk]


def a_staged_record(district: District) -> list[Any]:
    course = ClassApplication.objects.get(pk=a_remote_class(district)[0])
    file = BytesIO("姓名,是否通过\n没有此人,通过".encode())
    return [course.pk, stage(PLATFORM_IMPORT, application=course, file=file, name="x.csv", actor=district.owner).token]


def a_trainee(district: District) -> list[Any]:
    trainee = enrol(_class(district), person_in(district.neighbour_unit))
    return [trainee.application.pk, trainee.application.opens_on, "morning", trainee.pk]


ROWS = [
    Row("attendance:list", CLERKS | DISTRICT_WIDE | REVIEWERS),
    Row("attendance:class", OWN_UNIT | DISTRICT_WIDE, a_class),
    Row("attendance:half_day", OWN_UNIT | DISTRICT_WIDE, a_half_day),
    Row("attendance:half_day", OWN_UNIT, a_half_day, method="post", data={"do": "record"}, status=422),
    Row("attendance:sheet_pdf", OWN_UNIT | DISTRICT_WIDE, a_half_day),
    Row("attendance:all_sheets_pdf", OWN_UNIT | DISTRICT_WIDE, a_class),
    Row("attendance:template", OWN_UNIT, a_class),
    Row("attendance:import", OWN_UNIT, a_class),
    Row("attendance:import_preview", frozenset({"owner"}), a_staged_import),
    Row("attendance:import_returned", frozenset({"owner"}), a_staged_import_with_a_wrong_row),
    Row("attendance:platform_template", OWN_UNIT, a_remote_class),
    Row("attendance:platform", OWN_UNIT, a_remote_class),
    Row("attendance:platform_preview", frozenset({"owner"}), a_staged_record),
    Row("attendance:platform_returned", frozenset({"owner"}), a_staged_record),
    Row("attendance:scan", OWN_UNIT, a_half_day, method="post", status=302),
    Row("attendance:correct", OWN_UNIT | DISTRICT_WIDE, a_trainee),
    Row("attendance:correct", OWN_UNIT, a_trainee, method="post", data={"reason": "迟到"}, status=302),
]

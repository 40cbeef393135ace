"""Photographs of sheets are seen by the clerks of the unit that holds the class, and by nobody else."""

from __future__ import annotations

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.access.matrix import OWN_UNIT, Row
from tests.training.attendance.photographs.signed_sheets import DAY
from tests.training.factories import class_of, enrol
from training.attendance.photographs import services
from training.attendance.photographs.code import SheetCode
from training.attendance.photographs.models import Photograph
from training.attendance.photographs.proposals import Cell, Doubt, Ink, Reading


def a_class(district: District) -> list[Any]:
    return [_read(district).application.pk]


def a_photograph(district: District) -> list[Any]:
    return [_read(district).uid]


def _read(district: District) -> Photograph:
    """As the reader leaves it, without a picture of a sheet having to be made for every row."""
    course = class_of(district.unit, opens_on=DAY)
    trainees = [enrol(course, person_in(district.unit, name)) for name in ("温知故", "许明", "林静")]
    taken = services.take_in(application=course, uploads=[_picture()], actor=district.owner)
    assert taken.job
    code = SheetCode(course.pk, DAY, "morning", 1, 1, tuple(each.pk for each in trainees))
    cells = (Cell(Ink.SIGNED), Cell(Ink.EMPTY), Cell(Ink.DOUBTFUL, Doubt.STRUCK))
    row = course.photographs.get()
    services.keep_readings(row, [Reading(code=code.printed, rows=tuple({"in": cell, "out": cell} for cell in cells))])
    return course.photographs.get()


def _picture() -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (60, 80), "white").save(out, format="JPEG")
    return SimpleUploadedFile("签到表.jpg", out.getvalue())


ROWS = [
    Row("photographs:class", OWN_UNIT, a_class),
    Row("photographs:class", OWN_UNIT, a_class, method="post", status=302),
    Row("photographs:photograph", OWN_UNIT, a_photograph),
    Row("photographs:photograph", OWN_UNIT, a_photograph, method="post", data={"do": "submit"}, status=422),
    Row("photographs:picture", OWN_UNIT, a_photograph),
    Row("photographs:discard", OWN_UNIT, a_photograph, method="post", status=302),
]

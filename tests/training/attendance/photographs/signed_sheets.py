"""Sheets of classes in the database, printed, signed and photographed; and their way into the system."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from luojiang_ce.jobs.services import sweep
from luojiang_ce.papers.rendering import render_joined
from tests.conftest import District
from tests.factories import person_in
from tests.training.attendance.photographs.drawing import Handed, Pen, as_jpeg, photographed, rasterised
from tests.training.factories import class_of, enrol
from training.attendance.photographs import services
from training.attendance.photographs.models import Photograph
from training.attendance.printing import sheets_of
from training.classes.models import ClassApplication, Enrolment

DAY = date(2026, 5, 11)
NAMES = ("温知故", "许明", "林静", "欧阳知远", "顾清和", "宁致远")
# What each of NAMES has in the cells for in and out.
DRAWN = (
    ("signature", "signature"),
    ("cursive", "empty"),
    ("tick", "tick"),
    ("empty", "empty"),
    ("struck", "signature"),
    ("dot", "signature"),
)


def a_class(
    district: District, names: Sequence[str] = NAMES, **kwargs: Any
) -> tuple[ClassApplication, list[Enrolment]]:
    """An approved class of one day of the district's unit with trainees of these names."""
    course = class_of(district.unit, **{"opens_on": DAY, "days": 1, **kwargs})
    return course, [enrol(course, person_in(district.unit, name)) for name in names]


def printed(course: ClassApplication, slot: str = f"{DAY}_morning", page: int = 1) -> Any:
    """A page of a half-day's sheet as it is printed today."""
    return rasterised(render_joined(sheets_of(course, {"slot": slot}), "签到表").content, page, dpi=300)


def signed(sheet: Any, drawn: Sequence[tuple[str, str]] = DRAWN, seed: int = 7) -> Handed:
    """The page with this in the cells of its first lines."""
    picture, chance = sheet.copy(), random.Random(seed)
    for row, whats in enumerate(drawn):
        pen = Pen(picture, chance)
        pen.width = max(pen.width, 0.4)
        for column, what in zip(("in", "out"), whats, strict=True):
            pen.draw(what, row, column)
    return Handed(picture)


def photograph(sheet: Handed, seed: int = 7, **how: Any) -> bytes:
    """A phone's photograph of it, packed as JPEG."""
    quiet = {"dpi": 170, "bend": 0.3, "blur": 0.04, "noise": 2.0, "quality": 85, **how}
    return as_jpeg(photographed(sheet, random.Random(seed), **quiet).picture)


def take_in(course: ClassApplication, actor: Any, *contents: bytes, name: str = "IMG_1.jpg") -> list[Photograph]:
    """Uploaded together, and read by the worker."""
    uploads = [SimpleUploadedFile(name, content) for content in contents]
    taken = services.take_in(application=course, uploads=uploads, actor=actor)
    assert list(taken.refused) == []
    sweep()
    return list(course.photographs.order_by("pk"))


def proposals(row: Photograph) -> Mapping[int, tuple[str, str]]:
    """What is proposed for in and out, by enrolment."""
    return {pk: (ink_in, ink_out) for pk, ink_in, _, ink_out, _ in row.found["lines"]}

"""Who gets into the pages of changes."""

from __future__ import annotations

from typing import Any

from tests.conftest import District
from tests.luojiang_ce.access.matrix import CASE_LISTS, CLERKS, OWN_UNIT, Row
from tests.training.classes.changes.factories import a_change, a_class


def approved(district: District) -> list[Any]:
    return [a_class(district).pk]


def drafted(district: District) -> list[Any]:
    return [a_change(district).pk]


def submitted(district: District) -> list[Any]:
    return [a_change(district, "submitted").pk]


def in_force(district: District) -> list[Any]:
    return [a_change(district, "approved").pk]


PAGES = ("edit", "move", "timetable")
ROWS = [
    Row("changes:list", CLERKS | CASE_LISTS),
    Row("changes:export", CLERKS | CASE_LISTS),
    Row("changes:new", OWN_UNIT, approved),
    Row("changes:classchange", OWN_UNIT, drafted),
    Row("changes:classchange", OWN_UNIT | CASE_LISTS, submitted),
    Row("changes:classchange", OWN_UNIT | CASE_LISTS, in_force),
    *(Row(f"changes:{page}", OWN_UNIT, drafted) for page in PAGES),
    *(Row(f"changes:{page}", OWN_UNIT, submitted, status=302) for page in PAGES),
    Row("changes:form_pdf", OWN_UNIT | CASE_LISTS, submitted),
]

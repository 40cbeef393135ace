"""Printed sign-in sheets of invented people, without a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from luojiang_ce.papers.printable import Printable
from training.attendance.photographs.code import SheetCode
from training.attendance.photographs.paper import sheet_pages

FIRST = 4711  # the id of the first enrolment
CODE = SheetCode(123, date(2026, 5, 11), "morning", 1, 1, ())


def pages_for(names: Sequence[str], head: Mapping[str, Any] | None = None, unit: str = "") -> list[Printable]:
    """The sheet of one half-day for people of these names."""
    people = [{"enrolment": FIRST + nth, "name": name, "unit": unit} for nth, name in enumerate(names)]
    return sheet_pages(head or {"training": "班"}, people, CODE)

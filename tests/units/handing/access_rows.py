"""Who gives cases to handlers by name, and hands over a desk."""

from __future__ import annotations

from typing import Any

from tests.conftest import District
from tests.luojiang_ce.access.matrix import BUREAU, NOBODY, Row
from tests.units.cases import leave_of
from units.models import Leave, Person


def a_filed_case(district: District) -> list[Any]:
    return [Leave._meta.label_lower, leave_of(district, "submitted").pk]


def a_draft(district: District) -> list[Any]:
    return [Leave._meta.label_lower, leave_of(district, "draft").pk]


def no_case_of_a_handler(district: District) -> list[Any]:
    return [Person._meta.label_lower, leave_of(district, "submitted").person_id]


ROWS = [
    Row("handing:give", BUREAU, a_filed_case),
    Row("handing:give", NOBODY, a_draft),
    Row("handing:give", NOBODY, no_case_of_a_handler),
    Row("handing:ticked", BUREAU, method="post", status=302),
    Row("handing:over", BUREAU),
]

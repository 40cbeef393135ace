"""What was published everybody reads; handlers write, the approver decides."""

from __future__ import annotations

from tests.conftest import District
from tests.luojiang_ce.access.matrix import BUREAU, EVERYONE, HANDLER, NOBODY, Row
from tests.units.interpretations.cases import interpretation_of


def drafted(district: District) -> list[int]:
    return [interpretation_of(district).pk]


def in_force(district: District) -> list[int]:
    return [interpretation_of(district, "in_force").pk]


ROWS = [
    Row("interpretations:notice", EVERYONE, public=True),
    Row("interpretations:list", EVERYONE),
    Row("interpretations:export", EVERYONE),
    Row("interpretations:begin", HANDLER),
    Row("interpretations:begin", HANDLER, method="post", status=422),
    Row("interpretations:interpretation", BUREAU, drafted),
    Row("interpretations:interpretation", EVERYONE, in_force),
    Row("interpretations:edit", HANDLER, drafted),
    Row("interpretations:edit", NOBODY, in_force),
]

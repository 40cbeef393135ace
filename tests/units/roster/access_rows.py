"""Who gets into the pages of a roster import: clerks, and each only into what that clerk uploaded."""

from __future__ import annotations

from uuid import UUID

from tests.conftest import District
from tests.luojiang_ce.access.matrix import CLERKS, Row
from tests.units.roster.rosters import number, person, preview_roster, workbook

UPLOADER = frozenset({"owner"})


def a_preview(district: District) -> list[UUID]:
    """An import of the owner with one new and one wrong row."""
    file = workbook(person(身份证号=number(91)), person(姓名=""))
    return [preview_roster(file=file, name="名单.xlsx", unit=district.unit, actor=district.owner).token]


ROWS = [
    Row("roster:upload", CLERKS),
    Row("roster:template", CLERKS),
    Row("roster:batch", UPLOADER, a_preview),
    Row("roster:returned", UPLOADER, a_preview),
    Row("roster:confirm", UPLOADER, a_preview, method="post", status=302),
    Row("roster:discard", UPLOADER, a_preview, method="post", status=302),
]

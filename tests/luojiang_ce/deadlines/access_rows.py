"""Who gets to the board of deadlines and the calendar feed."""

from __future__ import annotations

from luojiang_ce.deadlines.feed import renew
from tests.conftest import District
from tests.luojiang_ce.access.matrix import CASE_LISTS, CLERKS, EVERYONE, Row

READERS = CLERKS | CASE_LISTS


def a_token(district: District) -> list[str]:
    return [renew(district.owner)]


ROWS = [
    Row("deadlines:board", READERS),
    Row("deadlines:export", READERS),
    Row("deadlines:subscribe", EVERYONE),
    Row("deadlines:renew", EVERYONE, method="post"),
    Row("deadlines:revoke", EVERYONE, method="post", status=302),
    Row("deadlines:feed", EVERYONE, a_token, public=True),
    Row("deadlines:feed", EVERYONE, lambda district: ["guessed"], status=404, public=True),
]

"""Everybody who is signed in may ask how a deadline is counted."""

from tests.luojiang_ce.access.matrix import EVERYONE, Row

ROWS = [Row("workdays:explain", EVERYONE, data={"kind": "opening", "from": "2026-12-14"})]

"""The one page behind every action button: open to whoever may ever fire the transition on this case."""

from __future__ import annotations

from typing import Any

from tests.conftest import District
from tests.luojiang_ce.access.matrix import EVERYONE, NOBODY, OWN_UNIT, Row
from tests.units.cases import leave_of
from units.models import Leave


def _act(district: District, state: str, name: str) -> list[Any]:
    return [Leave._meta.label_lower, leave_of(district, state).pk, name]


def submitting(district: District) -> list[Any]:
    return _act(district, "draft", "submit")


def approving(district: District) -> list[Any]:
    return _act(district, "submitted", "approve")


def cancelling(district: District) -> list[Any]:
    return _act(district, "draft", "cancel")


def a_draft(district: District) -> list[Any]:
    return [Leave._meta.label_lower, leave_of(district, "draft").pk]


def filed(district: District) -> list[Any]:
    return [Leave._meta.label_lower, leave_of(district, "submitted").pk]


def something_unknown(district: District) -> list[Any]:
    return _act(district, "draft", "bury")


ROWS = [
    Row("workflow:act", OWN_UNIT, submitting),
    Row("workflow:act", OWN_UNIT, cancelling, method="post", data={"note": "重复申报"}, status=302),
    Row("workflow:act", frozenset({"approver"}), approving),
    Row("workflow:act", NOBODY, something_unknown),
    Row("workflow:delete_draft", OWN_UNIT, a_draft, method="post", status=302),
    Row("workflow:delete_draft", NOBODY, filed, method="post"),
    Row("workflow:undo", EVERYONE, method="post", status=302),
]

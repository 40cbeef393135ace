"""Receipts as a workbook: who has read, who has passed it on to how many, whom to call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.http import QueryDict

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role
from luojiang_ce.sheets.exports import ListExport, Told, register_export
from units.circulars.case import SENDER
from units.circulars.filters import ReceiptFilter
from units.circulars.models import Receipt
from units.models import Assignment

NO_CLERK = "无专办员"


def with_clerks(rows: Iterable[Receipt], account: Actor) -> list[Receipt]:
    """Receipts with `clerks`: by name for whoever keeps units or is their authority or the unit itself, else only
    whether there is one; and `may_remind`. One query for the clerks."""
    found = list(rows)
    held = Assignment.objects.current().filter(
        role=Role.UNIT_CLERK, account__is_active=True, unit__in={row.unit_id for row in found}
    )
    names: dict[int, list[str]] = defaultdict(list)
    for assignment in held.select_related("account"):
        names[assignment.unit_id].append(assignment.account.name)
    for row in found:
        who = names[row.unit_id]
        row.bare = not who  # type: ignore[attr-defined]
        row.clerks = NO_CLERK if not who else "、".join(who) if _knows_clerks(row, account) else "有"  # type: ignore[attr-defined]
    return found


def _knows_clerks(row: Receipt, account: Actor) -> bool:
    """A provider writes to the units of its trainees and learns of them no more than it knew."""
    return row.circular.about_id is None or not SENDER.test(account, row.circular)


def _dressed(rows: list[Any], query: QueryDict, account: Actor) -> list[Receipt]:
    return with_clerks(rows, account)


RECEIPTS = ListExport(
    "通知回执",
    lambda account: Receipt.objects.visible_to(account).select_related("circular__unit", "unit").order_by("-pk"),
    ReceiptFilter,
    (
        Told("通知", "circular.title", width=44),
        Told("文号", "circular.number", width=24),
        Told("发件单位", "circular.unit.name", width=30),
        Told("单位", "unit.name", width=36),
        Told("性质", "unit.get_nature_display", width=14),
        Told("专办员", "clerks", width=16),
        Told("单位电话", "unit.phone", width=16),
        Told("何日前传达", "circular.read_by", "date"),
        Told("回执", "stands", width=16),
        Told("何时读", lambda row: clock.day_of(row.read_at), "date"),
        Told("何时传达", lambda row: clock.day_of(row.passed_on_at), "date"),
        Told("传达人数", "passed_on_to", "integer", 10),
        Told("催办次数", "reminded", "integer", 10),
    ),
    _dressed,
)


def register() -> None:
    """Make the list known to luojiang_ce.sheets.exports."""
    register_export("circular_receipts", RECEIPTS)

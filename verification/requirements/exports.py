"""Whom a trial would change, as a workbook."""

from __future__ import annotations

from luojiang_ce.sheets.exports import ListExport, Told, register_export
from verification.requirements.filters import TrialFilter
from verification.requirements.models import TrialLine

CHANGED = ListExport(
    "规则试算",
    lambda account: TrialLine.objects.visible_to(account).select_related("unit", "person", "trial"),
    TrialFilter,
    (
        Told("试算什么", "trial.title", width=40),
        Told("年度", "trial.year", "number"),
        Told("单位", "unit.name", width=30),
        Told("姓名", "person.name", "name"),
        Told("证件号码", "person.masked_id", width=22),
        Told("现行规则", "get_before_display"),
        Told("按此规则", "get_after_display"),
    ),
)


def register() -> None:
    """Make the list known to luojiang_ce.sheets.exports."""
    register_export("rules_trial", CHANGED)

"""The list of changes as a workbook: the columns of its page, in words."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.sheets.exports import ListExport, Told, register_export

from .forms import ChangeFilter
from .lines import lines_of
from .models import ClassChange

CHANGES = ListExport(
    "培训班变更",
    lambda account: ClassChange.objects.visible_to(account).select_related("application", "unit").order_by("-pk"),
    ChangeFilter,
    (
        Told("编号", "number", width=18),
        Told("培训班", "application.title", width=40),
        Told("期次", "application.session", "integer", 8),
        Told("班的编号", "application.number", width=18),
        Told("施教机构", "unit.name", width=36),
        Told(
            "变更", lambda change: "；".join(line.said for line in lines_of(change.former, change.proposed)), width=60
        ),
        Told("理由", "reason", width=40),
        Told("首次报送", lambda change: clock.day_of(change.first_submitted_at), "date"),
        Told("同意", lambda change: clock.day_of(change.decided_at), "date"),
        Told("状态", "get_state_display", width=14),
    ),
)


def register() -> None:
    """Make the list known to luojiang_ce.sheets.exports."""
    register_export("class_changes", CHANGES)

"""What a suspended unit may not do: file anything, until the bureau resumes it (product.md U1).

One guard for every case type: looking, drafting, taking back and giving up stay possible, and so do the acts of those
who decide on what was filed before.
"""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.workflow.events import history
from luojiang_ce.workflow.table import Context
from units.models import Unit

SUSPENDED = "suspended"  # name of the event on the unit; its note is the reason


def not_suspended(context: Context) -> str | None:
    """Guard of every transition: names the suspension, its reason, and whom to ask."""
    if not context.transition.files:
        return None
    refused = why_not(context.case.unit, context.transition.label)
    return f"{refused}。已填的内容会保留" if refused else None


def why_not(unit: Unit, act: str) -> str | None:
    """Why the unit cannot do this now (verb and object, as on the button); None unless it is suspended."""
    if unit.status != Unit.Status.SUSPENDED:
        return None
    event = history(unit).filter(name=SUSPENDED).first()
    note = getattr(event, "note_row", None)
    since = f"{clock.local(event.at):%Y-%m-%d} 起，理由：{note.text if note else '未登记'}" if event else "理由未登记"
    return f"{unit.name}已被暂停（{since}），暂停期间不能{act}；如需恢复请联系区人社局促进就业和培训股"

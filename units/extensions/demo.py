"""Extensions of the demo district in every state, and the record of what was missed.

Everything is asked for and decided through the services and guards, by the duties that run on the day of the demo.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

from luojiang_ce import clock
from luojiang_ce.files.services import attach
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.deadlines import deadline_kind
from luojiang_ce.workflow.engine import fire
from units.demo import a_paper, account, clerk_of, season
from units.extensions import services
from units.extensions.models import Extension, Lapse
from units.lapses.lapsing import record_overdue
from units.models import Unit

# Whose first duty that is running or overdue, and the transitions its extension went through.
ASKED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("BXXX", ()),
    ("YLYY", ("submit",)),
    ("MLWS", ("submit", "return")),
    ("LJHR", ("submit", "check", "grant")),
    ("HSSL", ("submit", "check", "refuse")),
    ("WSJD", ("cancel",)),
)
RETURNED = {"items": [{"where": "证明材料", "wrong": "没有写明停电的日期", "mend": "附供电部门的通知"}]}
WHY_NOT = "理由不属于特殊情况"


def build() -> str:
    """Lapses and extensions; nothing where there are extensions already."""
    if Extension.objects.exists():
        return "演示延期和逾期已有，未改动"
    record_overdue()
    for code, steps in ASKED:
        _asked(Unit.objects.get(code=code), steps)
    _proposed()
    _confirmed()
    return f"{Extension.objects.count()} 件延期，{Lapse.objects.count()} 条逾期"


def _asked(unit: Unit, steps: tuple[str, ...]) -> None:
    clerk, case = clerk_of(unit), _asked_for(unit)
    if case is None:
        return
    if steps:
        attach(case=case, material="evidence", upload=a_paper("停电通知"), actor=clerk)
    actors = {"submit": clerk, "cancel": clerk, "return": account("handler"), "check": account("handler")}
    data: dict[str, dict[str, Any]] = {"return": RETURNED, "grant": {"due": case.asked_due, "document": ""}}
    for step in steps:
        note = WHY_NOT if step == "refuse" else ""
        fire(case, step, actor=actors.get(step, account("approver")), note=note, data=data.get(step, {}))


def _asked_for(unit: Unit) -> Extension | None:
    """The first of the unit's duties that two weeks more are possible for; near the end of a year there may be none."""
    for duty in services.duties_of(frozenset({unit.pk})):
        asked_due = max(duty.clock.due, clock.today()) + timedelta(days=15)
        facts: dict[str, Any] = {"duty": duty, "asked_due": asked_due, "reason": "办公楼停电检修，材料未能按时备齐"}
        with suppress(NotPossible):
            return services.ask_for(actor=clerk_of(unit), **facts)
    return None


def _proposed() -> None:
    """The bureau's own, for every township: awaits the approver."""
    whom = services.ForMany(deadline_kind("verification"), season(clock.today()), Unit.Nature.TOWNSHIP)
    asked_due = max(services.duties_of(None)[-1].clock.due, clock.today()) + timedelta(days=15)
    case = services.offer_many(
        whom=whom, asked_due=asked_due, reason="防汛应急期间", document="演示文件（虚构）", actor=account("handler")
    )
    fire(case, "propose", actor=account("handler"))


def _confirmed() -> None:
    """Of the classes whose recognition nobody asked for, one is decided, the others wait for the approver."""
    lapse = Lapse.objects.filter(state=Lapse.State.PROPOSED, unit__code="HSSL").first()
    if lapse:
        fire(lapse, "confirm", actor=account("approver"), note="逾期未申报，单位无正当理由")

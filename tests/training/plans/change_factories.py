"""Changes and withdrawals of published projects for tests, as units and officers make them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from luojiang_ce.files.services import attach
from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow.engine import fire
from tests.conftest import District
from tests.training.plans.factories import a_scan
from training.plans.changing import draft_of, put_into, save_change
from training.plans.models import PlanItem, ProjectChange

WITHDRAWAL, CHANGE = ProjectChange.What.WITHDRAWAL, ProjectChange.What.CHANGE
DECIDED: Mapping[str, Any] = {
    "decision": "局务会纪要〔2026〕9号",
    "decided_on": date(2026, 4, 1),
    "document_number": "泉洛政人社〔2026〕16号",
    "published_on": date(2026, 4, 2),
}


def asked(item: PlanItem, actor: Any, reason: str = "设备未到位", **values: str) -> ProjectChange:
    """A draft with its letter: a change of these values, or a withdrawal where there are none."""
    item = PlanItem.objects.select_related("unit", "plan", "batch").get(pk=item.pk)
    wanted = put_into(PlanItem.objects.select_related("plan").get(pk=item.pk), values) if values else None
    draft = draft_of(item, CHANGE if values else WITHDRAWAL, actor)
    change = save_change(change=draft, wanted=wanted, reason=reason, actor=actor)
    if not change.by_bureau:
        attach(case=change, material="letter", upload=a_scan(), actor=actor)
    return change


def prepared(item: PlanItem, district: District, **values: str) -> ProjectChange:
    """Asked for by the unit, with the decision's document, before the approver."""
    change = asked(item, district.owner, **values)
    fire(change, "submit", actor=district.owner)
    attach(case=change, material="decision", upload=a_scan(), actor=district.handler)
    fire(change, "check", actor=district.handler)
    return change


def decide(change: ProjectChange, actor: Any, note: str = "设备未到位，本年度不办", **data: Any) -> None:
    fire(change, "decide", actor=actor, note=note, data={**DECIDED, **data})


def the_document(item: PlanItem) -> Paper:
    """The document in force of the project's batch."""
    return Paper.objects.of(item.batch).standing().get()

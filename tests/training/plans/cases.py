"""How the walk through all workflows builds plans, items and batches."""

from __future__ import annotations

from datetime import date
from typing import Any

from luojiang_ce import clock
from luojiang_ce.files.services import attach
from tests.conftest import District
from tests.luojiang_ce.workflow.walk import Kind, returned_before
from tests.training.plans.change_factories import DECIDED, asked
from tests.training.plans.factories import a_batch, a_plan, a_scan, agreed_by_both, an_item, two_bodies, with_scheme
from training.plans.models import Plan, PlanBatch, PlanItem, ProjectChange

NEXT_YEAR = clock.today().year + 1  # whose deadline is still ahead


def plan_in(district: District, state: str) -> Plan:
    plan = a_plan(district.unit, NEXT_YEAR, state)
    listed = PlanItem.State.CHECKED if state == Plan.State.CHECKED else PlanItem.State.LISTED
    an_item(plan, listed)
    return plan


def filed(district: District, plan: Plan) -> None:
    with_scheme(plan, district.owner)


def item_in(district: District, state: str) -> PlanItem:
    plan = a_plan(district.unit, NEXT_YEAR, Plan.State.SUBMITTED)
    batch = a_batch(PlanBatch.State.CONSENTING) if state in ("batched", "published") else None
    number = "2026-JH-900" if state in ("published", "withdrawn") else None
    return an_item(plan, state, batch=batch, number=number)


def objecting_body(district: District, item: PlanItem) -> dict[str, Any]:
    return {"body": two_bodies()[0]}


def batch_in(district: District, state: str) -> PlanBatch:
    published = state == PlanBatch.State.PUBLISHED
    document = {"document_number": "泉洛政人社〔2026〕1号", "published_on": date(2026, 3, 20)} if published else {}
    batch = a_batch(state, **document)
    an_item(a_plan(district.unit, NEXT_YEAR, Plan.State.CHECKED), PlanItem.State.BATCHED, batch=batch)
    return batch


def both_agreed(district: District, batch: PlanBatch) -> dict[str, Any]:
    agreed_by_both(batch, district.handler)
    return {"document_number": "泉洛政人社〔2026〕15号", "published_on": date(2026, 3, 20)}


def corrected(district: District, batch: PlanBatch) -> dict[str, Any]:
    return {"document_number": "泉洛政人社〔2026〕16号", "published_on": date(2026, 3, 21)}


def to_another_place(district: District, item: PlanItem) -> dict[str, Any]:
    return {"change": asked(item, district.owner, place="区党校").pk}


def change_in(district: District, state: str) -> ProjectChange:
    """A withdrawal; where the bureau proposes it, `by_bureau` is said by whoever makes it ready."""
    batch = a_batch(PlanBatch.State.PUBLISHED, document_number="泉洛政人社〔2026〕1号", published_on=date(2026, 3, 20))
    plan = a_plan(district.unit, NEXT_YEAR, Plan.State.CHECKED, first_submitted_at=clock.now())
    item = an_item(plan, PlanItem.State.PUBLISHED, batch=batch, number="2026-JH-900")
    filed = None if state == ProjectChange.State.DRAFT else clock.now()
    decided = {**DECIDED} if state == ProjectChange.State.DECIDED else {}
    facts = {"what": ProjectChange.What.WITHDRAWAL, "state": state, "created_by": district.owner, "reason": "不办"}
    return ProjectChange.objects.create(
        unit=district.unit, item=item, batch=batch, first_submitted_at=filed, submitted_at=filed, **facts, **decided
    )


def with_letter(district: District, change: ProjectChange) -> None:
    attach(case=change, material="letter", upload=a_scan(), actor=district.owner)


def by_bureau(district: District, change: ProjectChange) -> None:
    ProjectChange.objects.filter(pk=change.pk).update(by_bureau=True)
    change.refresh_from_db()


def decided(district: District, change: ProjectChange) -> dict[str, Any]:
    with_letter(district, change)
    attach(case=change, material="decision", upload=a_scan(), actor=district.handler)
    return {**DECIDED}


KINDS = [
    Kind(Plan, plan_in, ready={"submit": filed, "resubmit": filed, "allow_return": returned_before}),
    Kind(PlanItem, item_in, ready={"strike": objecting_body, "change": to_another_place}),
    Kind(PlanBatch, batch_in, ready={"publish": both_agreed, "republish": corrected, "amend": corrected}),
    Kind(
        ProjectChange,
        change_in,
        ready={
            "submit": with_letter,
            "resubmit": with_letter,
            "allow_return": returned_before,
            "propose": by_bureau,
            "drop": by_bureau,
            "decide": decided,
        },
    ),
]

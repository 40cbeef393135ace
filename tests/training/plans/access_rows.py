"""Who gets into the pages of plans."""

from __future__ import annotations

from datetime import date
from typing import Any

from luojiang_ce import clock
from luojiang_ce.workflow.engine import fire
from tests.conftest import District
from tests.luojiang_ce.access.matrix import (
    BUREAU,
    CASE_LISTS,
    CLERKS,
    DISTRICT_CASES,
    EVERYONE,
    HANDLER,
    NOBODY,
    OWN_UNIT,
    Row,
)
from tests.luojiang_ce.sheets.imports import stage
from tests.training.plans.change_factories import asked
from tests.training.plans.factories import a_batch, a_plan, an_item, answers_on_line, two_bodies
from tests.training.plans.sheets import FIRST, SECOND, filled
from training.plans.importing import FORM1_IMPORT
from training.plans.models import Plan, PlanBatch, PlanItem, ProjectChange


def draft(district: District) -> list[int]:
    return [a_plan(district.unit).pk]


def previewed(district: District) -> list[Any]:
    plan = a_plan(district.unit)
    batch = stage(FORM1_IMPORT, application=plan, file=filled(FIRST, SECOND), name="附件1.xlsx", actor=district.owner)
    return [plan.pk, batch.token]


def with_wrong_rows(district: District) -> list[Any]:
    plan = a_plan(district.unit)
    wrong = [*SECOND[:9], "六月上旬", *SECOND[10:]]
    batch = stage(FORM1_IMPORT, application=plan, file=filled(FIRST, wrong), name="附件1.xlsx", actor=district.owner)
    return [plan.pk, batch.token]


def submitted(district: District) -> list[int]:
    return [a_plan(district.unit, state=Plan.State.SUBMITTED, first_submitted_at=clock.now()).pk]


def filed_rows(district: District) -> list[int]:
    """A class that charges without an approval, and another at the same place."""
    plan = a_plan(district.unit, state=Plan.State.SUBMITTED, first_submitted_at=clock.now())
    an_item(plan, charges=True, lecturers="沈听澜")
    an_item(plan, position=2, title="快检技术班", days=4)
    return [plan.pk]


def draft_row(district: District) -> list[int]:
    plan = a_plan(district.unit)
    return [plan.pk, an_item(plan).pk]


def filed_item(district: District) -> list[int]:
    plan = a_plan(district.unit, state=Plan.State.CHECKED, first_submitted_at=clock.now())
    return [an_item(plan, PlanItem.State.CHECKED).pk]


def gathering(district: District) -> list[int]:
    return [a_batch().pk]


def gathered(district: District) -> list[int]:
    batch = a_batch()
    plan = a_plan(district.unit, state=Plan.State.CHECKED, first_submitted_at=clock.now())
    return [batch.pk, an_item(plan, PlanItem.State.BATCHED, batch=batch).pk]


def under_consent(district: District) -> list[int]:
    return [a_batch(PlanBatch.State.CONSENTING).pk, two_bodies()[0].pk]


def project(district: District) -> list[int]:
    plan = a_plan(district.unit, state=Plan.State.CHECKED, first_submitted_at=clock.now())
    batch = a_batch(PlanBatch.State.PUBLISHED, document_number="泉洛政人社〔2026〕1号", published_on=date(2026, 3, 20))
    return [an_item(plan, PlanItem.State.PUBLISHED, batch=batch, number="2026-JH-001").pk]


def drafted_change(district: District) -> list[int]:
    return [asked(PlanItem.objects.get(pk=project(district)[0]), district.owner, place="区党校").pk]


def filed_change(district: District) -> list[int]:
    change = ProjectChange.objects.get(pk=drafted_change(district)[0])
    fire(change, "submit", actor=district.owner)
    return [change.pk]


def before_an_officer(district: District) -> list[int]:
    batch = a_batch(PlanBatch.State.CONSENTING)
    an_item(a_plan(district.unit, state=Plan.State.CHECKED), PlanItem.State.BATCHED, batch=batch)
    return [batch.pk, answers_on_line(two_bodies()[0], district.bureau).pk]


def before_other_officers(district: District) -> list[int]:
    return [before_an_officer(district)[0], answers_on_line(two_bodies()[1], district.health).pk]


def a_body(district: District) -> list[int]:
    return [two_bodies()[0].pk]


ROWS = [
    Row("plans:list", EVERYONE),
    Row("plans:items", EVERYONE),
    Row("plans:export", CLERKS | CASE_LISTS),
    Row("plans:export_items", CLERKS | CASE_LISTS),
    Row("plans:new", CLERKS),
    Row("plans:new", CLERKS, method="post", data={"year": clock.today().year}, status=302),
    Row("plans:supplement", frozenset({"approver"})),
    Row("plans:ask_supplement", CLERKS),
    Row("plans:ask_supplement", CLERKS, method="post", status=422),
    Row("plans:plan", OWN_UNIT, draft),
    Row("plans:plan", OWN_UNIT | DISTRICT_CASES, submitted),
    Row("plans:edit", OWN_UNIT, draft),
    Row("plans:sheet", OWN_UNIT | DISTRICT_CASES, submitted),
    Row("plans:pdf", OWN_UNIT | DISTRICT_CASES, submitted),
    Row("plans:template", CLERKS),
    Row("plans:import", OWN_UNIT, draft),
    Row("plans:import", OWN_UNIT, draft, method="post", status=422),
    Row("plans:import_preview", frozenset({"owner"}), previewed),
    Row("plans:import_returned", frozenset({"owner"}), with_wrong_rows),
    Row("plans:review", BUREAU, filed_rows),
    Row("plans:review_export", BUREAU),
    Row("plans:item_new", OWN_UNIT, draft),
    Row("plans:item_edit", OWN_UNIT, draft_row),
    Row("plans:item_delete", OWN_UNIT, draft_row, method="post", status=302),
    Row("plans:item", OWN_UNIT | DISTRICT_CASES, filed_item),
    Row("plans:change_item", OWN_UNIT | HANDLER, project),
    Row("plans:withdraw_item", OWN_UNIT | HANDLER, project),
    Row("plans:change_edit", OWN_UNIT, drafted_change),
    Row("plans:projectchange", OWN_UNIT, drafted_change),
    Row("plans:projectchange", OWN_UNIT | DISTRICT_CASES - {"keeper"}, filed_change),
    Row("plans:changes", CLERKS | CASE_LISTS),
    Row("plans:export_changes", CLERKS | CASE_LISTS),
    Row("plans:batches", EVERYONE),
    Row("plans:batch_open", HANDLER, lambda district: [2026], method="post", status=302),
    Row("plans:batch", DISTRICT_CASES, gathering),
    Row("plans:batch", DISTRICT_CASES | {"consent"}, lambda district: under_consent(district)[:1]),
    Row("plans:gather", HANDLER, gathering, method="post", status=302),
    Row("plans:drop", HANDLER, gathered, method="post", status=302),
    Row("plans:consent", HANDLER, under_consent),
    Row("plans:answer", frozenset({"consent"}), before_an_officer),
    Row("plans:answer", NOBODY, before_other_officers),
    Row("plans:bodies", BUREAU | {"consent"}),
    Row("plans:body_new", BUREAU),
    Row("plans:body_edit", BUREAU, a_body),
]

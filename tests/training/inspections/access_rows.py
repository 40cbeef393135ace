"""Who gets into the pages of spot checks: nobody of the unit before the visit is recorded."""

from __future__ import annotations

from typing import Any

from tests.conftest import District
from tests.luojiang_ce.access.matrix import BUREAU, CASE_LISTS, CLERKS, HANDLER, OWN_UNIT, Row
from tests.training.inspections.factories import a_finding, a_report, a_visit, posted, recorded
from training.inspections.services import declare_conflict

INSPECTOR = frozenset({"inspector"})


def visit(district: District) -> list[Any]:
    return [a_visit(district).pk]


def record(district: District) -> list[Any]:
    return [recorded(district, a_finding()).pk]


def of_nobody(district: District) -> list[Any]:
    return [a_visit(district, None, place="云海酒店 3 楼", event_name="技能提升班", provider_name="云海培训中心").pk]


def report(district: District) -> list[Any]:
    return [a_report(district).pk]


def conflict(district: District) -> list[Any]:
    facts = {"account": district.inspector, "unit": district.neighbour_unit, "reason": "近亲属在该单位工作"}
    return [declare_conflict(**facts, actor=district.handler).pk]


ROWS = [
    Row("inspections:list", CLERKS | CASE_LISTS | INSPECTOR),
    Row("inspections:export", CLERKS | CASE_LISTS | INSPECTOR),
    Row("inspections:new", HANDLER),
    Row("inspections:inspection", CASE_LISTS | INSPECTOR, visit),
    Row("inspections:inspection", CASE_LISTS | INSPECTOR | OWN_UNIT, record),
    Row("inspections:inspection", CASE_LISTS | INSPECTOR, of_nobody),
    Row("inspections:record_pdf", CASE_LISTS | INSPECTOR | OWN_UNIT, record),
    Row("inspections:edit", HANDLER, visit),
    Row("inspections:attach", HANDLER, of_nobody),
    Row("inspections:conflicts", BUREAU | INSPECTOR),
    Row("inspections:declare", HANDLER | INSPECTOR),
    Row("inspections:end_conflict", HANDLER, conflict, status=302, method="post"),
    Row("inspections:reports", BUREAU),
    Row("inspections:new_report", HANDLER),
    Row("inspections:report", BUREAU, report),
    Row("inspections:worker", INSPECTOR),
    Row("inspections:sheet", INSPECTOR, visit),
    Row("inspections:sheet", INSPECTOR, record, status=302),
    Row("inspections:sheet", INSPECTOR, visit, method="post", status=302, data=posted(action="save")),
    Row("inspections:standing", INSPECTOR, visit),
    Row("inspections:picture", INSPECTOR, visit, method="post", status=409),
]

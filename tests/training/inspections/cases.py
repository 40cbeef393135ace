"""How the walk through all workflows builds visits and reports."""

from __future__ import annotations

from luojiang_ce import clock
from tests.conftest import District
from tests.luojiang_ce.workflow.walk import Kind
from tests.training.inspections.factories import a_report, seen, sign, visit_in
from training.inspections.models import Finding, Inspection, OnSiteSheet, OutsideReport


def report_in(district: District, state: str) -> OutsideReport:
    report = a_report(district)
    OutsideReport.objects.filter(pk=report.pk).update(state=state)
    return OutsideReport.objects.get(pk=report.pk)


def whole_sheet(district: District, case: Inspection) -> None:
    """Signed and filled in."""
    sign(case, district.inspector)
    facts = {**seen().facts, "sent_at": clock.now(), "saved_by": district.inspector}
    OnSiteSheet.objects.create(inspection=case, **facts)


def with_finding(district: District, case: Inspection) -> None:
    Finding.objects.create(inspection=case, kind="unplanned", clause="通知 一(五)4", text="没有按课程表上课")


READY = {"record": whole_sheet, "take_up": with_finding}
KINDS = [Kind(Inspection, visit_in, ready=READY), Kind(OutsideReport, report_in)]

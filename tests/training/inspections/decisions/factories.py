"""Recorded inspections with a finding, and decisions on them in every state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from luojiang_ce import clock
from luojiang_ce.workflow.engine import fire
from tests.conftest import District
from tests.training.inspections.factories import second_inspector
from training.classes.models import ClassApplication, Enrolment
from training.half_days import SlotKey
from training.inspections.decisions import services
from training.inspections.decisions.models import Decision
from training.inspections.decisions.scope import Scope
from training.inspections.decisions.services import Said
from training.inspections.models import Finding, Inspection, OnSiteSheet

REASON = "签到由他人代签，当日没有上课"
WAY = ("tell", "waive", "propose", "decide")


def an_inspection(district: District, course: ClassApplication | None, *, day: date | None = None) -> Inspection:
    """A visit with a finding, taken up to be decided."""
    visit = Inspection.objects.create(
        state=Inspection.State.TO_DECIDE,
        number=f"2026-JC-{Inspection.objects.count() + 1:04d}",
        application=course,
        unit=course.unit if course else None,
        provider_name="" if course else "未登记的培训中心",
        event_name="" if course else "短期培训",
        place="区农业农村综合楼",
        planned_on=day or (course.opens_on if course else None) or clock.today(),
        planned_half_day="morning",
        recorded_at=clock.now(),
    )
    visit.inspectors.set([district.inspector, second_inspector(district)])
    half_day, now = visit.planned_half_day, clock.now()
    OnSiteSheet.objects.create(inspection=visit, visited_at=now, half_day=half_day, signer="顾清和", sent_at=now)
    Finding.objects.create(
        inspection=visit, kind=Finding.Kind.FALSE, clause="通知 一(五)4", text="46 人签到由 2 人代签"
    )
    return visit


def a_draft(
    district: District,
    course: ClassApplication | None,
    *,
    half_days: Sequence[SlotKey] = (),
    people: Sequence[Enrolment] = (),
    visit: Inspection | None = None,
    **said: Any,
) -> Decision:
    """A draft that takes these half-days of these people (none named: all), besides what is `said`."""
    visit = visit or an_inspection(district, course)
    values = {"criticised": True, "unrecognised": course is not None, "reason": REASON, **said}
    written = Said(findings=list(visit.findings.all()), scope=Scope(half_days, people), **values)
    return services.begin(inspection=visit, said=written, actor=district.handler)


def moved(district: District, case: Decision, *names: str, note: str = "按检查记录") -> Decision:
    """Moved along these steps, each by whom it belongs to."""
    who = {
        **dict.fromkeys(("answer", "waive"), district.owner),
        **dict.fromkeys(("decide", "refuse", "send_back", "withdraw", "uphold"), district.approver),
    }
    for name in names:
        case = Decision.objects.get(pk=case.pk)
        if name == "waive" and case.unit_id is None:
            name = "stay_silent"
        fire(case, name, actor=who.get(name, district.handler), note=note)
    return case


def decided(district: District, course: ClassApplication | None, **kwargs: Any) -> Decision:
    return moved(district, a_draft(district, course, **kwargs), *WAY)


def withdrawn(district: District, case: Decision) -> Decision:
    return moved(district, case, "propose_withdrawal", "withdraw", note="证据不足")

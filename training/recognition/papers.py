"""The numbered sheet of a recognition (学时认定表): per trainee half-days, hours or credits, result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from luojiang_ce import clock
from luojiang_ce.access.roles import Actor
from luojiang_ce.papers.form_pdf import OpinionBox, form_context
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.registry import PaperKind
from luojiang_ce.papers.services import request_paper
from luojiang_ce.workflow.events import history
from luojiang_ce.workflow.models import Event, EventNote
from units.models import Unit
from verification.terms import Subject

from .lines import PersonLine, frozen_line, totals_of
from .models import Recognition
from .sheets import head_of, period_of, sheet_of, sheet_rows


def build(paper: Paper) -> Mapping[str, Any]:
    """The sheet as it was decided; its rows may be long."""
    case = _case(paper)
    lines = _lines(case)
    form = sheet_of(case.application)
    return {
        **form_context(
            form,
            sheet_rows(lines),
            head={**head_of(case.application), "decision": case.get_state_display()},
            boxes=_boxes(case),
            empty="没有学员",
        ),
        "issuer": _issuer(),
        "totals": [(Subject(subject).label, amount) for subject, amount in totals_of(lines).items() if amount],
        "people": len(lines),
        "measure": case.application.get_measure_display(),
    }


def public_facts(paper: Paper) -> list[tuple[str, object]]:
    """What anyone may see who checks the sheet: no names."""
    case = _case(paper)
    lines = _lines(case)
    earning = sum(bool(line.by_year) for line in lines)
    return [
        ("培训班", str(case.application)),
        ("施教机构", case.unit.name),
        ("培训时间", period_of(case.application)),
        ("认定结论", case.get_state_display()),
        ("认定人数", f"{earning} 人（学员 {len(lines)} 人）"),
    ]


SHEET = PaperKind(
    key="recognition_sheet",
    title="学时认定表",
    case_model=Recognition,
    template="training_recognition/print/sheet.html",
    version="1",
    build=build,
    public_facts=public_facts,
    style="form",
    number_format="洛人社学认〔{year}〕{seq:04d}号",
)


def request_sheet(recognition: Recognition, actor: Actor) -> Paper:
    """Ask for the sheet; the worker renders it."""
    title = sheet_of(recognition.application).title.removeprefix("洛江区专业技术人员继续教育")
    return request_paper(SHEET.key, recognition, actor=actor, title=title, reason=title)


def _case(paper: Paper) -> Recognition:
    return Recognition.objects.select_related("unit", "application__unit").get(pk=paper.case_id)


def _lines(case: Recognition) -> list[PersonLine]:
    outcomes = case.outcomes.select_related("enrolment").order_by("enrolment_id")
    return [frozen_line(outcome) for outcome in outcomes]


def _boxes(case: Recognition) -> list[OpinionBox]:
    """Who checked and who decided, never one person (product.md: four eyes), each with what they wrote."""
    steps = {event.name: event for event in reversed(history(case))}
    decided = next((steps[name] for name in ("recognise", "recognise_partly") if name in steps), None)
    return [
        _box("区人社局经办审核意见", "审核通过", steps.get("check")),
        _box("区人社局审批意见", case.get_state_display(), decided),
    ]


def _box(title: str, said: str, event: Event | None) -> OpinionBox:
    if event is None:
        return OpinionBox(title)
    note = EventNote.objects.filter(event=event).values_list("text", flat=True).first()
    signer = event.actor.name if event.actor else ""
    return OpinionBox(title, f"{said}。{note}" if note else said, signer, clock.local(event.at).date())


def _issuer() -> str:
    bureau = Unit.objects.filter(is_bureau=True).first()
    return bureau.name if bureau else ""

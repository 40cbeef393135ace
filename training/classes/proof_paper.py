"""The proof of what a lecturer taught in a year (授课证明), lesson by lesson."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Unpack

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.papers.form_pdf import OFFICIAL_WIDTH_MM, form_context
from luojiang_ce.papers.kinds import PaperKind
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.public import masked_name
from luojiang_ce.papers.services import Asked, request_paper
from luojiang_ce.sheets.definitions import Column, SheetForm
from luojiang_ce.workdays.text import full
from units.models import Unit
from units.seals import document_seal

from .models import TeachingProof
from .teaching import ZERO, TaughtYear, hours_by_year, in_year, lessons_in

LESSONS = SheetForm(
    code="授课证明",
    title="授课证明",
    columns=(
        Column("date", "日期", width=17, whole=True),
        Column("half_day", "时段", width=6),
        Column("title", "培训班", width=24),
        Column("course", "课程（专题）", width=22),
        Column("subject", "科目", width=6),
        Column("hours", "学时", kind="number", width=6),
    ),
)


def rows_of(case: TeachingProof) -> list[dict[str, Any]]:
    """The recognised lessons, a line each."""
    return [
        {
            "date": full(row.date),
            "half_day": row.get_half_day_display(),
            "title": str(row.application),
            "course": row.course,
            "subject": row.get_subject_display(),
            "hours": row.hours,
        }
        for row in lessons_in(case.lecturer, case.year)
    ]


def build(paper: Paper) -> Mapping[str, Any]:
    """Who taught how much, as it was recognised."""
    case = _of(paper)
    bureau = Unit.objects.bureau()
    return {
        "issuer": bureau.name if bureau else "",
        "case": case,
        "taught": in_year(case.lecturer, case.year),
        **form_context(LESSONS, rows_of(case), width_mm=OFFICIAL_WIDTH_MM),
    }


def facts(paper: Paper) -> list[tuple[str, object]]:
    """What anyone may see who checks it: the lecturer's name masked."""
    case = _of(paper)
    taught: TaughtYear = in_year(case.lecturer, case.year)
    return [
        ("授课教师", masked_name(case.lecturer.name)),
        ("年度", f"{case.year} 年"),
        ("经认定的授课", f"{taught.hours.normalize():f} 学时，{taught.classes} 个培训班"),
        ("施教机构", case.unit.name),
    ]


def outdated(papers: Sequence[Paper]) -> set[int]:
    """Of which of these was what they prove corrected since? Then somebody has to look again. Two queries."""
    cases = TeachingProof.objects.filter(pk__in=[paper.case_id for paper in papers]).exclude(hours=None)
    now = hours_by_year({case.lecturer_id for case in cases})
    changed = {case.pk for case in cases if case.hours != now.get((case.lecturer_id, case.year), ZERO)}
    return {paper.pk for paper in papers if paper.case_id in changed}


def _of(paper: Paper) -> TeachingProof:
    return TeachingProof.objects.select_related("unit", "lecturer").get(pk=paper.case_id)


def names_of(case: TeachingProof) -> Iterator[str]:
    """The lecturer, where and what was taught."""
    yield from (case.lecturer.name, case.lecturer.employer, case.lecturer.standing, case.unit.name)
    for row in lessons_in(case.lecturer, case.year):
        yield from (str(row.application), row.course)


PROOF = PaperKind(
    key="teaching_proof",
    title="授课证明",
    case_model=TeachingProof,
    template="training_classes/print/teaching_proof.html",
    version="5",
    build=build,
    public_facts=facts,
    style="official",
    number_format="洛人社授证〔{year}〕{seq}号",
    in_review=outdated,
    names=names_of,
)


def request_proof(case: TeachingProof, actor: Actor, **asked: Unpack[Asked]) -> Paper:
    """Ask for it, in the transaction of the approval; the worker numbers and renders it."""
    return request_paper(
        PROOF.key,
        case,
        actor=actor,
        seal=document_seal(clock.today()),
        reason="出具授课证明",
        approver=actor,
        applicant=case.unit.name,
        **asked,
    )

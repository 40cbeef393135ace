"""What a school enters into its teachers' booklets each year: content, hours and result, as the provider proves them.

notice 二(一): 培训机构…提供继续教育学习内容、学时和考核成绩的证明；教师任职学校…记入《福建省专业技术人员继续教育证书》.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from luojiang_ce import clock
from luojiang_ce.papers.form_pdf import OpinionBox, form_printable
from luojiang_ce.papers.printable import Printable
from luojiang_ce.papers.printouts import Args, Printout
from luojiang_ce.sheets.definitions import Column, HeadField, SheetForm
from luojiang_ce.workdays.text import full, span
from training.recognition.models import AssessmentResult, Recognition
from units.models import Employment, Person
from verification.ledger.models import LedgerEntry, LedgerQuerySet
from verification.requirements.display import said

OF_A_CLASS = Recognition._meta.label_lower


@dataclass(frozen=True)
class Line:
    """A line of the booklet: an entry of the ledger, and the result where the class had an assessment."""

    entry: Any
    unit: str
    result: str
    proved: bool  # by the provider: it comes from a class

    @property
    def days(self) -> str:
        return span(self.entry.date_from, self.entry.date_to)


def entries_of(account: Any) -> LedgerQuerySet:
    """What stands in the ledgers of the teachers at work whom the account sees."""
    seen = LedgerEntry.objects.visible_to(account).standing()
    working = Employment.objects.filter(ended_on=None).values("person")
    return seen.filter(person__category=Person.Category.TEACHER, person__in=working)


def lines_of(entries: Sequence[Any]) -> list[Line]:
    """The lines of these entries, in their order. Two queries."""
    results = _results(entries)
    units = dict(
        Person.objects.filter(pk__in={each.person_id for each in entries}, employments__ended_on=None)
        .order_by()
        .values_list("pk", "employments__unit__name")
    )
    return [
        Line(
            each,
            units.get(each.person_id) or "",
            results.get((each.source_id, each.person_id), "") if each.source_type == OF_A_CLASS else "",
            each.source_type == OF_A_CLASS,
        )
        for each in entries
    ]


def _results(entries: Iterable[Any]) -> dict[tuple[int, int], str]:
    """The results in words, by recognition and person: 合格 92.0."""
    sources = {each.source_id for each in entries if each.source_type == OF_A_CLASS}
    rows = AssessmentResult.objects.filter(enrolment__application__recognition__in=sources)
    found = rows.values_list("enrolment__application__recognition", "enrolment__person", "outcome", "score")
    labels = dict(AssessmentResult.Outcome.choices)
    return {(source, person): _in_words(labels[outcome], score) for source, person, outcome, score in found}


def _in_words(outcome: str, score: Decimal | None) -> str:
    return f"{outcome} {said(score)}" if score is not None else outcome


# --- the provider's proof ---------------------------------------------------------------------------------------------

PROOF = SheetForm(
    code="teacher_proof",
    title="中小学教师继续教育学习证明",
    head=(
        HeadField("name", "姓名"),
        HeadField("masked_id", "证件号码"),
        HeadField("employer", "任职学校"),
        HeadField("training", "培训名称"),
        HeadField("provider", "培训机构"),
        HeadField("amounts", "认定学时"),
        HeadField("result", "考核成绩"),
        HeadField("number", "学时认定编号"),
    ),
    columns=(
        Column("date", "日期", kind="date", width=14),
        Column("course", "学习内容", width=60),
        Column("hours", "课程学时", kind="number", width=10),
    ),
    foot=(HeadField("day", "打印日期"),),
)


def proof_of(entry: LedgerEntry, args: Args) -> list[Printable]:
    """What the provider proves of one teacher's class: content, hours and result, with room for its stamp."""
    recognition = Recognition.objects.select_related("application", "unit").get(pk=entry.source_id)
    posted = LedgerEntry.objects.of_source(recognition).standing().filter(person=entry.person_id)
    line = lines_of([entry])[0]
    head = {
        "name": entry.person.name,
        "masked_id": entry.person.masked_id,
        "employer": line.unit,
        "training": entry.title,
        "provider": recognition.unit.name,
        "amounts": "，".join(f"{each.year} 年度{each.get_subject_display()} {said(each.amount)}" for each in posted),
        "result": line.result or "本班没有考核",
        "number": recognition.number or "",
    }
    lessons = recognition.application.timetable.filter(counts=True).order_by("date", "starts_at")
    rows = [{"date": each.date, "course": each.course, "hours": each.hours} for each in lessons]
    boxes = [OpinionBox("培训机构证明"), OpinionBox("任职学校登记")]
    return [form_printable(PROOF, rows, head=head, foot={"day": full(clock.today())}, boxes=boxes)]


PROOF_PRINTED = Printout("cycles.proof", "教师学习证明", LedgerEntry, proof_of)

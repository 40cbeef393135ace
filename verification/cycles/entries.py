"""What a school enters into its teachers' booklets each year: content, hours and result, as the provider proves them.

notice 二(一): 培训机构…提供继续教育学习内容、学时和考核成绩的证明；教师任职学校…记入《福建省专业技术人员继续教育证书》.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet

from luojiang_ce import clock
from luojiang_ce.papers.form_pdf import OpinionBox, form_printable
from luojiang_ce.papers.printable import Printable
from luojiang_ce.papers.printouts import Args, Printout
from luojiang_ce.sheets.definitions import Column, HeadField, SheetForm
from luojiang_ce.workdays.text import full, span
from training.recognition.models import AssessmentResult, Recognition, RecognitionCorrection, Ruling
from training.recognition.person_line import PersonLine, frozen_line
from units.models import Employment, Person
from verification.choices import Measure, Subject
from verification.direct.models import DirectTraining
from verification.ledger.models import LedgerEntry, LedgerQuerySet
from verification.requirements.display import said

# What the hours of a class were posted from, and where its recognition is named there.
OF_A_CLASS: dict[str, QuerySet[Any]] = {
    Recognition._meta.label_lower: Recognition.objects.annotate(recognition_of=F("pk")),
    RecognitionCorrection._meta.label_lower: RecognitionCorrection.objects.annotate(recognition_of=F("recognition")),
    Ruling._meta.label_lower: Ruling.objects.annotate(recognition_of=F("application__recognition")),
}

PASSED = AssessmentResult.Outcome.PASSED.label


@dataclass(frozen=True)
class Line:
    """A line of the booklet: an entry of the ledger, and the result where there was an assessment."""

    entry: Any
    unit: str
    result: str
    proved: bool  # by the provider: it comes from a class
    called_up: bool = False  # by the bureau to its own training: the list of who passed is the proof (notice 二(二))

    @property
    def days(self) -> str:
        return span(self.entry.date_from, self.entry.date_to)


def entries_of(account: Any) -> LedgerQuerySet:
    """What stands in the ledgers of the teachers at work whom the account sees."""
    seen = LedgerEntry.objects.visible_to(account).standing()
    working = Employment.objects.filter(ended_on=None).values("person")
    return seen.filter(person__category=Person.Category.TEACHER, person__in=working)


def lines_of(entries: Sequence[Any]) -> list[Line]:
    """The lines of these entries, in their order. A bounded number of queries."""
    classes = classes_of(entries)
    results = _results(set(classes.values()))
    units = dict(
        Person.objects.filter(pk__in={each.person_id for each in entries}, employments__ended_on=None)
        .order_by()
        .values_list("pk", "employments__unit__name")
    )
    return [
        Line(
            each,
            units.get(each.person_id) or "",
            PASSED if _called_up(each) else results.get((classes.get(each.pk, 0), each.person_id), ""),
            each.pk in classes,
            _called_up(each),
        )
        for each in entries
    ]


def _called_up(entry: Any) -> bool:
    return bool(entry.source_type == DirectTraining._meta.label_lower)


def classes_of(entries: Sequence[Any]) -> dict[int, int]:
    """The recognition of the class (id) that each entry (id) comes from, be it posted by a correction or a ruling; what
    comes from no class is left out. One query for each kind of source among them."""
    found: dict[int, int] = {}
    for kind, rows in OF_A_CLASS.items():
        sources = {each.pk: each.source_id for each in entries if each.source_type == kind}
        known = dict(rows.filter(pk__in=set(sources.values())).values_list("pk", "recognition_of")) if sources else {}
        found |= {entry: known[source] for entry, source in sources.items() if known.get(source)}
    return found


def _results(recognitions: Iterable[int]) -> dict[tuple[int, int], str]:
    """The results in words, by recognition and person: 合格 92.0."""
    rows = AssessmentResult.objects.filter(enrolment__application__recognition__in=recognitions)
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
        HeadField("attended", "出勤"),
        HeadField("result", "考核成绩"),
        HeadField("number", "学时认定编号"),
    ),
    columns=(
        Column("date", "日期", kind="date", width=14),
        Column("half_day", "半日", width=8),
        Column("course", "学习内容", width=54),
        Column("hours", "认定学时", width=10),
    ),
    foot=(HeadField("decided", "说明"), HeadField("day", "打印日期")),
)


def proof_of(entry: LedgerEntry, args: Args) -> list[Printable]:
    """What the provider proves of one teacher's class: the half-days that were recognised, with what was taught in
    them, hours and result, and room for its stamp."""
    recognition = Recognition.objects.select_related("application", "unit").get(pk=classes_of([entry])[entry.pk])
    line = lines_of([entry])[0]
    found = _found_for(recognition, entry.person_id)
    measure = Measure(recognition.application.measure).label
    earned = [final for final in found.earned if final.amount]
    head = {
        "name": entry.person.name,
        "masked_id": entry.person.masked_id,
        "employer": line.unit,
        "training": entry.title,
        "provider": recognition.unit.name,
        "amounts": "，".join(
            f"{each.year} 年度{Subject(each.subject).label} {said(each.amount)} {measure}" for each in earned
        ),
        "attended": f"应到 {found.expected} 个半日，认定 {found.attended} 个半日",
        "result": line.result or "本班没有考核",
        "number": recognition.number or "",
    }
    foot = {"decided": found.remark or "无", "day": full(clock.today())}
    boxes = [OpinionBox("培训机构证明"), OpinionBox("任职学校登记")]
    return [form_printable(PROOF, _lessons(recognition, found), head=head, foot=foot, boxes=boxes)]


def _found_for(recognition: Recognition, person_id: int) -> PersonLine:
    """What recognition has found for a teacher of whom something stands in the ledger, with every correction."""
    outcome = recognition.outcomes.select_related("enrolment").filter(enrolment__person=person_id, posted=True).first()
    assert outcome is not None  # an entry of the class stands
    return frozen_line(outcome)


def _lessons(recognition: Recognition, found: PersonLine) -> list[dict[str, Any]]:
    """The lessons of the half-days that count for the teacher. Their hours are what was recognised; where the bureau
    has decided on an amount, or the class is one of credits, no lesson has an amount of its own."""
    counted = {(each.day, str(each.half_day)) for each in found.half_days if each.counted}
    decided = {(final.year, final.subject) for final in found.decided}
    in_hours = recognition.application.measure == Measure.HOURS
    rows = sorted(recognition.application.timetable.filter(counts=True), key=lambda each: (each.date, each.starts_at))
    return [
        {
            "date": each.date,
            "half_day": each.get_half_day_display(),
            "course": each.course,
            "hours": said(each.hours) if in_hours and (each.date.year, each.subject) not in decided else "见上",
        }
        for each in rows
        if (each.date, each.half_day) in counted
    ]


PROOF_PRINTED = Printout("cycles.proof", "教师学习证明", LedgerEntry, proof_of)

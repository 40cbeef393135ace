"""The papers and lists of a recognition, each defined once: 花名册, 学时认定表. Screen, workbook and paper follow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

from django.db.models import Prefetch

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.papers.form_pdf import OpinionBox, form_context, form_printable
from luojiang_ce.papers.kinds import PaperKind
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.printable import Printable
from luojiang_ce.papers.printouts import Args, Printout
from luojiang_ce.papers.services import request_paper, supersede
from luojiang_ce.sheets.definitions import Column, HeadField, SheetForm
from luojiang_ce.workdays.text import full, month_day
from luojiang_ce.workflow.events import history
from luojiang_ce.workflow.models import Event, EventNote
from training.classes.models import ClassApplication, Enrolment
from training.half_days import Why
from training.recognition.models import (
    CorrectionLine,
    Recognition,
    RecognitionCorrection,
    Ruled,
    Ruling,
    RulingLine,
)
from training.recognition.person_line import PersonLine, frozen_line, totals_of
from units.filed_case import filed_by
from units.models import Unit
from verification.choices import Measure, Subject

HEAD = (
    HeadField("training", "培训名称"),
    HeadField("number", "开班编号"),
    HeadField("provider", "施教机构"),
    HeadField("period", "培训时间"),
)

# notice 一(五)3: 报名通知，包括参加培训人员花名册
ROSTER = SheetForm(
    code="roster",
    title="洛江区专业技术人员继续教育参加培训人员花名册",
    sheet_name="花名册",
    head=(*HEAD, HeadField("count", "人数")),
    columns=(
        Column("name", "姓名", kind="name", width=10),
        Column("sex", "性别", width=5),
        Column("masked_id", "证件号码", width=22),
        Column("employer", "单位", width=34),
        Column("agreement", "所在单位意见", width=16),
        Column("note", "备注", width=12),
    ),
    foot=(HeadField("filler", "填报人"), HeadField("leader", "单位负责人"), HeadField("day", "日期")),
)


def _sheet(measure: str, *amounts: tuple[str, str]) -> SheetForm:
    return SheetForm(
        code="recognition",
        title=f"洛江区专业技术人员继续教育{measure}认定表",
        sheet_name=f"{measure}认定",
        orientation="landscape",
        head=(*HEAD, HeadField("decision", "认定结论")),
        columns=(
            Column("name", "姓名", kind="name", width=10),
            Column("masked_id", "证件号码", width=21),
            Column("employer", "单位", width=26),
            Column("expected", "应到半日", kind="integer", width=6),
            Column("attended", "实到半日", kind="integer", width=6),
            Column("year", "年度", width=7),
            *(Column(key, title, kind="number", width=7, group=f"认定{measure}") for key, title in amounts),
            Column("assessment", "考核结果", width=8),
            Column("note", "备注", width=24),
        ),
    )


HOURS_SHEET = _sheet("学时", ("public", "公共"), ("professional", "专业"))
CREDITS_SHEET = _sheet("学分", ("class_1", "Ⅰ类"), ("class_2", "Ⅱ类"), ("general_practice", "全科"))


def sheet_of(application: ClassApplication) -> SheetForm:
    """The recognition sheet in the measure of the class."""
    return CREDITS_SHEET if application.measure == Measure.CREDITS else HOURS_SHEET


def head_of(application: ClassApplication) -> dict[str, Any]:
    """What stands above every list of a class."""
    return {
        "training": str(application),
        "number": application.number or "",
        "provider": application.unit.name,
        "period": period_of(application),
    }


def period_of(application: ClassApplication) -> str:
    """2026年5月11日至5月12日"""
    first, last = application.opens_on, application.ends_on
    if first is None or last is None:
        return ""
    if first == last:
        return full(first)
    return f"{full(first)}至{month_day(last) if last.year == first.year else full(last)}"


def roster_rows(enrolments: Iterable[Enrolment]) -> list[Mapping[str, Any]]:
    """A row per trainee; ID numbers masked."""
    return [
        {
            "name": each.name,
            "sex": each.person.sex if each.person else "",
            "masked_id": each.masked_id,
            "employer": each.employer,
            "agreement": each.get_agreement_display() if each.unit_id else "非本区人员",
            "note": "补报" if each.late_reason else "",
        }
        for each in enrolments
    ]


def roster_of(case: Recognition) -> tuple[list[Mapping[str, Any]], dict[str, Any]]:
    """The rows of the roster, and the lines above and below them: who filed it and when, once it is filed."""
    trainees = list(case.application.enrolments.present().select_related("person"))
    filed = {"filler": filed_by(case), "day": clock.local(case.submitted_at).date() if case.submitted_at else None}
    return roster_rows(trainees), {**head_of(case.application), "count": len(trainees), **filed}


def roster_printed(case: Recognition, args: Args) -> list[Printable]:
    """The roster to be printed, stamped and scanned (notice 一(五)3)."""
    rows, lines = roster_of(case)
    return [form_printable(ROSTER, rows, head=lines, foot=lines)]


ROSTER_PRINTED = Printout("recognition.roster", "花名册", Recognition, roster_printed)


def sheet_rows(
    lines: Iterable[PersonLine], corrected: Mapping[int, list[str]] | None = None
) -> Iterator[Mapping[str, Any]]:
    """A row per trainee and year; who earns nothing has one row. `corrected`: what corrections say of whose half-days,
    by enrolment id."""
    for line in lines:
        said = "；".join(filter(None, [line.remark, *(corrected or {}).get(line.enrolment.pk, ())]))
        for number, (year, amounts) in enumerate(line.by_year.items() or (("", {}),)):
            yield {
                "name": line.enrolment.name,
                "masked_id": line.enrolment.masked_id,
                "employer": line.enrolment.employer,
                "expected": line.expected if number == 0 else None,
                "attended": line.attended if number == 0 else None,
                "year": str(year),
                **amounts,
                "assessment": line.assessment if number == 0 else "",
                "note": said if number == 0 else "",
            }


def build(paper: Paper) -> Mapping[str, Any]:
    """The sheet as it was decided; its rows may be long."""
    case = _case(paper)
    lines, corrections = _lines(case), changes_in_force(case)
    of_all, of_one = half_days_corrected(corrections)
    form = sheet_of(case.application)
    bureau = Unit.objects.bureau()
    return {
        **form_context(
            form,
            sheet_rows(lines, of_one),
            head={**head_of(case.application), "decision": conclusion_of(case, lines)},
            boxes=_boxes(case),
            empty="没有学员",
        ),
        "issuer": bureau.name if bureau else "",
        "totals": [(Subject(subject).label, amount) for subject, amount in totals_of(lines).items() if amount],
        "people": len(lines),
        "measure": case.application.get_measure_display(),
        "replaced": paper.replaces.number if paper.replaces else "",
        "corrections": [(row.number, clock.day_of(row.decided_at), row.reason) for row in corrections],
        "half_days": of_all,
    }


def changes_in_force(case: Recognition) -> list[RecognitionCorrection | Ruling]:
    """The corrections and rulings that hold with their lines, in the order of their decision. Four queries."""
    corrections = case.corrections.decided().filter(state=RecognitionCorrection.State.CORRECTED)
    rulings = Ruling.objects.in_force().filter(application=case.application_id)
    found = [
        *corrections.prefetch_related(Prefetch("lines", CorrectionLine.objects.select_related("enrolment", "person"))),
        *rulings.prefetch_related(Prefetch("lines", RulingLine.objects.select_related("enrolment"))),
    ]
    return sorted(found, key=attrgetter("decided_at"))


def half_days_corrected(
    corrections: Iterable[RecognitionCorrection | Ruling],
) -> tuple[list[str], dict[int, list[str]]]:
    """What corrections say of half-days with the reasons: of everybody's, and by enrolment id of one trainee's."""
    of_all: list[str] = []
    of_one: dict[int, list[str]] = defaultdict(list)
    for line in (line for row in corrections for line in row.lines.all() if line.kind != CorrectionLine.Kind.AMOUNT):
        said = of_one[line.enrolment_id] if line.enrolment_id else of_all
        said.append(f"{line.what}：{line.reason}")
    return of_all, of_one


def conclusion_of(case: Recognition, lines: Sequence[PersonLine]) -> str:
    """How the hours were decided; once corrected, what has become of them."""
    ruled = Ruled.objects.filter(ruling__application=case.application_id)
    if not case.corrections.decided().exists() and not ruled.exists():
        return case.get_state_display()
    if not any(line.by_year for line in lines):
        return "不予认定（更正后）"
    taken = any(each.why is Why.EXCLUDED for line in lines for each in line.half_days)
    reduced = any(final.amount < final.counted for line in lines for final in line.finals)
    return "部分认定（更正后）" if taken or reduced else "已认定（更正后）"


def public_facts(paper: Paper) -> list[tuple[str, object]]:
    """What anyone may see who checks the sheet: no names."""
    case = _case(paper)
    lines = _lines(case)
    earning = sum(bool(line.by_year) for line in lines)
    return [
        ("培训班", str(case.application)),
        ("施教机构", case.unit.name),
        ("培训时间", period_of(case.application)),
        ("认定结论", conclusion_of(case, lines)),
        ("认定人数", f"{earning} 人（学员 {len(lines)} 人）"),
    ]


def names_of(recognition: Recognition) -> Iterable[str]:
    """What the sheet prints: the class, the trainees, their employers."""
    trainees = recognition.application.enrolments.present()
    return [str(recognition.application), *(text for each in trainees for text in (each.name, each.employer))]


SHEET = PaperKind(
    key="recognition_sheet",
    title="学时认定表",
    case_model=Recognition,
    template="training_recognition/print/sheet.html",
    version="7",
    build=build,
    public_facts=public_facts,
    style="form",
    number_format="洛人社学认〔{year}〕{seq:04d}号",
    names=names_of,
)


def request_sheet(recognition: Recognition, actor: Actor, *, by_hand: str = "") -> Paper:
    """Ask for the sheet; the worker renders it."""
    title = _title(recognition)
    return request_paper(SHEET.key, recognition, actor=actor, title=title, reason=title, by_hand=by_hand)


def supersede_sheet(recognition: Recognition, actor: Actor, *, number: str, by_hand: str = "") -> Paper:
    """Ask for the sheet as it stands since the correction or decision of this number; the one before it is not valid
    any more, and the public check says so."""
    title = _title(recognition)
    why = f"所载学时已更正（{number}），以更正后的认定表为准"
    return supersede(
        SHEET.key, recognition, actor=actor, why=why, title=title, reason=f"{title}（更正）", by_hand=by_hand
    )


def _title(recognition: Recognition) -> str:
    return sheet_of(recognition.application).title.removeprefix("洛江区专业技术人员继续教育")


def _case(paper: Paper) -> Recognition:
    return Recognition.objects.select_related("unit", "application__unit").get(pk=paper.case_id)


def _lines(case: Recognition) -> list[PersonLine]:
    outcomes = case.outcomes.select_related("enrolment").order_by("enrolment_id")
    return [frozen_line(outcome) for outcome in outcomes]


def _boxes(case: Recognition) -> list[OpinionBox]:
    """Who checked and who decided, never one person (product.md: four eyes), each with what they wrote; of a corrected
    one who prepared and decided the last correction, or who decided the last ruling."""
    last = _last_change(case)
    if isinstance(last, Ruling):
        signer = last.decided_by.name if last.decided_by else ""
        said = "撤回监督检查处理决定，恢复学时" if last.undoes_id else "监督检查处理决定，学时不予认定"
        return [OpinionBox("区人社局审批意见", f"{said}（{last.number}）。", signer, clock.day_of(last.decided_at))]
    if last:
        steps = {event.name: event for event in reversed(history(last))}
        return [
            _box("区人社局经办更正意见", "核实，提请更正", steps.get("propose") or steps.get("check")),
            _box("区人社局审批意见", f"同意更正（{last.number}）", steps.get("correct")),
        ]
    steps = {event.name: event for event in reversed(history(case))}
    decided = next((steps[name] for name in ("recognise", "recognise_partly") if name in steps), None)
    return [
        _box("区人社局经办审核意见", "审核通过", steps.get("check")),
        _box("区人社局审批意见", case.get_state_display(), decided),
    ]


def _last_change(case: Recognition) -> RecognitionCorrection | Ruling | None:
    """What changed its hours last, since it was decided."""
    rulings = Ruling.objects.made().filter(application=case.application_id, changed__isnull=False)
    found = [each for each in (case.corrections.decided().last(), rulings.select_related("decided_by").last()) if each]
    return max(found, key=attrgetter("decided_at"), default=None)


def _box(title: str, said: str, event: Event | None) -> OpinionBox:
    if event is None:
        return OpinionBox(title)
    note = EventNote.objects.filter(event=event).values_list("text", flat=True).first()
    signer = event.actor.name if event.actor else ""
    return OpinionBox(title, f"{said}。{note}" if note else said, signer, clock.local(event.at).date())

"""What this app's papers say: 附件2 and 附件3 as PDF, and the notice that a class may open (准予开班通知)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role
from luojiang_ce.papers.dates import chinese_day
from luojiang_ce.papers.form_pdf import OpinionBox, form_printable
from luojiang_ce.papers.kinds import PaperKind
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.printable import Printable
from luojiang_ce.papers.printouts import Args, Printout
from luojiang_ce.papers.services import Asked, Options, request_paper, supersede
from luojiang_ce.sheets.across import shown
from luojiang_ce.workdays.deadlines import deadline_kind
from luojiang_ce.workdays.services import current_rules
from luojiang_ce.workflow.events import history
from luojiang_ce.workflow.models import Event
from units.models import Unit
from units.opinions.reading import box_of
from units.seals import document_seal

from . import form2, form3, timetable
from .changes.lines import brief
from .changes.models import ClassChange
from .facts import as_values, rows_of
from .models import ClassApplication

NOTICE_DOCUMENT = "泉洛政人社〔2017〕27号"
ORDINALS = "一二三四五六七八九"


def form2_pdf(application: ClassApplication, args: Args) -> list[Printable]:
    """附件2 with its boxes of opinions: what was decided so far, room for the rest."""
    table = rows_of(application)
    printable = form_printable(
        form2.FORM2,
        form2.lecturers(table),
        boxes=opinions(application, form2.amounts(application, table)),
        empty="课程表里还没有计学时的课程",
        template="training_classes/print/form2.html",
        facts=form2.facts(application, table),
    )
    return [printable]


def form3_pdf(application: ClassApplication, args: Args) -> list[Printable]:
    """附件3 with its sums."""
    table = rows_of(application)
    summed = timetable.sums(as_values(table))
    printable = form_printable(
        form3.FORM3,
        form3.rows(table),
        head=form3.head(application),
        foot=form3.foot(application, summed),
        empty="课程表还没有填",
    )
    return [printable]


FORM2_PRINTED = Printout("classes.form2", "附件2", ClassApplication, form2_pdf)
FORM3_PRINTED = Printout("classes.form3", "附件3", ClassApplication, form3_pdf)


State = ClassApplication.State
UNCHECKED = (State.DRAFT, State.SUBMITTED, State.RETURNED)
UNDECIDED = (*UNCHECKED, State.CHECKED)


def opinions(application: ClassApplication, applied: tuple[str, str]) -> list[OpinionBox]:
    """The boxes of 附件2 in their order, filled from the events of the case."""
    latest: dict[str, Event] = {}
    for event in history(application):
        latest.setdefault(event.name, event)
    filed = latest.get("resubmit") or latest.get("submit")
    boxes = [_box("申办单位意见", filed, "申请开班" if filed else "")]
    if authority := box_of(application):
        boxes.append(authority)
    checked = latest.get("check") if application.state not in UNCHECKED else None
    # What was allowed stays allowed on the form, though the class was cancelled or never held afterwards.
    decision = "refuse" if application.state == State.REFUSED else "approve"
    decided = latest.get(decision) if application.state not in UNDECIDED else None
    passed = f"（{scope_let_pass(application)}）" if application.scope_passed else ""
    approved = f"准予开班。核准{applied[1]}{passed}"
    said = "不予批准" if application.state == State.REFUSED else approved
    boxes.append(_box("区人社局承办股室意见", checked, "经审核，拟同意开班" if checked else ""))
    boxes.append(_box("区人社局意见", decided, said if decided else "核准学时 公共____ 专业____"))
    return boxes


def _box(title: str, event: Event | None, text: str) -> OpinionBox:
    if event is None:
        return OpinionBox(title, text)
    note = event.note_row.text if hasattr(event, "note_row") else ""
    signer = event.actor.name if event.actor else ""
    return OpinionBox(title, "\n".join(filter(None, (text, note))), signer, clock.local(event.at).date())


def scope_let_pass(application: ClassApplication) -> str:
    """notice 三2: that a class lies outside the approved scope and is allowed all the same, with the reason."""
    return f"超出核定培训资质（通知三2），经审批仍准予开班，原因：{application.scope_passed}"


def build_opening_notice(paper: Paper) -> Mapping[str, Any]:
    """The text of the notice, from the class as it was approved."""
    related = ClassApplication.objects.select_related("unit", "project__batch")
    application = related.get(pk=paper.case_id)
    bureau = Unit.objects.bureau()
    change = application.changes.filter(notice=paper).first()
    return {
        "issuer": bureau.name if bureau else "",
        "printed_by": bureau.name if bureau else "",
        "to": application.unit.name,
        "paragraphs": [*_amended(application, change, paper), *_terms(application)]
        if change
        else [_granted(application), *_terms(application)],
    }


def _granted(application: ClassApplication) -> str:
    """A class that was let pass beyond the approved scope (notice 三2) is not called in accord with the notice."""
    filed = "齐全" if application.scope_passed else f"符合{NOTICE_DOCUMENT}的规定"
    return (
        f"你单位报送的“{application}”开班申请（编号 {application.number}）收悉。该班属已公布的培训项目"
        f"（{application.project.number}），申报材料{filed}，准予开班。现将有关事项通知如下："
    )


def _amended(application: ClassApplication, change: ClassChange, paper: Paper) -> list[str]:
    """What is said instead where the class was changed after its approval: each change, and what becomes of the former
    notice."""
    lines, rows = brief(change.former, change.proposed)
    said = [f"{line.label}由“{line.was}”改为“{line.now}”" for line in lines]
    said += [f"课程表调整 {rows} 行，以变更后的课程表为准"] if rows else []
    former = paper.replaces
    number = f"原通知（{former.number}）" if former and former.number else "此前的准予开班通知"
    return [
        f"你单位报送的“{application}”（编号 {application.number}）变更申请（编号 {change.number}）收悉。"
        f"经审核，同意变更：{'；'.join(said)}。",
        f"{number}自本通知印发之日起停止使用。变更后的有关事项通知如下：",
    ]


def _terms(application: ClassApplication) -> list[str]:
    label, amounts = form2.amounts(application, rows_of(application))
    assert application.ends_on is not None
    due = current_rules().due(deadline_kind("recognition"), application.ends_on)
    last = f"{chinese_day(due.due)}{'（暂定）' if due.provisional else ''}"
    fee = (
        f"，收费标准 {shown(application.fee)} 元/人（{application.fee_document}）"
        if application.charges
        else "，不收费"
    )
    items = [
        f"培训时间：{form3.span(application)}。地点：{application.place}。计划人数：{application.people} 人{fee}。",
        f"核准{label.removeprefix('申请')}：{amounts}。请按核准的课程表组织教学，不得超出核定培训资质，禁止违规收费；"
        "时间、地点、师资、课程有变动的，须事先报我局同意。",
        "参训人员须经所在单位同意。每半日至少签到、签退各一次。培训期间我局将不定期进行监督检查。",
        f"本班{scope_let_pass(application)}。" if application.scope_passed else "",
        f"请在培训结束后30日内（最迟 {last}）办好学时（学分）认定，并提交报名通知和花名册、签到表、"
        "授课讲义课件、现场照片。",
    ]
    return [
        *(f"{ordinal}、{item}" for ordinal, item in zip(ORDINALS, filter(None, items), strict=False)),
    ]


def opening_facts(paper: Paper) -> list[tuple[str, object]]:
    """What anyone may see who checks the notice."""
    application = ClassApplication.objects.select_related("unit").get(pk=paper.case_id)
    return [
        ("培训班", str(application)),
        ("编号", application.number or ""),
        ("施教机构", application.unit.name),
        ("时间", form3.span(application)),
    ]


OPENING_NOTICE = PaperKind(
    key="opening_notice",
    title="准予开班通知",
    case_model=ClassApplication,
    template="papers/print/official.html",
    version="7",
    build=build_opening_notice,
    public_facts=opening_facts,
    style="official",
    number_format="洛人社开〔{year}〕{seq}号",
    withdrawn_by=(Role.UNIT_CLERK,),
    names=lambda application: (
        str(application),
        application.unit.name,
        application.place,
        application.fee_document,
        application.scope_passed,
    ),
)


def opening_title(application: ClassApplication, *, amended: bool = False) -> str:
    """The title of the notice that the class may open, or of the one after a change."""
    return f"关于准予“{application}”开班的通知{'（变更后）' if amended else ''}"


def request_opening_notice(
    application: ClassApplication, actor: Actor, *, superseding: str = "", **asked: Unpack[Asked]
) -> Paper:
    """Ask for the notice, in the transaction of the approval; the worker numbers and renders it (C5).

    `superseding`: of a class that was changed since, why the former notice is used no more.
    """
    options: Options = {
        "seal": document_seal(clock.today()),
        "reason": "准予开班（变更）" if superseding else "准予开班",
        "approver": actor,
        "applicant": application.unit.name,
        "title": opening_title(application, amended=bool(superseding)),
        "by_hand": asked.get("by_hand", ""),
        "title_lines": asked.get("title_lines", ""),
    }
    if superseding:
        return supersede(OPENING_NOTICE.key, application, actor=actor, why=superseding, **options)
    return request_paper(OPENING_NOTICE.key, application, actor=actor, **options)

"""What the provider is told in writing (GB/T 9704): what is intended, with the time to answer, and what was decided.

Of either anyone may know the unit and the class, never a person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Unpack

from django.db.models import QuerySet

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.papers.dates import chinese_day
from luojiang_ce.papers.kinds import PaperKind
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.services import Asked, request_paper, revoke_standing
from luojiang_ce.workdays.services import current_rules
from luojiang_ce.workdays.text import month_day
from luojiang_ce.workflow.events import history
from training.choices import HalfDay
from training.classes.papers import NOTICE_DOCUMENT, ORDINALS
from training.inspections.decisions.models import Decision
from training.inspections.decisions.statement import answered_by
from training.recognition.models import Ruling, RulingLine
from units.models import Unit
from units.seals import document_seal

NAMED = 60  # names in one paragraph; who is left is told by the number
KIND = RulingLine.Kind
DECIDED, INTENDED = "处理决定", "拟作处理告知"


def _case(paper: Paper) -> Decision:
    related = ("unit", "inspection__unit", "inspection__application__project", "inspection__sheet")
    return Decision.objects.select_related(*related).get(pk=paper.case_id)


def build_notice(paper: Paper) -> Mapping[str, Any]:
    """The notice as the case stands when the worker comes to it."""
    case = _case(paper)
    said = [*_found(case, "认定"), _heard(case), *_treated(case, "决定如下")]
    return _document(case, DECIDED, [*said, f"请将处理结果告知有关学员及其所在单位。{_ask()}"])


def build_intention(paper: Paper) -> Mapping[str, Any]:
    """What is intended and why, and how and until when the provider may answer."""
    case = _case(paper)
    said = [*_found(case, "发现"), *_treated(case, "我局拟作如下处理")]
    return _document(case, INTENDED, [*said, _may_answer(case), _ask()])


def _document(case: Decision, what: str, paragraphs: list[str]) -> dict[str, Any]:
    bureau = Unit.objects.bureau()
    return {
        "issuer": bureau.name if bureau else "",
        "printed_by": bureau.name if bureau else "",
        "heading": title_of(case, what),
        "to": case.inspection.provider,
        "paragraphs": paragraphs,
    }


def title_of(case: Decision, what: str) -> str:
    """The title of what is intended (INTENDED) or decided (DECIDED); shorter than what a title may have."""
    return f"关于“{case.inspection.subject}”监督检查的{what}"


def _found(case: Decision, how: str) -> Iterator[str]:
    visit = case.inspection
    numbered = f"（编号 {visit.application.number}）" if visit.application and visit.application.number else ""
    yield (
        f"根据{NOTICE_DOCUMENT}文件（以下简称《通知》），我局于 {chinese_day(visit.visited_on)}对你单位举办的"
        f"“{visit.subject}”{numbered}进行监督检查（检查编号 {visit.number}），{how}下列问题："
    )
    findings = list(case.findings.all())
    for number, each in enumerate(findings, 1):
        item = f"{number}. " if len(findings) > 1 else ""  # one alone bears no number
        when = f"{month_day(each.date)}{HalfDay(each.half_day).label}，" if each.date else ""
        clause = f"（{_in_document(each.clause)}）" if each.clause else ""
        yield f"{item}{each}{clause}：{when}{each.text.rstrip('。') or '见检查记录'}。"


_CLAUSE = re.compile(r"通知 ?([一二三四])(?:\((.)\))?(\d)")


def _in_document(clause: str) -> str:
    """A clause as documents cite it: 通知 一(五)4 is 《通知》一、（五）4."""
    found = _CLAUSE.fullmatch(clause)
    if found is None:
        return clause
    chapter, section, item = found.groups()
    return f"《通知》{chapter}、{f'（{section}）' if section else ''}{item}"


def _heard(case: Decision) -> str:
    told = clock.day_of(case.told_at)
    lead = f"我局于 {chinese_day(told)} 告知你单位拟作出的处理和理由。" if told else ""
    said = {
        Decision.Statement.ONLINE: "你单位提出了陈述申辩",
        Decision.Statement.PAPER: "你单位提交了书面陈述申辩",
    }.get(Decision.Statement(case.stated))
    if said is None:
        return f"{lead}你单位没有提出陈述申辩。"
    event = history(case).filter(name="propose").first()
    weighed = event.note_row.text.strip().rstrip("。") if event is not None and hasattr(event, "note_row") else ""
    return f"{lead}{said}，我局已复核{f'：{weighed}' if weighed else ''}。"


def _treated(case: Decision, so: str) -> Iterator[str]:
    yield f"{case.reason.strip().rstrip('。')}。依据《通知》一、（五）4 的规定，{so}："
    for ordinal, said in zip(ORDINALS, _consequences(case), strict=False):
        yield f"{ordinal}、{said}"


def _consequences(case: Decision) -> Iterator[str]:
    if case.criticised:
        yield "对你单位予以通报批评。"
    if case.unqualified and case.inspection.application:
        project = case.inspection.application.project
        yield f"培训项目“{project}”认定不合格，该项目各期培训班的学时（学分）不予认定，不再受理开班。"
    elif case.unrecognised:
        yield from (f"{taken(each)}的学时（学分）不予认定，已入账的冲销。" for each in rulings_said(case))
    if case.other:
        yield f"{case.other.rstrip('。')}。"


def rulings_said(case: Decision) -> QuerySet[Ruling]:
    """What it says of classes, drafted or in force, to be put in words (`taken`)."""
    rows = Ruling.objects.of(case).select_related("application__project")
    return rows.prefetch_related("lines__enrolment").order_by("pk")


def taken(ruling: Ruling) -> str:
    """What a ruling takes, in words: 全体学员 5月11日上午、5月11日下午 / 学员甲、乙 全部半日"""
    lines = [each for each in ruling.lines.all() if each.kind == KIND.EXCLUDED]
    names = list(dict.fromkeys(each.enrolment.name for each in lines if each.enrolment))
    slots = dict.fromkeys((each.date, each.half_day) for each in lines if each.date)
    whom = "、".join(names[:NAMED]) + (f"等 {len(names)} 人" if len(names) > NAMED else "")
    when = "、".join(f"{month_day(day)}{HalfDay(half_day).label}" for day, half_day in slots if day)
    return f"本班{f'学员{whom}' if whom else '全体学员'}{when or '全部半日'}"


def _may_answer(case: Decision) -> str:
    """The time to answer is the bureau's to set; a figure that nobody has set is not invented."""
    how = "你单位可以就上述问题和拟作的处理向我局陈述、申辩，在系统内提交，或者将书面材料送交我局。"
    terms = current_rules()
    due = answered_by(case, terms)
    if due is None:
        return f"{how}陈述申辩的期限未设定，不计期限；不作陈述的，请在系统内表示，或者书面告知我局。"
    days = terms.settings_on(due.start).statement_days
    last = f"{chinese_day(due.due)}{'（暂定）' if due.provisional else ''}"
    return f"{how}请于 {last}以前提出（告知后 {days} 个工作日，由我局设定）；期满没有提出的，按未陈述办理。"


def _ask() -> str:
    bureau = Unit.objects.bureau()
    phone = f"，电话 {bureau.phone}" if bureau and bureau.phone else ""
    return f"对本件有疑问的，请与我局促进就业和培训股联系{phone}。"


def facts_of(case: Decision) -> list[tuple[str, object]]:
    """What anyone may know of a decision: chosen one by one, nothing that somebody typed."""
    kinds = "、".join(dict.fromkeys(str(each) for each in case.findings.all()))
    other = ["其他处理"] if case.other else []
    named = ("criticised", "unrecognised", "unqualified")
    said = [str(Decision._meta.get_field(name).verbose_name) for name in named if getattr(case, name)]  # type: ignore[union-attr]
    facts: list[tuple[str, object]] = [
        ("被检查单位", case.inspection.provider),
        ("培训班", str(case.inspection.application or "")),
        ("认定的问题", kinds),
        ("处理", "、".join([*said, *other])),
        ("决定日期", clock.day_of(case.decided_at) or ""),
    ]
    return [(label, value) for label, value in facts if value]


def public_facts(paper: Paper) -> list[tuple[str, object]]:
    """The same, for who checks the paper."""
    return facts_of(_case(paper))


def intention_facts(paper: Paper) -> list[tuple[str, object]]:
    """What is intended is not decided yet: the public check says whom it was told, and when."""
    case = _case(paper)
    facts: list[tuple[str, object]] = [
        ("被检查单位", case.inspection.provider),
        ("培训班", str(case.inspection.application or "")),
        ("告知日期", paper.dated),
    ]
    return [(label, value) for label, value in facts if value]


def names_in(case: Decision) -> Iterator[str]:
    """The names on both papers: the class, the provider, and the trainees of whom hours are taken; and what was found
    and decided, in the words of whoever typed it."""
    yield from (case.inspection.subject, case.inspection.provider, case.reason, case.other)
    yield from case.findings.values_list("text", flat=True)
    for ruling in rulings_said(case):
        yield from (each.enrolment.name for each in ruling.lines.all() if each.enrolment)


NOTICE = PaperKind(
    key="inspection_decision",
    title="监督检查处理决定",
    case_model=Decision,
    template="papers/print/official.html",
    version="7",
    build=build_notice,
    public_facts=public_facts,
    style="official",
    number_format="洛人社检决〔{year}〕{seq}号",
    names=names_in,
)
INTENTION = PaperKind(
    key="inspection_intention",
    title="监督检查拟作处理告知",
    case_model=Decision,
    template="papers/print/official.html",
    version="6",
    build=build_intention,
    public_facts=intention_facts,
    style="official",
    number_format="洛人社检告〔{year}〕{seq}号",
    names=names_in,
)


def request_notice(case: Decision, actor: Actor, **asked: Unpack[Asked]) -> Paper:
    """Ask for it, in the transaction of the decision."""
    return _request(NOTICE, case, actor, title_of(case, DECIDED), **asked)


def request_intention(case: Decision, actor: Actor, **asked: Unpack[Asked]) -> Paper:
    """Ask for it, in the transaction in which the provider is told."""
    return _request(INTENTION, case, actor, title_of(case, INTENDED), **asked)


def _request(kind: PaperKind, case: Decision, actor: Actor, title: str, **asked: Unpack[Asked]) -> Paper:
    return request_paper(
        kind.key,
        case,
        actor=actor,
        seal=document_seal(clock.today()),
        reason=kind.title,
        approver=actor,
        applicant=case.inspection.provider,
        title=title,
        **asked,
    )


def withdraw_intention(case: Decision, actor: Actor, why: str) -> None:
    """What was told does not stand any more; the public check says why."""
    revoke_standing(INTENTION.key, case, actor=actor, reason=why)

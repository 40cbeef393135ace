"""The notice of a decision (GB/T 9704), and what anyone may know of it: the unit and the class, never a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.papers.dates import chinese_day
from luojiang_ce.papers.models import Paper, PaperKind
from luojiang_ce.papers.services import request_paper
from luojiang_ce.workdays.text import month_day
from luojiang_ce.workflow.events import history
from training.choices import HalfDay
from training.classes.papers import NOTICE_DOCUMENT, ORDINALS
from training.inspections.decisions.models import Decision
from training.recognition.models import Ruling, RulingLine
from units.models import Unit
from units.seals import document_seal

NAMED = 60  # names in one paragraph; who is left is told by the number
KIND = RulingLine.Kind


def _case(paper: Paper) -> Decision:
    return Decision.objects.select_related("unit", "inspection__unit", "inspection__application__project").get(
        pk=paper.case_id
    )


def build(paper: Paper) -> Mapping[str, Any]:
    """The notice as the case stands when the worker comes to it."""
    case = _case(paper)
    bureau = Unit.objects.bureau()
    return {
        "issuer": bureau.name if bureau else "",
        "heading": f"关于“{case.inspection.subject}”监督检查的处理决定",
        "to": case.inspection.provider,
        "paragraphs": [*_found(case), _heard(case), *_decided(case), _asked(bureau)],
    }


def _found(case: Decision) -> Iterator[str]:
    visit = case.inspection
    numbered = f"（编号 {visit.application.number}）" if visit.application and visit.application.number else ""
    yield (
        f"{chinese_day(visit.planned_on)}，我局对你单位举办的“{visit.subject}”{numbered}进行监督检查"
        f"（检查编号 {visit.number}），认定下列问题："
    )
    for number, each in enumerate(case.findings.all(), 1):
        when = f"{month_day(each.date)}{HalfDay(each.half_day).label}，" if each.date else ""
        clause = f"（{each.clause}）" if each.clause else ""
        yield f"{number}. {each}{clause}：{when}{each.text.rstrip('。') or '见检查记录'}。"


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


def _decided(case: Decision) -> Iterator[str]:
    yield f"{case.reason.strip().rstrip('。')}。依据{NOTICE_DOCUMENT}文件一、（五）4 的规定，决定如下："
    for ordinal, said in zip(ORDINALS, _consequences(case), strict=False):
        yield f"{ordinal}、{said}"


def _consequences(case: Decision) -> Iterator[str]:
    if case.criticised:
        yield "对你单位予以通报批评。"
    if case.unqualified and case.inspection.application:
        project = case.inspection.application.project
        yield f"培训项目“{project}”认定不合格，该项目各期培训班的学时（学分）不予认定，不再受理开班。"
    elif case.unrecognised:
        yield from (f"{taken(each)}的学时（学分）不予认定，已入账的冲销。" for each in _rulings(case))
    if case.other:
        yield f"{case.other.rstrip('。')}。"


def _rulings(case: Decision) -> Iterable[Ruling]:
    return Ruling.objects.of(case).prefetch_related("lines__enrolment")


def taken(ruling: Ruling) -> str:
    """What a ruling takes, in words: 全体学员 5月11日上午、5月11日下午 / 学员甲、乙 全部半日"""
    lines = [each for each in ruling.lines.all() if each.kind == KIND.EXCLUDED]
    names = list(dict.fromkeys(each.enrolment.name for each in lines if each.enrolment))
    slots = dict.fromkeys((each.date, each.half_day) for each in lines if each.date)
    whom = "、".join(names[:NAMED]) + (f"等 {len(names)} 人" if len(names) > NAMED else "")
    when = "、".join(f"{month_day(day)}{HalfDay(half_day).label}" for day, half_day in slots if day)
    return f"本班{f'学员{whom}' if whom else '全体学员'}{when or '全部半日'}"


def _asked(bureau: Unit | None) -> str:
    phone = f"，电话 {bureau.phone}" if bureau and bureau.phone else ""
    return f"请将处理结果告知有关学员及其所在单位。对本件有疑问的，请与我局促进就业和培训股联系{phone}。"


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


NOTICE = PaperKind(
    key="inspection_decision",
    title="监督检查处理决定",
    case_model=Decision,
    template="papers/print/official.html",
    version="1",
    build=build,
    public_facts=public_facts,
    style="official",
    number_format="洛人社检决〔{year}〕{seq}号",
    names=lambda case: (case.inspection.subject, case.inspection.provider, *map(taken, _rulings(case))),
)


def request_notice(case: Decision, actor: Actor, *, by_hand: bool) -> Paper:
    """Ask for it, in the transaction of the decision."""
    return request_paper(
        NOTICE.key,
        case,
        actor=actor,
        seal=document_seal(clock.today()),
        reason="监督检查处理决定",
        approver=actor,
        applicant=case.inspection.provider,
        title=f"关于“{case.inspection.subject}”监督检查的处理决定"[:200],
        by_hand=by_hand,
    )

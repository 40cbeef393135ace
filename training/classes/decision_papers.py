"""What the bureau tells a provider in writing besides 准予开班: to mend, that it refuses, that a class is off (C7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Unpack

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role
from luojiang_ce.papers.dates import chinese_day
from luojiang_ce.papers.glyphs import ANY
from luojiang_ce.papers.kinds import PaperKind
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.services import Asked, Options, request_paper, revoke_standing, supersede
from luojiang_ce.workflow.events import history
from luojiang_ce.workflow.models import Event
from training.plans.models import PlanItem
from units.extensions.reading import current_terms
from units.filed_case import RETURN
from units.models import Unit
from units.seals import document_seal

from . import form3
from .models import ClassApplication
from .opening import mended_before_opening
from .papers import NOTICE_DOCUMENT, OPENING_NOTICE, ORDINALS

Build = Callable[[ClassApplication], list[str]]


@dataclass(frozen=True)
class Letter:
    """A letter to the provider about one application: what it is called, its title ({} for the class), its numbers,
    what it says."""

    key: str
    title: str
    heading: str
    number_format: str
    reason: str
    says: Build

    def build(self, paper: Paper) -> Mapping[str, Any]:
        """What the sheet shows, from the case as it stands when the worker comes to it."""
        application = _of(paper)
        bureau = Unit.objects.bureau()
        asked = f"，电话 {bureau.phone}" if bureau and bureau.phone else ""
        ask = f"对本件有疑问的，请与我局促进就业和培训股联系{asked}。"
        issuer = bureau.name if bureau else ""
        said = [*self.says(application), ask]
        return {"issuer": issuer, "printed_by": issuer, "to": application.unit.name, "paragraphs": said}

    def kind(self) -> PaperKind:
        """As papers know it. The provider's own acts withdraw it: what was taken back needs no mending."""
        return PaperKind(
            key=self.key,
            title=self.title,
            case_model=ClassApplication,
            template="papers/print/official.html",
            version="7",
            build=self.build,
            public_facts=_facts,
            style="official",
            number_format=self.number_format,
            withdrawn_by=(Role.UNIT_CLERK,),
            names=lambda application: (str(application), application.unit.name),
        )

    def title_of(self, application: ClassApplication) -> str:
        """What the letter about this application is headed."""
        return self.heading.format(application)

    def request(
        self, application: ClassApplication, *, actor: Actor, decided: bool = True, **asked: Unpack[Asked]
    ) -> Paper:
        """Ask for it, in the transaction of the act. `decided`: the actor is the bureau's, who answers for the seal."""
        options = self._options(application, actor if decided else None, **asked)
        return request_paper(self.key, application, actor=actor, **options)

    def supersede(self, application: ClassApplication, *, actor: Actor, why: str) -> Paper:
        """Ask for it in place of an earlier one, if there is one; `why` it holds no more is said on the public check.
        Names that cannot be printed are left to be written by hand."""
        options = self._options(application, actor, by_hand=ANY)
        return supersede(self.key, application, actor=actor, why=why, **options)

    def _options(self, application: ClassApplication, approver: Actor | None, **asked: Unpack[Asked]) -> Options:
        return {
            "seal": document_seal(clock.today()),
            "reason": self.reason,
            "approver": approver,
            "applicant": application.unit.name,
            "title": self.title_of(application),
            "by_hand": asked.get("by_hand", ""),
            "title_lines": asked.get("title_lines", ""),
        }

    def withdraw(self, application: ClassApplication, *, actor: Actor, reason: str) -> None:
        """Revoke what stands of it; the public check gives the reason."""
        revoke_standing(self.key, application, actor=actor, reason=reason)


def _of(paper: Paper) -> ClassApplication:
    return ClassApplication.objects.select_related("unit", "project__plan").get(pk=paper.case_id)


def _facts(paper: Paper) -> list[tuple[str, object]]:
    """What anyone may see who checks it."""
    application = _of(paper)
    return [
        ("培训班", str(application)),
        ("编号", application.number or ""),
        ("施教机构", application.unit.name),
    ]


def _last(application: ClassApplication, *names: str) -> Event | None:
    return history(application).filter(name__in=names).first()


def _note(event: Event | None) -> str:
    text = event.note_row.text if event is not None and hasattr(event, "note_row") else ""
    return text.strip().rstrip("。")


def _received(application: ClassApplication) -> str:
    return f"你单位报送的“{application}”开班申请（编号 {application.number}）收悉。"


def to_mend(application: ClassApplication) -> list[str]:
    """Licensing Act 32, by analogy: everything that is to be mended at once, how, and by when."""
    event = _last(application, RETURN)
    items = list(event.return_items.all()) if event else []
    listed = [
        f"{number}. {f'{item.where}：' if item.where else ''}{item.wrong.rstrip('。')}。"
        + (f"补正办法：{item.mend.rstrip('。')}。" if item.mend else "")
        for number, item in enumerate(items, 1)
    ]
    note = f"补充说明：{_note(event)}。" if _note(event) else ""
    return [
        f"{_received(application)}经审核，须按{NOTICE_DOCUMENT}文件一、（五）2 的规定补正，现一次性告知如下：",
        *listed,
        *filter(None, [note]),
        f"{_mend_by(application, event)}未按期补正的，本次申请不再办理，填报的内容仍保留。",
    ]


def _mend_by(application: ClassApplication, event: Event | None) -> str:
    """The last day of mending what was returned, as the case page counted it: the case may have moved on since."""
    due = mended_before_opening(application, current_terms(), event.at) if event else None
    if due is None:
        return "请补正后重新提交。"
    return f"请于 {chinese_day(due.due)}{'（暂定）' if due.provisional else ''}以前补正，重新提交。"


def refused(application: ClassApplication) -> list[str]:
    """Why, by which clause, and what the provider can still do."""
    items = [
        f"理由：{_note(_last(application, 'refuse'))}。",
        f"依据：{NOTICE_DOCUMENT}文件一、（五）和三、2，继续教育培训班须经审批、公布后方可举办，不得从事超出核定培训资质的项目，"
        "禁止违规收费；对未经核准开展的培训不予验证。请勿举办本班。",
        _again(application),
    ]
    return [f"{_received(application)}经审批，不予批准。", *_numbered(items)]


def called_off(application: ClassApplication) -> list[str]:
    """That an approved class is off: cancelled by its provider or with its project, or closed because it never took
    place."""
    notice = Paper.objects.of(application).filter(kind=OPENING_NOTICE.key).order_by("-pk").first()
    named = f"（{notice.number}）" if notice and notice.number else ""
    items = [
        f"原准予开班通知{named}已撤销。",
        f"本班不办理学时（学分）认定，{NOTICE_DOCUMENT}文件一、（五）3 规定的认定期限不再计算。",
        _again(application),
        "请告知师资和学员，已收取的费用请妥善处理。",
    ]
    return [_why_off(application), *_numbered(items)]


def _again(application: ClassApplication) -> str:
    """Whether its session can be applied for once more (notice 一(五)2, 三2)."""
    if application.project.state != PlanItem.State.PUBLISHED:
        return f"计划项目（{application.project.number}）已撤销，不再受理开班申请。"
    return f"公布的第 {application.session} 期仍可由你单位另行提出开班申请，须在开班前至少10个工作日报送。"


def _why_off(application: ClassApplication) -> str:
    said = f"“{application}”（编号 {application.number}）原定 {form3.span(application)}举办。"
    what = {
        "cancel": "你单位现报告取消，原因：{}。",
        "end_with_project": "其计划项目经我局决定撤销，本班随同取消，理由：{}。",
        "report_not_held": "你单位报告未举办，原因：{}。经核实，按未举办结案。",
        "propose_not_held": "经查未举办，情况：{}。经审批，按未举办结案。",
    }
    event = _last(application, *what)
    return f"{said}{what[event.name if event else 'cancel'].format(_note(event))}现通知如下："


def _numbered(items: list[str]) -> list[str]:
    return [f"{ordinal}、{item}" for ordinal, item in zip(ORDINALS, items, strict=False)]


TO_MEND = Letter(
    "class_return", "一次性补正告知", "关于“{}”的一次性补正告知", "洛人社开补〔{year}〕{seq}号", "退回补正", to_mend
)
REFUSAL = Letter(
    "class_refusal",
    "不予批准通知",
    "关于不予批准“{}”开班的通知",
    "洛人社开不〔{year}〕{seq}号",
    "不予批准开班",
    refused,
)
CALLED_OFF = Letter(
    "class_called_off", "取消办班通知", "关于取消“{}”办班的通知", "洛人社开撤〔{year}〕{seq}号", "取消办班", called_off
)
LETTERS = (TO_MEND, REFUSAL, CALLED_OFF)

"""The official document that publishes the training projects of a batch (notice 一(五)1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Unpack

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.papers.dates import chinese_day
from luojiang_ce.papers.form_pdf import OFFICIAL_WIDTH_MM, OpinionBox, form_context, form_printable
from luojiang_ce.papers.kinds import PaperKind
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.printable import Printable
from luojiang_ce.papers.printouts import Args, Printout
from luojiang_ce.papers.services import Asked, Options, request_paper, supersede
from luojiang_ce.sheets.definitions import Column, SheetForm
from luojiang_ce.workdays.text import month_day
from units.models import Unit
from units.seals import document_seal

from .changing import compared
from .form1 import FORM1, OPINIONS, fee_in_words, head_of, rows_of
from .models import Plan, PlanBatch, PlanItem, ProjectChange, ProjectChangeQuerySet
from .supplements import Supplement, supplement_of

PUBLISHES, ADJUSTS = "公布", "调整"

# The list that the publishing document has as its attachment: what who wants to take part asks for.
PROJECTS = SheetForm(
    code="公布项目",
    title="公布的培训项目",
    numbered=False,
    orientation="landscape",
    columns=(
        Column("number", "项目编号", kind="id", width=12),
        Column("title", "培训班名称", width=20),
        Column("organiser", "主办单位", width=18),
        Column("audience", "培训对象", width=16),
        Column("sessions", "期数", kind="integer", width=4),
        Column("people", "每期人数", kind="integer", width=5),
        Column("period", "拟定时间", width=12),
        Column("place", "地点", width=14),
        Column("public_amount", "公共", kind="number", width=5, group="学时（学分）"),
        Column("professional_amount", "专业", kind="number", width=5, group="学时（学分）"),
        Column("fee", "收费", width=14),
    ),
)


BOXES = [OpinionBox(title) for title in OPINIONS]


def form1_of(plan: Plan, args: Args) -> list[Printable]:
    """附件1 of a plan, to print and stamp."""
    values = head_of(plan)
    return [form_printable(FORM1, rows_of(plan.items.all()), head=values, foot=values, boxes=BOXES)]


FORM1_PRINTED = Printout("plans.form1", "附件1", Plan, form1_of)


def build(paper: Paper) -> Mapping[str, Any]:
    """What the document says: the projects of the batch with their numbers, as rows."""
    batch = PlanBatch.objects.get(pk=paper.case_id)
    items = list(batch.items.published().select_related("unit").order_by("number"))
    bureau, which = Unit.objects.bureau(), supplement_of(batch)
    table = f"{batch.year}年度专业技术人员继续教育培训项目表{which.label}"
    return {
        "issuer": bureau.name if bureau else "",
        "printed_by": bureau.name if bureau else "",
        "annex": table,
        "enclosures": [table],
        "to": "各乡镇（街道），区直各单位，教育系统、卫生系统各有关单位，继续教育培训基地",
        "batch": batch,
        "projects": len(items),
        "adjusted": [adjustment(each) for each in published_by(batch, paper.number or "")],
        "before": paper.replaces.number if paper.replaces else "",
        "supplement": which,
        **_table(items),
    }


def published_by(batch: PlanBatch, number: str) -> ProjectChangeQuerySet:
    """The decisions that a document publishes; none of the first one."""
    return batch.changes.decided().filter(document_number=number).select_related("item")


def adjustment(decided: ProjectChange) -> str:
    """What a document says of one decision: the project, what became of it, by what and why."""
    project = f"{decided.item.number}“{decided.before.get('title') or decided.item.title}”"
    by = f"依据：{decided.decision}（{chinese_day(decided.decided_on)}）。理由：{decided.grounds.rstrip('。')}。"
    if decided.what == ProjectChange.What.WITHDRAWAL:
        return f"撤销项目{project}。{by}{_classes(decided)}"
    told = "；".join(f"{label}由“{old}”改为“{new}”" for label, old, new in compared(decided))
    return f"变更项目{project}：{told}。{by}已批准的培训班按批准时的内容进行。"


def _classes(decided: ProjectChange) -> str:
    """What becomes of the classes of a withdrawn project."""
    kept = f"已开班的{'、'.join(decided.kept)}按开班时的项目继续办完，学时照常认定；" if decided.kept else ""
    gone = f"尚未开班的{'、'.join(decided.cancelled)}随项目取消；" if decided.cancelled else ""
    return f"{kept}{gone}该项目不再受理开班申请。"


def _table(items: list[PlanItem]) -> dict[str, Any]:
    rows = []
    for item in items:
        first, last = item.starts_on, item.ends_on
        row = {column.key: getattr(item, column.key, "") for column in PROJECTS.columns}
        period = f"{month_day(first)}至{month_day(last)}" if first and last else ""
        rows.append({**row, "period": period, "fee": fee_in_words(item)})
    table = form_context(PROJECTS, rows, width_mm=OFFICIAL_WIDTH_MM)
    return {key: table[key] for key in ("rows", "heads", "widths", "size", "empty", "column_count")}


def public_facts(paper: Paper) -> list[tuple[str, object]]:
    """What anyone may see who checks the document."""
    batch = PlanBatch.objects.get(pk=paper.case_id)
    published, changes = batch.items.published().count(), list(published_by(batch, paper.number or ""))
    return [
        ("年度", f"{batch.year} 年度"),
        ("公布项目", f"{published} 个"),
        ("调整", "；".join(f"{each.get_what_display()} {each.item.number}" for each in changes)),
        ("增补批次", _supplements(supplement_of(batch))),
        ("替代", paper.replaces.number if paper.replaces else ""),
    ]


def _supplements(told: Supplement) -> str:
    """第一批，在 泉洛政人社〔2026〕16号 的基础上"""
    return "，在 ".join(filter(None, (told.which, "、".join(told.on)))) + (" 的基础上" if told.on else "")


def names_of(batch: PlanBatch) -> Iterable[str]:
    """What units have typed of the projects and the document prints."""
    printed = ("title", "organiser", "audience", "place", "fee_document")
    return (text for row in batch.items.values_list(*printed) for text in row)


PUBLICATION = PaperKind(
    key="plan_publication",
    title="公布培训项目的通知",
    case_model=PlanBatch,
    template="training_plans/print/publication.html",
    version="10",
    build=build,
    public_facts=public_facts,
    style="official",
    names=names_of,
)


def adjusts(batch: PlanBatch) -> bool:
    """Does the document that the batch has now publish decisions on projects of an earlier one?"""
    number = batch.document_number
    return bool(number) and batch.changes.filter(document_number=number).exists()


def title_of(batch: PlanBatch, verb: str) -> str:
    """The document's title; the verb is 公布, or 调整 where it `adjusts`. One that supplements says so."""
    return f"关于{verb} {batch.year} 年度专业技术人员继续教育培训项目{supplement_of(batch).label}的通知"


def request_publication(
    batch: PlanBatch, actor: Actor, *, superseding: str | None = None, **asked: Unpack[Asked]
) -> Paper:
    """Ask for the document under the number and date that the bureau gave; rendered by the worker.

    It bears the bureau's seal, or the place that is left for it, and so stands in the register of seal use.
    `superseding`: why the document before it does not hold any more. Raises NotForThePublic.
    """
    bureau = Unit.objects.bureau()
    verb = ADJUSTS if adjusts(batch) else PUBLISHES
    options: Options = {
        "title": title_of(batch, verb),
        "number": batch.document_number,
        "dated": batch.published_on,
        "seal": document_seal(batch.published_on or clock.today()),
        "reason": f"{verb}培训项目",
        "approver": actor,
        "applicant": bureau.name if bureau else "",
        "by_hand": asked.get("by_hand", ""),
        "title_lines": asked.get("title_lines", ""),
    }
    if superseding is None:
        return request_paper(PUBLICATION.key, batch, actor=actor, **options)
    return supersede(PUBLICATION.key, batch, actor=actor, why=superseding, **options)

"""From draft to published project (product.md P1–P4): the filing and its rows. They are published by the bureau's batch
(batch_case.py)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_CASES
from luojiang_ce.deadlines.owed import Asked, Owed, OwedDuty
from luojiang_ce.files.materials import Material
from luojiang_ce.files.registry import FileRules
from luojiang_ce.filters import by_words
from luojiang_ce.home.registry import Demo, NavItem, Section
from luojiang_ce.papers.numbering import next_numbers
from luojiang_ce.workdays.deadlines import DeadlineKind, end_of_february
from luojiang_ce.workflow.case_kind import REASON, CaseKind, Context, Duty, Step, Transition, Turn, Workflow, state
from luojiang_ce.workflow.engine import fire_many
from luojiang_ce.workflow.places import fields_at
from units.access import APPROVER, FILER, HANDLER, NOBODY
from units.filed_case import (
    Filing,
    FilingTerm,
    ask_for_time,
    files_are_there,
    materials_at,
    may_edit,
    mended_at,
    tell_filer,
    yearly,
)
from units.models import Unit
from units.notify import handlers_and_authority

from .changing import put_into
from .checks import REQUIRED, problems
from .models import Plan, PlanBatch, PlanItem
from .reach import reach_of

PLAN_DUE = DeadlineKind(
    "plan",
    "年度培训计划申报",
    "通知 一(五)1",
    end_of_february("{year}年度培训计划应在当年2月底前报送"),
    yearly=True,
    extendable=True,
    missed="recorded",
    until=lambda year: date(year, 12, 31),
    over="其后计划年度已经结束",
)

# A further plan (增补) comes by the bureau's leave.
first_filing = FilingTerm(PLAN_DUE, lambda plan: None if plan.supplement else plan.year, lambda plan: str(plan.year))

# notice 一(五)1: 年度培训方案 goes with 附件1
MATERIALS = (
    Material("scheme", "年度培训方案", "写明本年度办班的目的、安排和经费", "一(五)1"),
    Material("stamped", "盖章的登记表扫描件", "打印附件1盖章后扫描", "附件1", required=lambda case: False),
)


def item_url(item: PlanItem) -> str:
    """Where a row of 附件1 is edited."""
    return reverse("plans:item_edit", args=[item.plan_id, item.pk])


def places(plan: Plan) -> dict[str, str]:
    """Where the filer mends what a return names: the head, each row and what is needed in it, the files. One query."""
    found = fields_at(Plan, reverse("plans:edit", args=[plan.pk]), ("leader", "filler", "phone", "note"))
    for item in plan.items.all():
        row, url = f"第 {item.position} 行", item_url(item)
        found |= {row: url, f"{row} {item.title}": url}
        fields = fields_at(PlanItem, url, (*REQUIRED, "fee", "fee_document", "public_amount", "professional_amount"))
        found |= {f"{row} {label}": at for label, at in fields.items()}
    return found | materials_at(plan, MATERIALS)


def numbered(plan: Plan) -> dict[int, int]:
    """The ids of the rows of 附件1, by their numbers. One query."""
    return dict(plan.items.values_list("position", "pk"))


def summary_of(plan: Plan) -> list[tuple[str, str]]:
    """What the filing of a plan hands over. One query."""
    items = list(plan.items.all())
    people = sum((item.people or 0) * (item.sessions or 1) for item in items)
    budget = sum((item.budget or Decimal(0) for item in items), Decimal(0))
    charging = sum(item.charges for item in items)
    return [
        ("培训班", f"{len(items)} 个，共 {sum(item.sessions or 1 for item in items)} 期，{people} 人次"),
        ("经费预算", f"{budget:,.2f} 元"),
        ("收费的班", f"{charging} 个" if charging else "没有"),
    ]


# --- guards -----------------------------------------------------------------------------------------------------------


def rows_are_sound(context: Context) -> str | None:
    items = list(context.case.items.all())
    if not items:
        said = "还没有填报任何培训班（附件1 至少一行）"
        return mended_at(context, said, {"附件1": reverse("plans:item_new", args=[context.case.pk])})
    found = [(item, wrong) for item in items if (wrong := item_problems(item))]
    if not found:
        return None
    said = "。".join(f"第 {item.position} 行：{'；'.join(wrong)}" for item, wrong in found)
    return mended_at(context, said, {f"第 {item.position} 行": item_url(item) for item, _ in found})


def nothing_gathered(context: Context) -> str | None:
    gathered = context.case.items.exclude(state__in=[PlanItem.State.CHECKED, PlanItem.State.REFUSED])
    return "已有项目汇总送会签，不能撤回审核" if gathered.exists() else None


def under_consent(context: Context) -> str | None:
    batch = context.case.batch
    return None if batch and batch.state == PlanBatch.State.CONSENTING else "只有会签中的项目可以登记不同意"


# --- effects ----------------------------------------------------------------------------------------------------------


def check_rows(context: Context) -> None:
    fire_many(context.case.items.filter(state=PlanItem.State.LISTED), "check", actor=context.actor)
    tell_filer(context)


def uncheck_rows(context: Context) -> None:
    fire_many(context.case.items.filter(state=PlanItem.State.CHECKED), "uncheck", actor=context.actor)


def project_numbers(year: int, count: int) -> list[str]:
    """The next numbers of projects of the year, in order."""
    return next_numbers("plan_item", year, count, seed="{year}-JH-{seq:03d}", title="计划项目")


def give_number(context: Context) -> None:
    """Once: a project that is published again keeps its number, as do those that a batch has numbered together."""
    context.case.number = context.case.number or project_numbers(context.case.plan.year, 1)[0]


def leave_batch(context: Context) -> None:
    context.case.batch = None


def change(context: Context) -> None:
    """The project as it was decided; its number stays. Classes go by what they were approved with."""
    put_into(context.case, context.case.changes.get(pk=context.data["change"]).after)
    tell_filer(context)


def withdraw(context: Context) -> None:
    """Classes that have not begun end with the project; those that have go on, and no other can be filed."""
    ending = [each.case for each in reach_of(context.case) if each.ends_with_project]
    fire_many(ending, "end_with_project", actor=context.actor, note=context.note)
    tell_filer(context)


def item_problems(item: PlanItem) -> list[str]:
    """What is wrong with one row, from its fields."""
    row: dict[str, Any] = {field.attname: getattr(item, field.attname) for field in item._meta.concrete_fields}
    return problems(row, item.plan.year)


# --- tables -----------------------------------------------------------------------------------------------------------

P, Row = Plan.State, PlanItem.State


def to_file(plan: Any) -> str:
    """A plan that is not filed, begun or not."""
    more = "（增补）" if getattr(plan, "supplement", 0) else ""
    return f"报送 {plan.year} 年度培训办班计划{more}"


BEFORE_DECISION = (P.SUBMITTED, P.RETURNED)
FILING = Filing(
    "报送培训计划",
    first=first_filing,
    act="报送",
    says=to_file,
    done="报送",
    again="重新报送",
    whole=(files_are_there, rows_are_sound),
    told=handlers_and_authority,
)

PLAN = Workflow(
    states={**FILING.states(), P.CHECKED: state("is-done"), P.REFUSED: state("is-late")},
    transitions=(
        *FILING.transitions(),
        Transition(
            "check", "审核通过", (P.SUBMITTED,), P.CHECKED, HANDLER, "审核通过", effect=check_rows, style="primary"
        ),
        Transition(
            "uncheck", "撤回审核", (P.CHECKED,), P.SUBMITTED, HANDLER, "撤回审核",
            guards=(nothing_gathered,), effect=uncheck_rows, form=REASON, reopens=True,
        ),
        Transition(
            "refuse", "不予受理", (P.SUBMITTED,), P.REFUSED, APPROVER, "不予受理",
            effect=tell_filer, form=REASON, style="danger",
        ),
    ),
    path=(
        Step("报送", (P.DRAFT, P.RETURNED), "申报单位"),
        Step("审核", (P.SUBMITTED,), "区人社局经办"),
    ),
)  # fmt: skip

ITEM = Workflow(
    within="batch",
    filed_with="plan",
    states={
        Row.LISTED: state("is-idle"),
        Row.CHECKED: state("is-wait", Turn(HANDLER)),
        Row.BATCHED: state("is-wait"),
        Row.STRUCK: state("is-late"),
        Row.REFUSED: state("is-late"),
        Row.PUBLISHED: state("is-done", Turn(FILER)),
        Row.WITHDRAWN: state("is-late"),
    },
    transitions=(
        Transition("check", "审核通过", (Row.LISTED,), Row.CHECKED, HANDLER, "审核通过", hidden=True),
        Transition("uncheck", "撤回审核", (Row.CHECKED,), Row.LISTED, HANDLER, "撤回审核", hidden=True),
        Transition("gather", "选入汇总", (Row.CHECKED,), Row.BATCHED, HANDLER, "选入汇总", hidden=True),
        Transition(
            "drop", "移出汇总", (Row.BATCHED,), Row.CHECKED, HANDLER, "移出汇总", effect=leave_batch, hidden=True
        ),
        Transition(
            "refuse", "不予列入", (Row.LISTED, Row.CHECKED), Row.REFUSED, HANDLER, "不予列入",
            effect=tell_filer, form=REASON, style="danger",
        ),
        Transition(
            "strike", "登记会签不同意", (Row.BATCHED,), Row.STRUCK, HANDLER, "会签未同意",
            guards=(under_consent,), effect=tell_filer, form="training.plans.forms.StrikeForm", style="danger",
        ),
        Transition(
            "object", "按会签意见划去", (Row.BATCHED,), Row.STRUCK, NOBODY, "会签未同意", effect=tell_filer, hidden=True
        ),
        Transition(
            "readmit", "按会签意见恢复", (Row.STRUCK,), Row.BATCHED, NOBODY, "会签改为同意",
            effect=tell_filer, hidden=True,
        ),
        Transition("publish", "公布", (Row.BATCHED,), Row.PUBLISHED, APPROVER, "公布", effect=give_number, hidden=True),
        Transition(
            "unpublish", "撤销公布", (Row.PUBLISHED,), Row.BATCHED, APPROVER, "撤销公布", hidden=True
        ),  # of a whole batch: no_class_opened asks for all of them at once
        Transition(
            "change", "变更", (Row.PUBLISHED,), Row.PUBLISHED, APPROVER, "变更", effect=change, hidden=True
        ),  # this and the next by a decision with its document (change_case.py)
        Transition("withdraw", "撤销", (Row.PUBLISHED,), Row.WITHDRAWN, APPROVER, "撤销", effect=withdraw, hidden=True),
    ),
    path=(
        Step("审核", (Row.LISTED,), "区人社局经办"),
        Step("汇总", (Row.CHECKED,), "区人社局经办"),
        Step("会签", (Row.BATCHED,), "协调小组、反腐办"),
        Step("公布", (), "区人社局"),
        Step("开班申请", (Row.PUBLISHED,), "申报单位"),
    ),
)  # fmt: skip

# --- what is owed before there is a case ------------------------------------------------------------------------------


def filing_years(today: date) -> list[int]:
    """Years for which a unit may begin a plan: the present one, and from October the next."""
    return [today.year, today.year + 1] if today.month >= 10 else [today.year]


def plans_to_file(asked: Asked) -> Iterable[Owed]:
    """notice 一(五)1: each provider's plan of the year. One query."""
    years = filing_years(clock.local(asked.now).date())
    begun = Plan.objects.filter(supplement=0, year__in=years)
    turn = Turn(FILER, "填写计划", says=to_file)
    providers = Unit.objects.filter(is_provider=True)
    return yearly(turn, PLAN_DUE, asked, providers, years, begun, reverse("plans:new"))


def items_to_gather(asked: Asked) -> Iterator[Owed]:
    """Checked items that wait for a batch."""
    waiting = PlanItem.objects.filter(state=Row.CHECKED).count()
    if waiting:
        note = "汇总后送两家会签"
        yield OwedDuty(
            Turn(HANDLER, "去汇总"), None, f"汇总 {waiting} 个审核通过的项目", reverse("plans:batches"), note=note
        )


# --- kinds ------------------------------------------------------------------------------------------------------------


# What a return often says; the bureau keeps the library from then on.
PHRASES = (
    ("年度培训方案与登记表不一致", "核对后更正方案或登记表"),
    ("登记表未盖章", "打印附件1盖章，扫描后上传"),
    ("办班依据没有写明文件", "写明文件名称和文号"),
    ("超出核定的培训资质", "改为资质范围内的班，或先更新资质（通知 三2）"),
    ("收费没有标准或批准文号", "填写标准和文号；没有批准的改为不收费（通知 三2）"),
    ("培训对象或内容不具体", "写明面向哪些人、讲什么"),
)

KINDS = (
    CaseKind(
        Plan,
        PLAN,
        drafts=may_edit,
        filing=first_filing,
        deadlines=(PLAN_DUE,),
        duties=(Duty(FILER, plans_to_file),),
        subject=lambda plan: f"{plan.year}-{plan.supplement}" if plan.supplement else str(plan.year),
        places=places,
        numbered=numbered,
        leads=ask_for_time,
        phrases=PHRASES,
        summary=summary_of,
        files=FileRules(lambda plan: MATERIALS, may_edit),
        entries=(
            NavItem("培训计划", "notebook-text", "plans:list", READ_CASES.roles, order=20, group=Section.TRAINING),
        ),
        events={"supplement_asked": "申请增补"},
        demo=Demo("培训计划", "training.plans.demo.build", order=30),
        clauses=(
            "一(五)1",
            "一(二)",
        ),
    ),
    CaseKind(
        PlanItem,
        ITEM,
        duties=(Duty(HANDLER, items_to_gather, clocked=False),),
        rows=lambda rows: rows.select_related("plan"),
        finds=by_words("title", "number"),
        year="plan__year",
    ),
)

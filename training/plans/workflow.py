"""From draft to published project (product.md P1–P4): three tables, of the filing, its rows, and the bureau's batch."""

from __future__ import annotations

from typing import Any

from luojiang_ce.files.materials import Material, missing_titles
from luojiang_ce.notices.services import notify
from luojiang_ce.papers.numbering import next_number
from luojiang_ce.workdays.deadlines import Deadline
from luojiang_ce.workflow.engine import fire_many
from luojiang_ce.workflow.guards import (
    before_deadline,
    first_filed_in_time,
    four_eyes,
    mark_submitted,
    mark_taken_back,
    mended_in_time,
    returned_once,
)
from luojiang_ce.workflow.table import Context, StateInfo, Step, Transition, Workflow
from units.notify import clerks_of, handlers
from units.returns import leave_to_return
from units.terms.reading import terms_of
from units.who import APPROVER, FILER, HANDLER

from .checks import problems
from .materials import consent_materials
from .models import ConsentBody, Plan, PlanBatch, PlanItem

# notice 一(五)1: 年度培训方案 goes with 附件1
MATERIALS = (
    Material("scheme", "年度培训方案", "写明本年度办班的目的、安排和经费", "一(五)1"),
    Material("stamped", "盖章的登记表扫描件", "打印附件1盖章后扫描", "附件1", required=lambda case: False),
)


def deadline_of(plan: Plan) -> Deadline | None:
    """notice 一(五)1: by the end of February of the plan's year. A further plan (增补) comes by the bureau's leave."""
    return None if plan.supplement else terms_of(plan).plan_for(plan.unit, plan.year)


# --- guards -----------------------------------------------------------------------------------------------------------


def has_scheme(context: Context) -> str | None:
    missing = missing_titles(context.case, MATERIALS)
    return f"还缺材料：{'、'.join(missing)}" if missing else None


def rows_are_sound(context: Context) -> str | None:
    items = list(context.case.items.all())
    if not items:
        return "还没有填报任何培训班（附件1 至少一行）"
    said = [f"第 {item.position} 行：{'；'.join(wrong)}" for item in items if (wrong := item_problems(item))]
    return "。".join(said) or None


def nothing_gathered(context: Context) -> str | None:
    gathered = context.case.items.exclude(state__in=[PlanItem.State.CHECKED, PlanItem.State.REFUSED])
    return "已有项目汇总送会签，不能撤回审核" if gathered.exists() else None


def has_items(context: Context) -> str | None:
    return None if context.case.items.exists() else "汇总里还没有项目，请先从审核通过的项目中选入"


def no_consent_yet(context: Context) -> str | None:
    return "已登记会签意见，不能退回汇总" if context.case.consents.exists() else None


def no_other_gathering(context: Context) -> str | None:
    others = PlanBatch.objects.filter(year=context.case.year, state=PlanBatch.State.GATHERING)
    other = others.exclude(pk=context.case.pk).first()
    return f"“{other}”还在汇总，请先送会签，再退回这一份" if other else None


def both_bodies_agree(context: Context) -> str | None:
    """notice 一(五)1: 经区治理整顿培训办班工作协调小组和区委反腐败领导小组办公室同意后发文公布."""
    bodies = list(ConsentBody.objects.filter(active=True))
    if not bodies:
        return "未设定会签单位，不能公布"
    agreed = {consent.body_id for consent in context.case.consents.all() if consent.result == "agreed"}
    waiting = [body.name for body in bodies if body.pk not in agreed]
    return f"{len(bodies) - len(waiting)}/{len(bodies)} 同意，还缺：{'、'.join(waiting)}" if waiting else None


def consents_have_scans(context: Context) -> str | None:
    """P3: each answer is recorded with its scan, which may have been removed since."""
    missing = missing_titles(context.case, consent_materials(context.case))
    return f"还缺扫描件：{'、'.join(missing)}" if missing else None


def something_left(context: Context) -> str | None:
    left = context.case.items.filter(state=PlanItem.State.BATCHED).exists()
    return None if left else "汇总里的项目都未获同意，没有可公布的项目"


def no_open_class(context: Context) -> str | None:
    used = context.case.classes.exclude(state__in=["refused", "cancelled"]).exists()
    return "该项目已有开班申请，请先处理开班申请" if used else None


def under_consent(context: Context) -> str | None:
    batch = context.case.batch
    return None if batch and batch.state == PlanBatch.State.CONSENTING else "只有会签中的项目可以登记不同意"


# --- effects ----------------------------------------------------------------------------------------------------------


def submit(context: Context) -> None:
    mark_submitted(context)
    notify(
        handlers(), f"收到{context.case}", key=f"plan-{context.case.pk}-{context.now.isoformat()}", case=context.case
    )


def tell_unit(context: Context) -> None:
    title = f"{context.case}：{context.transition.done}"
    key = f"{context.case._meta.model_name}-{context.case.pk}-{context.now.isoformat()}"
    notify(clerks_of(context.case.unit_id), title, key=key, text=context.note, case=context.case)


def check_rows(context: Context) -> None:
    fire_many(context.case.items.filter(state=PlanItem.State.LISTED), "check", actor=context.actor)
    tell_unit(context)


def uncheck_rows(context: Context) -> None:
    fire_many(context.case.items.filter(state=PlanItem.State.CHECKED), "uncheck", actor=context.actor)


def give_number(context: Context) -> None:
    context.case.number = next_number("plan_item", context.case.plan.year, seed="{year}-JH-{seq:03d}", title="计划项目")


def leave_batch(context: Context) -> None:
    context.case.batch = None


def publish_items(context: Context) -> None:
    from .papers import request_publication

    batch: PlanBatch = context.case
    batch.document_number, batch.published_on = context.data["document_number"], context.data["published_on"]
    items = batch.items.filter(state=PlanItem.State.BATCHED).select_related("plan")
    fire_many(items, "publish", actor=context.actor)
    request_publication(batch, context.actor)
    for unit_id in set(batch.items.values_list("unit_id", flat=True)):
        notify(clerks_of(unit_id), f"培训项目已公布：{batch.document_number}", key=f"published-{batch.pk}", case=batch)


def item_problems(item: PlanItem) -> list[str]:
    """What is wrong with one row, from its fields."""
    row: dict[str, Any] = {field.attname: getattr(item, field.attname) for field in item._meta.concrete_fields}
    return problems(row, item.plan.year)


# --- tables -----------------------------------------------------------------------------------------------------------

P, Row, B = Plan.State, PlanItem.State, PlanBatch.State
REASON = "luojiang_ce.workflow.forms.ReasonForm"

PLAN = Workflow(
    model=Plan,
    states={
        P.DRAFT: StateInfo("is-idle", FILER),
        P.SUBMITTED: StateInfo("is-turn", HANDLER),
        P.RETURNED: StateInfo("is-soon", FILER),
        P.CHECKED: StateInfo("is-done"),
        P.REFUSED: StateInfo("is-late"),
    },
    transitions=(
        Transition(
            "submit", "报送培训计划", (P.DRAFT,), P.SUBMITTED, FILER, "报送",
            guards=(first_filed_in_time(deadline_of), has_scheme, rows_are_sound), effect=submit, style="primary",
        ),
        Transition(
            "resubmit", "重新报送", (P.RETURNED,), P.SUBMITTED, FILER, "重新报送",
            guards=(mended_in_time(deadline_of, terms_of), has_scheme, rows_are_sound), effect=submit, style="primary",
            form="luojiang_ce.workflow.forms.ResubmitForm",
        ),
        Transition(
            "take_back", "撤回修改", (P.SUBMITTED,), P.DRAFT, FILER, "撤回",
            guards=(before_deadline(deadline_of),), effect=mark_taken_back,
        ),
        Transition(
            "return", "退回补正", (P.SUBMITTED,), P.RETURNED, HANDLER, "退回补正",
            guards=(returned_once,), effect=tell_unit, returns=True,
        ),
        leave_to_return(P.SUBMITTED),
        Transition(
            "check", "审核通过", (P.SUBMITTED,), P.CHECKED, HANDLER, "审核通过", effect=check_rows, style="primary"
        ),
        Transition(
            "uncheck", "撤回审核", (P.CHECKED,), P.SUBMITTED, HANDLER, "撤回审核",
            guards=(nothing_gathered,), effect=uncheck_rows, form=REASON,
        ),
        Transition(
            "refuse", "不予受理", (P.SUBMITTED,), P.REFUSED, APPROVER, "不予受理",
            effect=tell_unit, form=REASON, style="danger",
        ),
    ),
    path=(
        Step("报送", (P.DRAFT, P.RETURNED), "申报单位"),
        Step("审核", (P.SUBMITTED,), "区人社局经办"),
    ),
)  # fmt: skip

ITEM = Workflow(
    model=PlanItem,
    states={
        Row.LISTED: StateInfo("is-idle"),
        Row.CHECKED: StateInfo("is-wait", HANDLER),
        Row.BATCHED: StateInfo("is-wait"),
        Row.STRUCK: StateInfo("is-late"),
        Row.REFUSED: StateInfo("is-late"),
        Row.PUBLISHED: StateInfo("is-done", FILER),
        Row.WITHDRAWN: StateInfo("is-late"),
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
            effect=tell_unit, form=REASON, style="danger",
        ),
        Transition(
            "strike", "登记会签不同意", (Row.BATCHED,), Row.STRUCK, HANDLER, "会签未同意",
            guards=(under_consent,), effect=tell_unit, form="training.plans.forms.StrikeForm", style="danger",
        ),
        Transition("publish", "公布", (Row.BATCHED,), Row.PUBLISHED, APPROVER, "公布", effect=give_number, hidden=True),
        Transition(
            "withdraw", "撤销项目", (Row.PUBLISHED,), Row.WITHDRAWN, APPROVER, "撤销",
            guards=(no_open_class,), effect=tell_unit, form=REASON, style="danger",
        ),
    ),
    path=(
        Step("审核", (Row.LISTED,), "区人社局经办"),
        Step("汇总", (Row.CHECKED,), "区人社局经办"),
        Step("会签", (Row.BATCHED,), "协调小组、反腐办"),
        Step("公布", (), "区人社局"),
        Step("开班申请", (Row.PUBLISHED,), "申报单位"),
    ),
)  # fmt: skip

BATCH = Workflow(
    model=PlanBatch,
    states={
        B.GATHERING: StateInfo("is-turn", HANDLER),
        B.CONSENTING: StateInfo("is-wait", APPROVER),
        B.PUBLISHED: StateInfo("is-done"),
    },
    transitions=(
        Transition(
            "send", "送两家会签", (B.GATHERING,), B.CONSENTING, HANDLER, "送会签", guards=(has_items,), style="primary"
        ),
        Transition(
            "recall", "退回汇总", (B.CONSENTING,), B.GATHERING, HANDLER, "退回汇总",
            guards=(no_consent_yet, no_other_gathering),
        ),
        Transition(
            "publish", "发文公布", (B.CONSENTING,), B.PUBLISHED, APPROVER, "发文公布",
            guards=(both_bodies_agree, consents_have_scans, something_left, four_eyes("send")), effect=publish_items,
            form="training.plans.forms.PublishForm", style="primary",
        ),
    ),
    path=(
        Step("汇总", (B.GATHERING,), "区人社局经办"),
        Step("两家会签", (B.CONSENTING,), "协调小组、反腐办"),
        Step("发文公布", (), "区人社局审批"),
    ),
)  # fmt: skip

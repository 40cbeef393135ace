"""From draft to published project (product.md P1–P4): the filing, its rows, the bureau's batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_CASES, READ_GATHERINGS, Role
from luojiang_ce.deadlines.owed import Asked, Owed, OwedDuty
from luojiang_ce.files.materials import Material, missing_titles
from luojiang_ce.files.registry import FileRules
from luojiang_ce.home.registry import Demo, NavItem
from luojiang_ce.notices.services import notify
from luojiang_ce.once import once
from luojiang_ce.papers.numbering import next_number
from luojiang_ce.workdays.deadlines import DeadlineKind, end_of_february
from luojiang_ce.workflow.case_kind import REASON, CaseKind, Context, Duty, Step, Transition, Turn, Workflow, state
from luojiang_ce.workflow.engine import fire_many, four_eyes
from units.access import APPROVER, FILER, HANDLER, holds
from units.filed_case import Filing, FilingTerm, files_are_there, may_edit, tell_filer, yearly
from units.models import Unit
from units.notify import clerks_of

from . import papers
from .checks import problems
from .materials import consent_materials
from .models import ConsentBody, Plan, PlanBatch, PlanItem

CONSENT_OFFICER = holds("会签单位", Role.CONSENT_OFFICER)

PLAN_DUE = DeadlineKind(
    "plan",
    "年度培训计划申报",
    "通知 一(五)1",
    end_of_february("{year}年度培训计划应在当年2月底前报送"),
    yearly=True,
    extendable=True,
    missed="recorded",
)

# A further plan (增补) comes by the bureau's leave.
first_filing = FilingTerm(PLAN_DUE, lambda plan: None if plan.supplement else plan.year, lambda plan: str(plan.year))

# notice 一(五)1: 年度培训方案 goes with 附件1
MATERIALS = (
    Material("scheme", "年度培训方案", "写明本年度办班的目的、安排和经费", "一(五)1"),
    Material("stamped", "盖章的登记表扫描件", "打印附件1盖章后扫描", "附件1", required=lambda case: False),
)


# --- guards -----------------------------------------------------------------------------------------------------------


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
    bodies = bodies_asked()
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


def check_rows(context: Context) -> None:
    fire_many(context.case.items.filter(state=PlanItem.State.LISTED), "check", actor=context.actor)
    tell_filer(context)


def uncheck_rows(context: Context) -> None:
    fire_many(context.case.items.filter(state=PlanItem.State.CHECKED), "uncheck", actor=context.actor)


def give_number(context: Context) -> None:
    context.case.number = next_number("plan_item", context.case.plan.year, seed="{year}-JH-{seq:03d}", title="计划项目")


def leave_batch(context: Context) -> None:
    context.case.batch = None


def publish_items(context: Context) -> None:
    batch: PlanBatch = context.case
    batch.document_number, batch.published_on = context.data["document_number"], context.data["published_on"]
    items = batch.items.filter(state=PlanItem.State.BATCHED).select_related("plan")
    fire_many(items, "publish", actor=context.actor)
    papers.request_publication(batch, context.actor)
    for unit_id in set(batch.items.values_list("unit_id", flat=True)):
        notify(clerks_of(unit_id), f"培训项目已公布：{batch.document_number}", key=f"published-{batch.pk}", case=batch)


def item_problems(item: PlanItem) -> list[str]:
    """What is wrong with one row, from its fields."""
    row: dict[str, Any] = {field.attname: getattr(item, field.attname) for field in item._meta.concrete_fields}
    return problems(row, item.plan.year)


@once
def bodies_asked() -> list[ConsentBody]:
    """The bodies whose consent is asked for today. One query."""
    return list(ConsentBody.objects.filter(active=True))


def unanswered(batch: PlanBatch) -> list[ConsentBody]:
    """Whose answer to this batch is not recorded yet."""
    given = {consent.body_id for consent in batch.consents.all()}
    return [body for body in bodies_asked() if body.pk not in given]


# --- tables -----------------------------------------------------------------------------------------------------------

P, Row, B = Plan.State, PlanItem.State, PlanBatch.State


def to_file(plan: Any) -> str:
    """A plan that is not filed, begun or not."""
    more = "（增补）" if getattr(plan, "supplement", 0) else ""
    return f"报送 {plan.year} 年度培训办班计划{more}"


FILING = Filing(
    "报送培训计划",
    first=first_filing,
    act="报送",
    says=to_file,
    done="报送",
    again="重新报送",
    whole=(files_are_there, rows_are_sound),
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
        Transition("publish", "公布", (Row.BATCHED,), Row.PUBLISHED, APPROVER, "公布", effect=give_number, hidden=True),
        Transition(
            "withdraw", "撤销项目", (Row.PUBLISHED,), Row.WITHDRAWN, APPROVER, "撤销",
            guards=(no_open_class,), effect=tell_filer, form=REASON, style="danger",
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
    states={
        B.GATHERING: state("is-turn", Turn(HANDLER, "汇总")),
        B.CONSENTING: state(
            "is-wait",
            Turn(
                HANDLER, "登记会签意见",
                when=lambda batch: bool(unanswered(batch)), note=lambda batch: f"已登记 {len(batch.consents.all())} 家",
            ),
            Turn(APPROVER, "发文公布"),
        ),
        B.PUBLISHED: state("is-done"),
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


def batches_to_consent(asked: Asked) -> Iterator[Owed]:
    """Batches that some body has not answered: on paper, which the handler records."""
    for batch in PlanBatch.objects.filter(state=B.CONSENTING).prefetch_related("consents"):
        if names := "、".join(body.name for body in unanswered(batch)):
            note = f"还没有意见：{names}。书面意见交区人社局经办登记"
            turn = Turn(CONSENT_OFFICER, "查看项目")
            yield OwedDuty(turn, batch, f"会签：{batch}", batch.get_absolute_url(), note=note)


# --- kinds ------------------------------------------------------------------------------------------------------------


KINDS = (
    CaseKind(
        Plan,
        PLAN,
        filing=first_filing,
        deadlines=(PLAN_DUE,),
        duties=(Duty(FILER, plans_to_file),),
        subject=lambda plan: f"{plan.year}-{plan.supplement}" if plan.supplement else str(plan.year),
        files=FileRules(lambda plan: MATERIALS, may_edit),
        entries=(NavItem("培训计划", "notebook-text", "plans:list", READ_CASES.roles, order=20),),
        demo=Demo("培训计划", "training.plans.demo.build", order=30),
    ),
    CaseKind(
        PlanItem,
        ITEM,
        duties=(Duty(HANDLER, items_to_gather, clocked=False),),
        rows=lambda rows: rows.select_related("plan"),
    ),
    CaseKind(
        PlanBatch,
        BATCH,
        duties=(Duty(CONSENT_OFFICER, batches_to_consent, clocked=False),),
        rows=lambda rows: rows.prefetch_related("consents"),
        # Until publication freezes the consents.
        files=FileRules(
            consent_materials, lambda batch, account: batch.state == B.CONSENTING and account.holds(Role.BUREAU_HANDLER)
        ),
        papers=(papers.PUBLICATION,),
        entries=(
            NavItem(
                "汇总与公布",
                "stamp",
                "plans:batches",
                READ_GATHERINGS.roles,
                order=21,
                also=("plans:batch", "plans:consent"),
            ),
        ),
        events={"consent": "登记会签意见"},
    ),
)

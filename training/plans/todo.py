"""What is to be done about plans, for the start page and the navigation."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access.roles import Role
from luojiang_ce.home.registry import NavItem, Todo
from units.models import Account, Unit
from units.terms.grants import Terms
from units.terms.reading import current_terms

from .models import ConsentBody, Plan, PlanBatch, PlanItem
from .services import filing_years

CONCERNED = (Role.UNIT_CLERK, Role.BUREAU_HANDLER, Role.BUREAU_APPROVER, Role.AUDIT_ADMIN)
NAV = (
    NavItem("培训计划", "notebook-text", "plans:list", CONCERNED, order=20),
    NavItem(
        "汇总与公布",
        "stamp",
        "plans:batches",
        (*CONCERNED[1:3], Role.CONSENT_OFFICER),
        order=21,
        also=("plans:batch", "plans:consent"),
    ),
)


def plans_to_do(account: Account) -> Iterator[Todo]:
    """Plans to file or mend (clerk), to check or gather (handler), to consent to (consent officer), to publish."""
    terms = current_terms()
    if account.holds(Role.UNIT_CLERK):
        yield from _for_clerk(account, terms)
    if account.holds(Role.BUREAU_HANDLER):
        yield from _for_handler(account, terms)
    if account.holds(Role.BUREAU_APPROVER):
        for batch in PlanBatch.objects.filter(state=PlanBatch.State.CONSENTING):
            yield Todo(f"发文公布：{batch}", batch.get_absolute_url(), "两家同意后公布", action_label="查看会签")
    if account.holds(Role.CONSENT_OFFICER):
        yield from _for_consent()


def _for_clerk(account: Account, terms: Terms) -> Iterator[Todo]:
    units = account.unit_ids(Role.UNIT_CLERK)
    plans = list(Plan.objects.filter(unit__in=units).select_related("unit"))
    years = filing_years(clock.today())
    filed = {(plan.unit_id, plan.year) for plan in plans if plan.first_submitted_at}
    for unit in Unit.objects.filter(pk__in=units, is_provider=True):
        for year in years:
            due = terms.plan_for(unit, year)
            if (unit.pk, year) not in filed and (due.due >= clock.today() or year == clock.today().year):
                yield Todo(
                    f"报送 {year} 年度培训办班计划", reverse("plans:new"), due.explanation, due.due, due.provisional,
                    action_label="填写计划",
                )  # fmt: skip
    for plan in plans:
        if plan.state == Plan.State.RETURNED:
            yield Todo(f"补正：{plan}", plan.get_absolute_url(), "退回补正，须一次补齐", action_label="继续补正")
        elif plan.state == Plan.State.SUBMITTED:
            yield Todo(str(plan), plan.get_absolute_url(), waiting_for="区人社局经办审核", mine=False)


def _for_consent() -> Iterator[Todo]:
    """Batches of which some body has not answered; the answer is given on paper and recorded by the handler."""
    bodies = ConsentBody.objects.filter(active=True)
    batches = PlanBatch.objects.filter(state=PlanBatch.State.CONSENTING).prefetch_related("consents")
    names = {body.pk: body.name for body in bodies}
    for batch in batches:
        given = {consent.body_id for consent in batch.consents.all()}
        if waiting := [name for pk, name in names.items() if pk not in given]:
            note = f"还没有意见：{'、'.join(waiting)}。书面意见交区人社局经办登记"
            yield Todo(f"会签：{batch}", batch.get_absolute_url(), note, action_label="查看项目")


def _for_handler(account: Account, terms: Terms) -> Iterator[Todo]:
    for plan in Plan.objects.filter(state=Plan.State.SUBMITTED).select_related("unit"):
        reply = terms.reply(clock.local(plan.submitted_at).date()) if plan.submitted_at else None
        yield Todo(
            f"审核：{plan}", plan.get_absolute_url(), reply.explanation if reply else "",
            reply.due if reply else None, action_label="审核计划",
        )  # fmt: skip
    waiting = PlanItem.objects.filter(state=PlanItem.State.CHECKED).count()
    if waiting:
        yield Todo(
            f"汇总 {waiting} 个审核通过的项目", reverse("plans:batches"), "汇总后送两家会签", action_label="去汇总"
        )
    for batch in PlanBatch.objects.filter(state=PlanBatch.State.CONSENTING).prefetch_related("consents"):
        yield Todo(f"登记会签意见：{batch}", batch.get_absolute_url(), f"已登记 {len(batch.consents.all())} 家")

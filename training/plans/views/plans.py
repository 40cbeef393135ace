"""A unit's plans and their rows: list, case page, forms, workbook."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce import clock
from luojiang_ce.access import DO_BUREAU_WORK, READ_CASES, Actor, Role, any_account, get_visible_or_404, roles
from luojiang_ce.files.materials import checklist
from luojiang_ce.home.form_page import act, form_page, posted
from luojiang_ce.home.lists import HeadLink, acts_on_many, list_context
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.printouts import printed
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.sheets.responses import workbook_response
from luojiang_ce.typed import whole_number
from luojiang_ce.workdays.strip import build
from luojiang_ce.workflow.pages import case_page
from luojiang_ce.workflow.undo import offer_undo, taken_away
from training.plans import papers, services
from training.plans.case import MATERIALS, PLAN_DUE, filing_years, first_filing, item_problems
from training.plans.changing import compared
from training.plans.filters import ItemFilter, PlanFilter
from training.plans.form1 import FORM1, head_of, row_of, rows_of
from training.plans.forms import AskSupplementForm, ItemForm, NewPlanForm, PlanForm, SupplementForm
from training.plans.models import Plan, PlanItem, ProjectChange
from training.plans.review import reviewed
from units.access import FILER
from units.extensions.reading import current_terms
from units.filed_case import EDITABLE, may_edit
from units.models import Unit
from units.opinions.reading import panel_of

CLERK = Role.UNIT_CLERK
HINTS = 8  # of a plan on its page
NO_ITEMS = {"text": "还没有计划项目。培训计划里填报的班列在这里"}


@any_account
def plan_list(request: HttpRequest) -> HttpResponse:
    """The plans this account may see."""
    rows = Plan.objects.visible_to(request.user).select_related("unit")
    links = []
    if request.user.holds(CLERK):
        links = [HeadLink("填报培训计划", reverse("plans:new"), "plus", True)]
        if services.can_ask_supplement(request.user):
            links.insert(0, HeadLink("申请增补计划", reverse("plans:ask_supplement"), "plus"))
    elif request.user.holds(Role.BUREAU_APPROVER):
        links = [HeadLink("同意增补计划", reverse("plans:supplement"), "plus")]
    context = list_context(request, rows, filterset=PlanFilter, sorts={"year": "year", "filed": "first_submitted_at"})
    context |= acts_on_many(request, Plan, READ_CASES, "plans:export")
    context |= {
        "title": "培训计划",
        "links": links,
        "empty": {"text": "还没有培训计划。单位报送后列在这里"},
    }
    return render(request, "training_plans/plan_list.html", context)


export = export_view(READ_CASES, "plans")


@any_account
def item_list(request: HttpRequest) -> HttpResponse:
    """Planned classes and projects this account may see."""
    rows = PlanItem.objects.visible_to(request.user).select_related("unit", "plan", "batch")
    context = list_context(request, rows, filterset=ItemFilter, sorts={"starts": "starts_on", "number": "number"})
    context |= acts_on_many(request, PlanItem, READ_CASES, "plans:export_items")
    return render(request, "training_plans/item_list.html", {**context, "title": "计划项目", "empty": NO_ITEMS})


export_items = export_view(READ_CASES, "plan_items")


@roles(CLERK)
def new_plan(request: HttpRequest) -> HttpResponse:
    """Begin, or go on with, the plan of a year."""
    years = filing_years(clock.today())
    terms = current_terms()
    form = NewPlanForm(posted(request), years=years, clerk=request.user, initial={"year": years[-1]})
    return form_page(
        request,
        form,
        lambda: services.open_plan(actor=request.user, **form.cleaned_data),
        title="填报培训计划",
        submit_label="开始填报",
        back="",
        then=lambda plan: plan,
        template="training_plans/new_plan.html",
        dues=[
            (unit, year, terms.due_for(PLAN_DUE, year, unit, str(year)))
            for unit in Unit.objects.filed_for(request.user)
            for year in years
        ],
    )


@roles(Role.BUREAU_APPROVER)
def allow_supplement(request: HttpRequest) -> HttpResponse:
    """The bureau's leave for a unit to file a further plan."""
    asked = {"unit": request.GET.get("unit"), "year": request.GET.get("year")}
    form = SupplementForm(posted(request), years=filing_years(clock.today()), initial=asked)
    return form_page(
        request,
        form,
        lambda: services.allow_supplement(actor=request.user, **form.cleaned_data),
        title="同意增补计划",
        submit_label="同意增补",
        done=lambda plan: f"已同意增补，已通知单位：{plan}",
        back=reverse("plans:list"),
    )


@roles(CLERK)
def ask_supplement(request: HttpRequest) -> HttpResponse:
    """A clerk asks for leave to add to a filed plan; `?plan=` chooses which."""
    account: Any = request.user
    plans = services.to_be_added_to(account).select_related("unit").order_by("-year", "unit__code")
    asked = request.GET.get("plan", "")
    initial = {"plan": asked} if whole_number(asked) is not None else {}
    form = AskSupplementForm(posted(request), plans=plans, initial=initial)
    return form_page(
        request,
        form,
        lambda: services.ask_supplement(actor=account, **form.cleaned_data),
        title="申请增补计划",
        lead="报送以后要增加培训班的，请区人社局同意增补；同意后增补计划的草稿出现在“今日”，填好报送即可",
        submit_label="提交申请",
        done="已申请增补，区人社局同意后有消息通知您",
        back=[("培训计划", reverse("plans:list"))],
        then=lambda plan: plan,
    )


@any_account
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """The case page of a plan."""
    case = get_visible_or_404(Plan.objects.select_related("unit__supervisor", "created_by"), request, pk=pk)
    terms, items = current_terms(), list(case.items.select_related("plan"))
    deadline = first_filing(case, terms)
    page = case_page(case, request.user)
    opinion = panel_of(case, request.user, page.history)
    objection = [opinion.objection] if opinion and opinion.objection else []
    context: dict[str, Any] = {
        "page": page,
        "title": str(case),
        "kind": "培训计划",
        "lead": case.unit.name,
        "strip": build(deadline, terms.calendar, clock.today(), case.first_submitted_at) if deadline else None,
        "rows": [(item, item_problems(item)) for item in items],
        "published": sum(item.state == PlanItem.State.PUBLISHED for item in items),
        "opinion": opinion,
        "hints": [*objection, *_hints(case, items, request.user)] if case.state == Plan.State.SUBMITTED else [],
        "materials": checklist(case, MATERIALS),
        "may_change": may_edit(case, request.user),
        "deleted": taken_away(request, _rows_of(case)),
        "links": _plan_links(case, request.user),
    }
    return render(request, "training_plans/plan.html", context)


def _plan_links(case: Plan, account: Actor) -> list[HeadLink]:
    links = [
        HeadLink("附件1 PDF", reverse("plans:pdf", args=[case.pk]), "printer"),
        HeadLink("附件1 .xlsx", reverse("plans:sheet", args=[case.pk]), "download"),
    ]
    if FILER.test(account, case) and services.to_be_added_to(account).filter(pk=case.pk).exists():
        ask = f"{reverse('plans:ask_supplement')}?plan={case.pk}"
        links.append(HeadLink("申请增补", ask, "plus"))
    if account.holds(*DO_BUREAU_WORK.roles):
        links.insert(0, HeadLink("逐项审核", reverse("plans:review", args=[case.pk]), "list"))
    if account.holds(Role.BUREAU_APPROVER) and case.state not in EDITABLE:
        leave = f"{reverse('plans:supplement')}?unit={case.unit_id}&year={case.year}"
        links.append(HeadLink("同意增补", leave, "plus"))
    return links


@roles(CLERK)
def edit_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """The head of a plan that may still be edited."""
    case = _own_or_404(request, pk)
    if locked := _leave_if_locked(request, case):
        return locked
    form = PlanForm(posted(request), instance=case)

    def save(*, quiet: bool = False) -> Plan:
        return services.save_head(
            plan=case, values=form.cleaned_data, version=form.version, actor=request.user, quiet=quiet
        )

    return form_page(
        request,
        form,
        save,
        title=f"{case}：填报信息",
        submit_label="保存填报信息",
        back=case.get_absolute_url(),
        about=case,
        autosave=lambda: save(quiet=True),
    )


@roles(CLERK)
def edit_item(request: HttpRequest, pk: int, item_pk: int | None = None) -> HttpResponse:
    """A row of 附件1, new or changed; it may be saved incomplete, and saves itself once it exists (P1)."""
    case = _own_or_404(request, pk)
    if locked := _leave_if_locked(request, case):
        return locked
    if is_new := item_pk is None:
        item = services.new_item(case)
    else:
        item = get_visible_or_404(case.items.all(), request, pk=item_pk)
    form = ItemForm(posted(request), instance=item)

    def save(*, quiet: bool = False) -> PlanItem:
        return services.save_item(item=form.instance, version=form.version, actor=request.user, quiet=quiet)

    return form_page(
        request,
        form,
        save,
        title="添加培训班" if is_new else f"第 {item.position} 行：{item.title}",
        lead=str(case),
        submit_label="保存这个班",
        done=lambda kept: f"已保存：{kept.title or '未命名的班'}",
        back=case.get_absolute_url(),
        about=case,
        why="可以先存不完整的内容，报送前会列出还缺什么",
        autosave=lambda: save(quiet=not is_new),
        goes_on=(lambda kept: reverse("plans:item_edit", args=[case.pk, kept.pk])) if is_new else None,
    )


@roles(CLERK)
@require_POST
def delete_item(request: HttpRequest, pk: int, item_pk: int) -> HttpResponse:
    """Take a row out of a plan that may still be edited."""
    case = _own_or_404(request, pk)
    item = case.items.filter(pk=item_pk).first()
    if item is None:
        messages.info(request, "这一行已经删除")
        return redirect(case)
    text = f"已删除：{item.title or '未命名的班'}"

    def delete() -> None:
        rows = services.delete_item(item=item, actor=request.user)
        offer_undo(request, text, "plan_item", page=_rows_of(case), rows=rows)

    return act(request, delete, back=case)


def _rows_of(plan: Plan) -> str:
    """Where the deleted rows of a plan are offered."""
    return f"{plan._meta.label_lower}:{plan.pk}"


@any_account
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """附件1 of a plan as a workbook."""
    case = get_visible_or_404(Plan.objects.select_related("unit"), request, pk=pk)
    rows = rows_of(case.items.all())
    return workbook_response(FORM1, rows, f"附件1 {case}", head_of(case), papers.BOXES, taken_by=request.user)


@any_account
def pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """附件1 of a plan, to print and stamp."""
    case = get_visible_or_404(Plan.objects.select_related("unit"), request, pk=pk)
    return printed(request, papers.FORM1_PRINTED, case)


@any_account
def item(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of a planned class or project."""
    rows = PlanItem.objects.select_related("unit", "plan__unit", "batch")
    case = get_visible_or_404(rows, request, pk=pk)
    facts, page = row_of(case), case_page(case, request.user)
    opens = page.is_mine and case.state == PlanItem.State.PUBLISHED
    changes = ProjectChange.objects.visible_to(request.user).filter(item=case, state__in=ProjectChange.OPEN)
    context = {
        "page": page,
        "title": case.title,
        "kind": "计划项目",
        "number": case.number,
        "lead": case.unit.name,
        "links": _links_of(case, request.user, opens=opens),
        "documents": _documents_of(case) if case.number else [],
        "open_changes": changes if case.number else [],
        "facts": [(f"{column.group}{column.title}", facts[column.key]) for column in FORM1.columns],
        "sees_plan": Plan.objects.visible_to(request.user).filter(pk=case.plan_id).exists(),
    }
    return render(request, "training_plans/item.html", context)


def _links_of(item: PlanItem, account: Any, *, opens: bool) -> list[HeadLink]:
    """Where a class of a published project is opened, and where the project is changed or withdrawn: asked for by its
    unit, proposed by the handler."""
    asks = FILER.test(account, item)
    if item.state != PlanItem.State.PUBLISHED or not (asks or account.holds(Role.BUREAU_HANDLER)):
        return []
    verb, pk = "申请" if asks else "提出", [item.pk]
    return [
        HeadLink(f"{verb}变更", reverse("plans:change_item", args=pk), "pencil"),
        HeadLink(f"{verb}撤销", reverse("plans:withdraw_item", args=pk), "ban"),
        *([HeadLink("申请开班", reverse("classes:new"), "plus", True)] if opens else []),
    ]


def _documents_of(item: PlanItem) -> list[tuple[Paper, list[ProjectChange]]]:
    """The documents by which a project was published, the first of all first, each with what it changed of it. Three
    queries."""
    decided = list(item.changes.decided())
    for each in decided:
        each.lines = compared(each)  # type: ignore[attr-defined]
    published = Paper.objects.of(item.batch) if item.batch else Paper.objects.none()
    documents = published.filter(kind=papers.PUBLICATION.key).with_successors().order_by("pk")
    return [(each, [made for made in decided if made.document_number == each.number]) for each in documents]


def _own_or_404(request: HttpRequest, pk: int) -> Plan:
    own = Plan.objects.filter(unit__in=request.user.unit_ids(CLERK)).select_related("unit")
    return get_visible_or_404(own, request, pk=pk)


def _leave_if_locked(request: HttpRequest, case: Plan) -> HttpResponse | None:
    """No form that could not be saved. What was typed meanwhile is shown again, with the service's reason."""
    if request.method == "POST" or case.state in EDITABLE:
        return None
    messages.info(request, services.locked(case))
    return redirect(case)


def _hints(case: Plan, items: list[PlanItem], account: Actor) -> list[str]:
    """The first of what the table of the rows marks, to whoever checks the plan and to its unit: pointed out, never
    refused by itself (P5). Whoever checks it is told what stands on the provider's record (notice 一(五)4)."""
    by_bureau = account.holds(*DO_BUREAU_WORK.roles)
    if not by_bureau and not FILER.test(account, case):
        return []
    marked = zip(items, reviewed(case, items, by_bureau=by_bureau), strict=True)
    said = [f"第 {item.position} 行：{mark.text}" for item, marks in marked for mark in marks]
    more = f"另有 {len(said) - HINTS} 处{'，见“逐项审核”' if by_bureau else ''}"
    shown = said if len(said) <= HINTS else [*said[:HINTS], more]
    return [*(case.unit.record_told() if by_bureau else ()), *shown]

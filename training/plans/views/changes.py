"""Changes and withdrawals of published projects: list, forms, case page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from luojiang_ce.access import READ_CASES, can, get_visible_or_404, roles
from luojiang_ce.files.materials import checklist
from luojiang_ce.home.form_page import Crumbs, form_page, posted
from luojiang_ce.home.lists import HeadLink, acts_on_many, list_context
from luojiang_ce.papers.models import Paper
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.workflow.pages import case_page
from training.plans.change_case import APPLICANT, FILING, edit_url, materials, may_attach
from training.plans.change_forms import ChangeForm, WithdrawalForm
from training.plans.changing import compared, draft_of, save_change
from training.plans.filters import ChangeFilter
from training.plans.models import PlanItem, ProjectChange
from training.plans.reach import Reached, reach_of
from units.access import FILER, PROPOSER
from units.filed_case import record_told

What = ProjectChange.What
WRITERS = (*APPLICANT.roles, *PROPOSER.roles)
LEAD = "已公布的项目由区人社局决定变更或撤销：写明理由和依据，另发调整后的文件，原文件即被替代"


@can(READ_CASES)
def change_list(request: HttpRequest) -> HttpResponse:
    """The changes that the account sees."""
    rows = ProjectChange.objects.visible_to(request.user).select_related("item", "unit")
    context = list_context(request, rows, filterset=ChangeFilter)
    context |= acts_on_many(request, ProjectChange, READ_CASES, "plans:export_changes")
    projects = HeadLink("已公布的项目", f"{reverse('plans:items')}?state={PlanItem.State.PUBLISHED}", "list")
    context |= {"title": "公布项目变更", "lead": LEAD, "links": [projects]}
    context |= {"empty": {"text": "没有变更或撤销。在已公布项目的页面上提出"}}
    return render(request, "training_plans/changes.html", context)


export = export_view(READ_CASES, "project_changes")


@can(READ_CASES)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """The case page of a change: old beside new, and the classes that it reaches."""
    related = ("item__unit", "item__plan__unit", "batch", "unit", "created_by")
    case = get_visible_or_404(ProjectChange.objects.select_related(*related), request, pk=pk)
    links = [HeadLink("修改", edit_url(case), "pencil")] if FILING.may_change(case, request.user) else []
    context = {
        "page": case_page(case, request.user),
        "record": record_told(case, request.user),
        "title": str(case),
        "kind": "公布项目变更",
        "number": case.number,
        "lead": case.unit.name,
        "crumbs": [*_above(), (case.number or "草稿", "")],
        "links": [*links, HeadLink("项目", case.item.get_absolute_url(), "book-open")],
        "lines": compared(case),
        "reach": _reach(case) if case.state in ProjectChange.OPEN else [],
        "document": _document(case),
        "materials": checklist(case, materials(case)),
        "may_change": may_attach(case, request.user),
    }
    return render(request, "training_plans/change.html", context)


@roles(*WRITERS)
def begin(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Ask for a change or withdrawal of a published project, or go on with the draft of it."""
    account: Any = request.user
    item = get_visible_or_404(PlanItem.objects.select_related("unit", "plan", "batch"), request, pk=pk)
    if not (FILER.test(account, item) or account.holds(*PROPOSER.roles)):
        raise Http404
    if item.state != PlanItem.State.PUBLISHED:
        messages.info(request, f"项目现在是“{item.get_state_display()}”，只有已公布的项目可以变更或撤销")
        return redirect(item)
    row = draft_of(item, what, account)
    if row.pk and request.method == "GET":
        return redirect(edit_url(row))
    return _form(request, row)


@roles(*WRITERS)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what is asked for, while it is in its writer's hands."""
    case = get_visible_or_404(ProjectChange.objects.select_related("item__unit", "batch"), request, pk=pk)
    if not FILING.may_change(case, request.user):
        raise Http404
    return _form(request, case)


def _reach(case: ProjectChange) -> list[tuple[Reached, str]]:
    """The classes of the project, each with what becomes of it."""
    withdrawn = case.what == What.WITHDRAWAL
    return [(each, each.fate(withdrawn=withdrawn)) for each in reach_of(case.item)]


def _document(case: ProjectChange) -> Paper | None:
    return Paper.objects.of(case.batch).filter(number=case.document_number or None).with_successors().first()


def _form(request: HttpRequest, row: ProjectChange) -> HttpResponse:
    made: type[Any] = ChangeForm if row.what == What.CHANGE else WithdrawalForm
    form = made(posted(request), row=row)

    def save() -> ProjectChange:
        reason, version = form.cleaned_data["reason"], form.version
        return save_change(change=row, wanted=form.wanted, reason=reason, actor=request.user, version=version)

    return form_page(
        request,
        form,
        save,
        title=f"{row.get_what_display()}公布的项目",
        lead=str(row.item),
        submit_label="保存，下一步上传材料",
        done="已保存。请核对原内容和新内容，上传材料后提交",
        back=[(str(row.item), row.item.get_absolute_url())],
        then=lambda kept: kept,
        about=row if row.pk else None,
        why="项目编号不变；改动的每一项都会与原内容并列，由区人社局决定",
    )


def _above() -> Crumbs:
    return [("公布项目变更", reverse("plans:changes"))]

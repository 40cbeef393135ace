"""Interpretations: the list, one of them, its form; and the page of the notice, clause by clause, for everybody."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Role, any_account, get_visible_or_404, public, roles
from luojiang_ce.home.form_page import Crumbs, form_page, posted
from luojiang_ce.home.lists import HeadLink, export_link, list_context
from luojiang_ce.sheets.exports import export_list
from luojiang_ce.workflow.pages import published_page
from units.drafted_case import may_change
from units.drafted_pages import edit_draft
from units.interpretations import services
from units.interpretations.filters import InterpretationFilter
from units.interpretations.forms import InterpretationForm
from units.interpretations.models import Interpretation
from units.interpretations.notice import beside_the_notice, table_of

ABOUT = "通知未尽事宜由区人力资源和社会保障局负责解释（通知 三4）。公布后任何人都可以在“规则对照”里看到"
WRITES = Role.BUREAU_HANDLER


@public
def notice(request: HttpRequest) -> HttpResponse:
    """The notice clause by clause: what it says, its figures and deadlines, where it is kept, how it is read."""
    context = {
        "title": "规则对照",
        "lead": "泉洛政人社〔2017〕27号逐条：设定、期限、在系统的哪里、解释",
        "rows": table_of(request.user),
        "beside": beside_the_notice(),
        "frame": "base.html" if request.user.is_authenticated else "plain_base.html",
    }
    return render(request, "interpretations/notice.html", context)


@any_account
def listing(request: HttpRequest) -> HttpResponse:
    """The interpretations that the account sees."""
    links = [export_link(request, "interpretations:export"), HeadLink("规则对照", reverse("interpretations:notice"))]
    if request.user.holds(WRITES):
        links.append(HeadLink("拟写解释", reverse("interpretations:begin"), "plus", primary=True))
    context = {
        "title": "条款解释",
        "lead": ABOUT,
        "links": links,
        "unit": "条",
        "empty": {"text": "还没有条款解释"},
        **list_context(
            request, Interpretation.objects.visible_to(request.user), filterset=InterpretationFilter, sort=""
        ),
    }
    return render(request, "interpretations/list.html", context)


@any_account
def export(request: HttpRequest) -> Any:
    """The list as .xlsx."""
    return export_list(request, "interpretations")


@any_account
def interpretation(request: HttpRequest, pk: int) -> HttpResponse:
    """One interpretation: the clause, the question, the answer, how it came about."""
    case = get_visible_or_404(Interpretation, request, pk=pk)
    edit_url = reverse("interpretations:edit", args=[pk])
    context = {
        "page": published_page(case, request.user, ("publish", "withdraw")),
        "title": case.question,
        "kind": "条款解释",
        "number": case.number,
        "lead": f"通知 {case.clause}",
        "crumbs": [*_above(), (case.question, "")],
        "links": [HeadLink("修改", edit_url, "pencil")] if may_change(case, request.user) else [],
        "case": case,
    }
    return render(request, "interpretations/interpretation.html", context)


@roles(WRITES)
def begin(request: HttpRequest) -> HttpResponse:
    """A new draft; `?clause=` chooses of which clause."""
    initial = {"clause": request.GET.get("clause", ""), "holds_from": clock.today()}
    form = InterpretationForm(posted(request), initial=initial, instance=Interpretation())
    return form_page(
        request,
        form,
        lambda: services.draft(actor=request.user, **form.cleaned_data),
        title="拟写解释",
        lead=ABOUT,
        submit_label="保存草稿",
        done="已保存为草稿，核对后送审批",
        back=_above(),
        then=lambda made: made,
    )


@roles(WRITES)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft."""
    return edit_draft(
        request,
        get_visible_or_404(Interpretation, request, pk=pk),
        InterpretationForm,
        lambda interpretation, **more: services.keep(interpretation=interpretation, **more),
        title="修改解释",
        above=_above(),
    )


def _above() -> Crumbs:
    return [("条款解释", reverse("interpretations:list"))]

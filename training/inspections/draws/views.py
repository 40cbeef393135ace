"""Draws for officers, originals for officers and units, and what everybody may see: the digests before the seeds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from luojiang_ce.access import READ_DRAWS, READ_ORIGINALS, Role, can, get_visible_or_404, public, roles
from luojiang_ce.files.materials import checklist
from luojiang_ce.home.form_page import Crumbs, form_page, posted
from luojiang_ce.home.lists import HeadLink, acts_on_many, list_context
from luojiang_ce.papers.printouts import printed
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.sheets.responses import download
from luojiang_ce.workflow.pages import case_page

from . import services
from .check_case import MATERIALS, may_change_files
from .filters import CheckFilter, DrawFilter
from .forms import ClassesForm, DeclarationsForm, FiguresForm
from .models import Draw, DrawFigures, OriginalsCheck, figures_in_force
from .printing import RECORD_PRINTED
from .reading import STEPS, left_out_of, listed_of, names_of, shown_of

HANDLER = Role.BUREAU_HANDLER
LIST_SHOWN = 60  # rows of a list on the page; the whole of it is in its file
ABOUT = "先公布名单摘要，再产生种子，按种子抽取；谁都可以用名单和种子重做一遍"


def _above() -> Crumbs:
    return [("随机抽查", reverse("draws:list"))]


@can(READ_DRAWS)
def listing(request: HttpRequest) -> HttpResponse:
    """Every draw."""
    account: Any = request.user
    rows = Draw.objects.visible_to(account).defer("listed", "result")
    context = list_context(request, rows, filterset=DrawFilter)
    context |= acts_on_many(request, Draw, READ_DRAWS, "draws:export")
    context |= {"title": "随机抽查", "lead": ABOUT, "links": _list_links(account), "empty": {"text": "还没有抽取过"}}
    return render(request, "training_draws/list.html", context)


export = export_view(READ_DRAWS, "draws")


def _list_links(account: Any) -> list[HeadLink]:
    links = [HeadLink("抽查参数", reverse("draws:figures"), "sliders-horizontal")]
    if account.holds(HANDLER):
        links.append(HeadLink("抽取学时申报", reverse("draws:new_declarations"), "file-search"))
        links.append(HeadLink("抽取培训班", reverse("draws:new"), "shuffle", True))
    return links


@can(READ_DRAWS)
def draw(request: HttpRequest, pk: int) -> HttpResponse:
    """A draw: its list, its digest, what was drawn and what became of it."""
    case = get_visible_or_404(Draw.objects.select_related("created_by"), request, pk=pk)
    listed = case.the_list
    context = {
        "page": case_page(case, request.user),
        "title": str(case),
        "kind": "随机抽查",
        "number": "",
        "lead": listed.about["范围"],
        "crumbs": [*_above(), (case.number, "")],
        "links": _links(case),
        "case": case,
        "listed": listed_of(case, LIST_SHOWN),
        "left_out": left_out_of(case),
        "inspectors": names_of([each.key for each in listed.inspectors]).values(),
        "pair": listed.pair,
        "shown": shown_of(case),
        "steps": STEPS,
    }
    return render(request, "training_draws/draw.html", context)


def _links(case: Draw) -> list[HeadLink]:
    links = [HeadLink("名单全文", reverse("draws:text", args=[case.pk]), "file-down")]
    if case.seed:
        links.append(HeadLink("抽查记录", reverse("draws:record_pdf", args=[case.pk]), "printer"))
    return links


@can(READ_DRAWS)
def text(request: HttpRequest, pk: int) -> HttpResponse:
    """The frozen list, byte by byte what the digest is of."""
    case = get_visible_or_404(Draw, request, pk=pk)
    return download(bytes(case.listed), f"抽取名单 {case.number}.txt", "text/plain; charset=utf-8")


@can(READ_DRAWS)
def record_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The record of a draw."""
    return printed(request, RECORD_PRINTED, get_visible_or_404(Draw.objects.exclude(seed=""), request, pk=pk))


# --- freezing a list --------------------------------------------------------------------------------------------------


@roles(HANDLER)
def new(request: HttpRequest) -> HttpResponse:
    """Freeze a list of classes."""
    return _freeze(request, ClassesForm(posted(request)), services.freeze_classes, "抽取培训班")


@roles(HANDLER)
def new_declarations(request: HttpRequest) -> HttpResponse:
    """Freeze a list of accepted declarations."""
    return _freeze(request, DeclarationsForm(posted(request)), services.freeze_declarations, "抽取学时申报")


def _freeze(request: HttpRequest, form: Any, freeze: Callable[..., Draw], title: str) -> HttpResponse:
    return form_page(
        request,
        form,
        lambda: freeze(**form.cleaned_data, actor=request.user),
        title=title,
        lead="保存后名单不能再改，摘要随即公布在公开页面上",
        submit_label="冻结名单并公布摘要",
        done=lambda made: f"名单已冻结，{made.number} 的摘要已公布",
        back=_above(),
        then=lambda made: made,
    )


# --- the figures ------------------------------------------------------------------------------------------------------


@can(READ_DRAWS)
def figures(request: HttpRequest) -> HttpResponse:
    """The figures in force, and those before."""
    account: Any = request.user
    context = list_context(request, DrawFigures.objects.select_related("set_by"))
    may_set = account.holds(HANDLER)
    context |= {
        "title": "抽查参数",
        "lead": "权重、比例和覆盖要求由区人社局设定；没有设定的不起作用，机会均等",
        "crumbs": [*_above(), ("抽查参数", "")],
        "links": [HeadLink("设定参数", reverse("draws:set_figures"), "pencil", True)] if may_set else [],
        "empty": {"text": "抽查参数未设定：机会均等，没有比例和覆盖要求"},
    }
    return render(request, "training_draws/figures.html", context)


@roles(HANDLER)
def set_figures(request: HttpRequest) -> HttpResponse:
    """Set all figures; those before stay on record, with their reason."""
    stands = figures_in_force()
    initial = {name: getattr(stands, name) for name in FiguresForm.Meta.fields if name != "reason"}
    form = FiguresForm(posted(request), initial=initial)
    return form_page(
        request,
        form,
        lambda: services.set_figures(figures=form.save(commit=False), actor=request.user),
        title="设定抽查参数",
        lead="从下一次冻结名单起适用；已冻结的名单不变",
        submit_label="保存参数",
        done="已保存抽查参数",
        back=[*_above(), ("抽查参数", reverse("draws:figures"))],
    )


# --- originals --------------------------------------------------------------------------------------------------------


@can(READ_ORIGINALS)
def checks(request: HttpRequest) -> HttpResponse:
    """The declarations that were drawn: the unit's own, for officers all."""
    rows = OriginalsCheck.objects.visible_to(request.user).select_related("unit", "declaration__person")
    context = list_context(request, rows, filterset=CheckFilter)
    context |= acts_on_many(request, OriginalsCheck, READ_ORIGINALS, "draws:export_checks")
    context |= {
        "title": "原件核查",
        "lead": "随机抽取已认可的学时申报，核对原件；核查本身不变动学时",
        "empty": {"text": "没有被抽中的申报"},
    }
    return render(request, "training_draws/checks.html", context)


export_checks = export_view(READ_ORIGINALS, "originals")


@can(READ_ORIGINALS)
def originalscheck(request: HttpRequest, pk: int) -> HttpResponse:
    """A declaration that was drawn: what was declared, the originals, the outcome, and where it leads."""
    rows = OriginalsCheck.objects.select_related("unit", "draw", "declaration__person", "declaration__unit")
    case = get_visible_or_404(rows.defer("draw__listed", "draw__result"), request, pk=pk)
    account: Any = request.user
    may_change = may_change_files(case, account)
    context = {
        "page": case_page(case, account),
        "title": f"{case.declaration.title}原件核查",
        "kind": "原件核查",
        "number": case.number,
        "lead": case.unit.name,
        "crumbs": [("原件核查", reverse("draws:checks")), (case.number, "")],
        "case": case,
        "declared": case.declaration,
        "sees_draw": account.holds(*READ_DRAWS.roles),
        "materials": [each for each in checklist(case, MATERIALS) if may_change or each.is_there],
        "may_change": may_change,
    }
    return render(request, "training_draws/check.html", context)


# --- for everybody ----------------------------------------------------------------------------------------------------


@public
@never_cache
@require_safe
def published(request: HttpRequest) -> HttpResponse:
    """Each draw with its digest, and once it is drawn its seed; no class, nobody's name."""
    rows = Draw.objects.defer("listed", "result", "made")
    context = list_context(request, rows, per_page=20)
    return render(request, "training_draws/published.html", context | {"steps": STEPS})

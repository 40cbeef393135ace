"""The conversion tables: the list, a figure on its way, its preview."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce.access import DO_BUREAU_WORK, READ_CATALOGUE, Role, can, get_visible_or_404, roles
from luojiang_ce.home.form_page import Crumbs, act, form_page, posted
from luojiang_ce.home.lists import HeadLink
from luojiang_ce.workflow.pages import published_page
from units.drafted_case import may_change
from units.drafted_pages import edit_draft
from verification.declarations import conversions
from verification.declarations.forms import ConversionForm
from verification.declarations.models import Conversion
from verification.requirements.views import trials_shown, try_case

WRITES = Role.BUREAU_HANDLER


@can(READ_CATALOGUE)
def listing(request: HttpRequest) -> HttpResponse:
    """Every figure, with its document and its days."""
    account: Any = request.user
    context = {
        "title": "学时折算标准",
        "lead": "各种学习形式折算学时（学分）的标准，由区人社局按文件拟定、审批后执行（通知 一(四)）",
        "rules": Conversion.objects.visible_to(account),
        "may_keep": account.holds(WRITES),
    }
    return render(request, "declarations/conversions.html", context)


@can(READ_CATALOGUE)
def conversion(request: HttpRequest, pk: int) -> HttpResponse:
    """A figure: what it says, whose verdicts it changes, how it came about."""
    account: Any = request.user
    case = get_visible_or_404(Conversion.objects.select_related("replaces"), request, pk=pk)
    change = HeadLink("修改", reverse("declarations:edit_conversion", args=[pk]), "pencil")
    context = {
        "page": published_page(case, account, ("put_in_force", "end", "give_way", "conversion_ended")),
        "title": str(case),
        "kind": "学时折算标准",
        "lead": case.document,
        "crumbs": [*_above(), (str(case), "")],
        "links": [change] if may_change(case, account) else [],
        "case": case,
        "revisable": account.holds(WRITES) and case.state == Conversion.State.IN_FORCE,
        "try_url": reverse("declarations:try_conversion", args=[pk]),
        **trials_shown(case, account, open_=case.state != Conversion.State.OFF),
    }
    return render(request, "declarations/conversion.html", context)


@roles(WRITES)
def new(request: HttpRequest) -> HttpResponse:
    """Write a figure that no other is a model of."""
    account: Any = request.user
    form = ConversionForm(posted(request), instance=Conversion())
    return form_page(
        request,
        form,
        lambda: conversions.keep(rule=form.save(commit=False), actor=account),
        title="拟定折算标准",
        lead="没有文件依据的不要填；送审批人批准后才执行",
        submit_label="保存，下一步试算",
        done="已保存为草稿。请试算后送审批",
        back=_above(),
        then=lambda made: made,
    )


@roles(WRITES)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft."""
    return edit_draft(
        request,
        get_visible_or_404(Conversion, request, pk=pk),
        ConversionForm,
        lambda rule, **more: conversions.keep(rule=rule, **more),
        title="修改折算标准",
        lead="没有文件依据的不要填",
        above=_above(),
    )


@roles(WRITES)
@require_POST
def revise(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft to take the place of this figure."""
    account: Any = request.user
    case = get_visible_or_404(Conversion, request, pk=pk)
    return act(
        request,
        lambda: conversions.revise(rule=case, actor=account),
        back=case,
        done="已按原标准拟出草稿，请修改、试算后送审批；批准以前原标准照旧",
        then=lambda made: redirect(made),
    )


@can(DO_BUREAU_WORK)
@require_POST
def try_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Find out whose verdict it would change, were what is on its way accepted as it proposes."""
    return try_case(request, get_visible_or_404(Conversion, request, pk=pk))


def _above() -> Crumbs:
    return [("学时折算标准", reverse("declarations:conversions"))]

"""Giving a case to a handler by name, the ticked ones of a list, or all that one has in hand."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce.access import DO_BUREAU_WORK, can, get_visible_case_or_404
from luojiang_ce.deadlines.owed import give_units
from luojiang_ce.home.form_page import form_page, posted
from luojiang_ce.typed import own_page
from luojiang_ce.workflow.case_kind import kind_of, kinds_with_a_table
from luojiang_ce.workflow.handlers import handler_of
from units.handing.forms import GiveForm, GiveOneForm, HandOverForm, ticked
from units.handing.services import give, hand_over, open_counts

STAYS = "期限不变；其他经办仍可办理"


@can(DO_BUREAU_WORK)
def give_one(request: HttpRequest, case_type: str, pk: int) -> HttpResponse:
    """Give one case to a handler by name."""
    case = get_visible_case_or_404(case_type, pk, request)
    table = kind_of(case).table
    if table is None or not table.handled:
        raise Http404
    handler = handler_of(case)
    form = GiveOneForm(posted(request), handler=handler)
    return form_page(
        request,
        form,
        lambda: give(cases=[case], actor=_account(request), **form.cleaned_data),
        title="指定经办人",
        lead=f"{case}　{f'现由{handler.name}经办' if handler else '还没有指定经办人'}",
        done=lambda given: f"已交给{form.cleaned_data['to'].name}经办",
        back=[(str(case), case.get_absolute_url())],
        why=STAYS,
    )


@can(DO_BUREAU_WORK)
@require_POST
def give_many(request: HttpRequest) -> HttpResponse:
    """Ask to whom the ticked cases of a list go, then give them; it goes back to where they were ticked."""
    cases = _ticked(request)
    back = own_page(request.POST.get("back", ""), reverse("deadlines:board"))
    if not cases:
        messages.error(request, "还没有勾选事项，请先勾选要指定经办人的")
        return redirect(back)
    form = GiveForm(request.POST if "to" in request.POST else None)
    return form_page(
        request,
        form,
        lambda: give(cases=cases, actor=_account(request), **form.cleaned_data),
        title="指定经办人",
        lead=f"勾选的 {len(cases)} 件",
        done=lambda given: f"{given} 件已交给{form.cleaned_data['to'].name}经办",
        back=back,
        why=STAYS,
        template="terms/give_ticked.html",
        cases=cases,
        copies=request.POST.getlist("copy")[:1],  # of the list's ticks; what is typed here adds its own behind
    )


@can(DO_BUREAU_WORK)
def over(request: HttpRequest) -> HttpResponse:
    """Hand over all that is on a desk."""
    account = _account(request)
    form = HandOverForm(posted(request), account=account)
    counts = open_counts()
    desks = [(one, counts[one.pk]) for one in form.fields["of"].queryset]  # type: ignore[attr-defined]
    return form_page(
        request,
        form,
        lambda: hand_over(actor=account, **form.cleaned_data),
        title="移交经办",
        lead="名下未办结的事项一次交给另一位经办",
        done=lambda given: f"{given} 件已移交给{form.cleaned_data['to'].name}",
        back=[("期限总表", reverse("deadlines:board"))],
        then="home:start",
        why=STAYS,
        template="terms/hand_over.html",
        desks=desks,
    )


def _account(request: HttpRequest) -> Any:
    return request.user


def _ticked(request: HttpRequest) -> list[Any]:
    """The ticked cases that the account sees, a query for each kind; of others there is nothing to say."""
    wanted = ticked(request.POST.getlist("cases"))
    cases = [
        case
        for kind, table in kinds_with_a_table()
        if table.handled and kind.key in wanted
        for case in kind.rows(kind.model._default_manager.visible_to(request.user))
        .defer(None)
        .filter(pk__in=wanted[kind.key])
    ]
    give_units(cases, request.user)
    return cases

"""Papers on which the place of a seal was left blank: the keeper's list of those that wait, and what was done."""

from __future__ import annotations

from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce import clock
from luojiang_ce.access import READ_SEAL_REGISTER, Role, can, get_visible_or_404, roles
from luojiang_ce.filters import WordsFilter
from luojiang_ce.home.form_page import form_page, posted
from luojiang_ce.home.lists import list_context
from luojiang_ce.home.many import Outcome, one_by_one
from luojiang_ce.papers.hand_stamps import enter_applied
from luojiang_ce.papers.models import Seal, SealUse
from luojiang_ce.papers.subjects import name_subjects
from luojiang_ce.typed import own_page, ticked_rows
from luojiang_ce.workdays.text import full
from units.forms.seals import HandForm, MoreHandForm

AT_ONCE = 60  # papers that are entered within a second; the others stay on the list


class WaitingFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Filters of the papers that wait for a hand stamp."""

    q = WordsFilter("number", "document", label="登记编号或文件")
    seal = django_filters.ModelChoiceFilter(
        label="印章", queryset=lambda request: Seal.objects.visible_to(request.user), empty_label="全部印章"
    )
    year = django_filters.NumberFilter(label="年份")


@can(READ_SEAL_REGISTER)
def listing(request: HttpRequest) -> HttpResponse:
    """What waits, oldest first."""
    account: Any = request.user
    rows = SealUse.objects.visible_to(account).awaiting_hand().select_related("paper", "seal").order_by("pk")
    context = list_context(request, rows, filterset=WaitingFilter)
    name_subjects([use.paper for use in context["page_obj"]], account)
    context |= {
        "title": "待手工加盖",
        "lead": f"文书上留有盖章处，打印加盖以后在这里登记；已撤销的文书不再列出{_of_before(account)}",
        "crumbs": [("印章与监印人", reverse("seals:list")), ("待手工加盖", "")],
        "bulk_url": reverse("seals:hand_apply") if account.holds(Role.SEAL_KEEPER) else "",
        "unit": "份",
        "empty": {"text": "没有等待手工加盖的文书"},
    }
    return render(request, "units/hand_stamps.html", context)


@roles(Role.SEAL_KEEPER)
@require_POST
def apply(request: HttpRequest) -> HttpResponse:
    """Ask once on how many copies and when, then enter it for each paper that is ticked."""
    back = own_page(request.POST.get("back", ""), reverse("seals:hand"))
    ticked = list(_own(request).filter(pk__in=ticked_rows(request.POST)).order_by("pk"))
    uses, left = ticked[:AT_ONCE], len(ticked[AT_ONCE:])
    if not uses:
        messages.error(request, "还没有勾选，请先勾选已经加盖的文书")
        return redirect(back)
    form = HandForm(request.POST if "do" in request.POST else None, uses=uses)

    def enter() -> Outcome:
        copies, at = form.cleaned_data["copies"], form.at
        return one_by_one(uses, lambda use: enter_applied(use=use, copies=copies, at=at, actor=request.user))

    def said(outcome: Outcome) -> str:
        outcome.say(request, "已登记加盖 {} 份文书")
        return back

    return form_page(
        request,
        form,
        enter,
        title="登记已加盖",
        lead=f"勾选的 {len(uses)} 份文书" + (f"；另有 {left} 份，请登记完这些再接着登记" if left else ""),
        back=back,
        then=said,
        template="units/hand_apply.html",
        why="登记后不能删除；盖错、补盖的在用印登记簿里补记",
        uses=uses,
    )


@roles(Role.SEAL_KEEPER)
def more(request: HttpRequest, pk: int) -> HttpResponse:
    """Add to a line of the register, or put it right: a row of its own that says why."""
    use = get_visible_or_404(_own(request), request, pk=pk)
    if use.way != SealUse.Way.BLANK:
        raise Http404
    form = MoreHandForm(posted(request), uses=[use])
    return form_page(
        request,
        form,
        lambda: enter_applied(
            use=use, copies=form.cleaned_data["copies"], at=form.at, note=form.cleaned_data["note"], actor=request.user
        ),
        title="补记手工加盖",
        lead=f"{use.number}　{use.document}",
        done=f"已补记：{use.number}",
        back=[("用印登记簿", reverse("papers:register")), (use.number, use.paper.get_absolute_url())],
        here="补记",
    )


def _of_before(account: Any) -> str:
    """Where seals were stamped before that was entered: which papers are not asked for. A query."""
    since = Seal.objects.visible_to(account).aggregate(since=Max("stamps_entered_since"))["since"]
    day = clock.day_of(since)
    return f"；{full(day)} 系统升级以前签发的不列，要补登记的在用印登记簿里补记" if day else ""


def _own(request: HttpRequest) -> Any:
    """The lines of the seals that the account keeps."""
    account: Any = request.user
    kept = SealUse.objects.visible_to(account).filter(seal__owner_id__in=account.unit_ids(Role.SEAL_KEEPER))
    return kept.select_related("seal", "paper")

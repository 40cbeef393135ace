"""The pages of oversight: read only, and nobody is named on them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from luojiang_ce.access import OVERSEE, can
from luojiang_ce.home.lists import list_context
from luojiang_ce.papers.models import Paper
from training.plans.consenting import agreed_of

from . import reading


@can(OVERSEE)
@require_safe
def batches(request: HttpRequest) -> HttpResponse:
    """What was put before the bodies, and what was published."""
    rows = reading.batches(request.user).prefetch_related("consents__items")
    context = list_context(request, rows, sorts={"published": "published_on"})
    for batch in context["page_obj"]:
        batch.agreed = agreed_of(batch)
    context |= {"title": "会签与公布", "empty": {"text": "还没有送会签的汇总"}, "unit": "份"}
    return render(request, "training_oversight/batches.html", context)


@can(OVERSEE)
@require_safe
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """A batch: its items, the answers of the bodies, the document, what was done when."""
    account: Any = request.user
    case = get_object_or_404(reading.batches(account), pk=pk)
    papers = Paper.objects.of(case).filter(state__in=(Paper.State.ISSUED, Paper.State.REVOKED))
    context = {
        "items": reading.items(case.items.all()),
        "answers": reading.answers(case),
        "agreed": agreed_of(case),
        "papers": papers.with_successors().order_by("pk"),
    }
    return _case(request, case, context, "会签与公布", "oversight:batches")


@can(OVERSEE)
@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    """The plans that units have filed."""
    account: Any = request.user
    context = list_context(request, reading.plans(account), sorts={"year": "year", "filed": "first_submitted_at"})
    context |= {"title": "计划审核", "empty": {"text": "还没有报送的培训计划"}, "unit": "份"}
    return render(request, "training_oversight/plans.html", context)


@can(OVERSEE)
@require_safe
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """A plan: its rows, what was done when."""
    account: Any = request.user
    case = get_object_or_404(reading.plans(account), pk=pk)
    return _case(request, case, {"items": reading.items(case.items.all())}, "计划审核", "oversight:plans")


@can(OVERSEE)
@require_safe
def classes(request: HttpRequest) -> HttpResponse:
    """The classes that were decided on."""
    account: Any = request.user
    context = list_context(request, reading.classes(account), sorts={"opens": "opens_on"}, sort="-opens")
    context |= {"rows": reading.decided(list(context["page_obj"]))}
    context |= {"title": "开班审批", "empty": {"text": "还没有审批的培训班"}, "unit": "个"}
    return render(request, "training_oversight/classes.html", context)


@can(OVERSEE)
@require_safe
def inspections(request: HttpRequest) -> HttpResponse:
    """The visits that were made, and what kinds of things they found."""
    account: Any = request.user
    context = list_context(request, reading.inspections(account), sorts={"day": "planned_on"})
    context |= {"rows": reading.visits(list(context["page_obj"]))}
    context |= {"title": "监督检查", "empty": {"text": "还没有记录的监督检查"}, "unit": "次"}
    return render(request, "training_oversight/inspections.html", context)


@can(OVERSEE)
@require_safe
def decisions(request: HttpRequest) -> HttpResponse:
    """What became of the findings."""
    account: Any = request.user
    context = list_context(request, reading.decisions(account), sorts={"decided": "decided_at"})
    context |= {"rows": reading.treated(list(context["page_obj"]))}
    context |= {"title": "检查处理", "empty": {"text": "还没有检查处理"}, "unit": "件"}
    return render(request, "training_oversight/decisions.html", context)


@can(OVERSEE)
@require_safe
def draws(request: HttpRequest) -> HttpResponse:
    """The draws: what was published before the seed, the seed, how far what was drawn is looked into."""
    account: Any = request.user
    context = list_context(request, reading.draws(account), sorts={"drawn": "drawn_at"})
    context |= {"rows": reading.drawn(list(context["page_obj"]))}
    context |= {"title": "随机抽查", "empty": {"text": "还没有抽取过"}, "unit": "次"}
    return render(request, "training_oversight/draws.html", context)


def _case(request: HttpRequest, case: Any, context: dict[str, Any], above: str, name: str) -> HttpResponse:
    shown = {"case": case, "title": str(case), "acts": reading.acts(case)}
    crumbs = [(above, reverse(name)), (str(case), "")]
    return render(request, "training_oversight/case.html", {**context, **shown, "crumbs": crumbs})

"""The bureau's batches: gathering, what lies before the bodies, publication."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce import clock
from luojiang_ce.access import READ_GATHERINGS, Actor, Role, any_account, get_visible_or_404, roles
from luojiang_ce.files.materials import MaterialRow, checklist
from luojiang_ce.home.form_page import act
from luojiang_ce.home.lists import HeadLink, list_context
from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow.pages import case_page
from training.plans import services
from training.plans.consenting import agreed_of
from training.plans.forms import GatherForm
from training.plans.materials import consent_materials, may_read_answers
from training.plans.models import Consent, PlanBatch, PlanItem
from training.plans.views.consents import bodies_of_batch, said_of_items

HANDLER = Role.BUREAU_HANDLER
OPEN = ("send", "publish")  # what who does not read the answers is told of the history


@any_account
def batch_list(request: HttpRequest) -> HttpResponse:
    """Batches this account may see; the handler begins a new one here."""
    context = list_context(request, PlanBatch.objects.visible_to(request.user))
    waiting = PlanItem.objects.filter(state=PlanItem.State.CHECKED).values_list("plan__year", flat=True)
    years = sorted(set(waiting)) if request.user.holds(HANDLER) else []
    empty = {"text": "还没有汇总。计划审核通过后，由经办汇总送会签"}
    links = (
        [HeadLink("会签单位", reverse("plans:bodies"), "list")] if request.user.holds(*READ_GATHERINGS.roles) else []
    )
    context |= {"title": "计划汇总与公布", "years": years, "empty": empty, "links": links}
    return render(request, "training_plans/batch_list.html", context)


@roles(HANDLER)
@require_POST
def open_batch(request: HttpRequest, year: int) -> HttpResponse:
    """Begin, or go on with, gathering a year's checked items."""
    return act(
        request,
        lambda: services.open_batch(year=year, actor=request.user),
        back="plans:batches",
        then=lambda begun: begun,
    )


@any_account
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """The case page of a batch."""
    answers = Prefetch("consents", Consent.objects.select_related("body", "recorded_by"))
    rows = PlanBatch.objects.prefetch_related(answers, "consents__items")
    case = get_visible_or_404(rows, request, pk=pk)
    return render(request, "training_plans/batch.html", _batch_context(request, case))


@roles(HANDLER)
@require_POST
def gather(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the ticked items into the batch."""
    case = get_visible_or_404(PlanBatch.objects.all(), request, pk=pk)
    form = GatherForm(request.POST, year=case.year)
    return act(
        request,
        lambda: services.gather(batch=case, items=list(form.cleaned_data["items"]), actor=request.user),
        form=form,
        back=case,
        done=lambda count: f"已选入 {count} 个项目",
    )


@roles(HANDLER)
@require_POST
def drop(request: HttpRequest, pk: int, item_pk: int) -> HttpResponse:
    """Take an item out of the batch again."""
    case = get_visible_or_404(PlanBatch.objects.all(), request, pk=pk)
    item = get_visible_or_404(PlanItem.objects.filter(batch=case), request, pk=item_pk)
    return act(request, lambda: services.drop(batch=case, item=item, actor=request.user), back=case)


def _batch_context(request: HttpRequest, case: PlanBatch) -> dict[str, object]:
    gathering = case.state == PlanBatch.State.GATHERING and request.user.holds(HANDLER)
    page, reads = case_page(case, request.user), may_read_answers(case, request.user)
    papers = Paper.objects.of(case).select_related("job").with_successors()
    return {
        "page": page if reads else replace(page, history=[each for each in page.history if each.name in OPEN]),
        "title": case.title,
        "kind": "计划汇总",
        "number": case.document_number,
        "items": _items_with_answers(case, request.user, reads=reads),
        "opened": set(case.items.visible_to(request.user).values_list("pk", flat=True)),
        "waiting": _waiting(case) if gathering else [],
        "gathering": gathering,
        "bodies": bodies_of_batch(case, request.user),
        "agreed": agreed_of(case),
        "reads_answers": reads,
        "materials": _scans(case) if reads else [],
        "today": clock.today(),
        "papers": papers if case.state == PlanBatch.State.PUBLISHED else [],
        "links": [HeadLink("全部计划项目", reverse("plans:items"), "list")],
    }


def _items_with_answers(case: PlanBatch, account: Actor, *, reads: bool) -> list[PlanItem]:
    """The items that the account sees, each with what bodies say of it alone (`said`), where that is read."""
    items = list(case.items.shown_in_batch(account).in_order().select_related("unit", "plan"))
    said = said_of_items(case) if reads else {}
    for item in items:
        item.said = said.get(item.pk, [])  # type: ignore[attr-defined]
    return items


def _scans(case: PlanBatch) -> list[MaterialRow]:
    """The scans of the answers on paper; nothing where all were given on-line and none is to come."""
    rows = checklist(case, consent_materials(case))
    return rows if case.state != PlanBatch.State.PUBLISHED or any(row.is_there for row in rows) else []


def _waiting(case: PlanBatch) -> list[PlanItem]:
    checked = PlanItem.objects.filter(state=PlanItem.State.CHECKED, plan__year=case.year)
    return list(checked.select_related("unit", "plan").order_by("unit", "plan", "position"))

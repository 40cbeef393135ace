"""The bureau's batches: gathering, the two bodies' consents, publication."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce import clock
from luojiang_ce.access import Role, any_account, get_visible_or_404, roles
from luojiang_ce.files.materials import checklist
from luojiang_ce.home.form_page import act, form_page, posted
from luojiang_ce.home.lists import HeadLink, list_context
from luojiang_ce.papers.models import Paper, PaperQuerySet
from luojiang_ce.workflow.pages import case_page
from training.plans import services
from training.plans.forms import ConsentForm, GatherForm
from training.plans.materials import consent_bodies, consent_materials, may_read_answers
from training.plans.models import Consent, ConsentBody, PlanBatch, PlanItem

HANDLER = Role.BUREAU_HANDLER


@any_account
def batch_list(request: HttpRequest) -> HttpResponse:
    """Batches this account may see; the handler begins a new one here."""
    context = list_context(request, PlanBatch.objects.visible_to(request.user))
    waiting = PlanItem.objects.filter(state=PlanItem.State.CHECKED).values_list("plan__year", flat=True)
    years = sorted(set(waiting)) if request.user.holds(HANDLER) else []
    empty = {"text": "还没有汇总。计划审核通过后，由经办汇总送会签"}
    context |= {"title": "计划汇总与公布", "years": years, "empty": empty}
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
    case = get_visible_or_404(PlanBatch.objects.all(), request, pk=pk)
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


@roles(HANDLER)
def consent(request: HttpRequest, pk: int, body_pk: int) -> HttpResponse:
    """Record a body's answer from paper."""
    case = get_visible_or_404(PlanBatch.objects.all(), request, pk=pk)
    body = get_object_or_404(ConsentBody, pk=body_pk, active=True)
    given = Consent.objects.filter(batch=case, body=body).first() or Consent(batch=case, body=body)
    form = ConsentForm(posted(request), request.FILES or None, instance=given, body=body, batch=case)

    def save() -> Consent:
        facts = dict(form.cleaned_data)
        scan = facts.pop("scan")
        scans = [scan] if scan else []
        return services.record_consent(
            batch=case, body=body, facts=facts, scans=scans, actor=request.user, version=form.version
        )

    return form_page(
        request,
        form,
        save,
        title=f"登记会签意见：{body}",
        lead=str(case),
        submit_label="登记意见",
        back=case.get_absolute_url(),
    )


def _batch_context(request: HttpRequest, case: PlanBatch) -> dict[str, object]:
    gathering = case.state == PlanBatch.State.GATHERING and request.user.holds(HANDLER)
    consents = {consent.body_id: consent for consent in case.consents.select_related("body", "recorded_by")}
    bodies = [(body, consents.get(body.pk)) for body in consent_bodies() if body.active or body.pk in consents]
    page, reads = case_page(case, request.user), may_read_answers(case, request.user)
    agreed = sum(1 for _, given in bodies if given and given.result == Consent.Result.AGREED)
    return {
        "page": page if reads else replace(page, history=[each for each in page.history if each.name == "publish"]),
        "title": case.title,
        "kind": "计划汇总",
        "number": case.document_number,
        "items": case.items.shown_in_batch(request.user).select_related("unit", "plan"),
        "opened": set(case.items.visible_to(request.user).values_list("pk", flat=True)),
        "waiting": _waiting(case) if gathering else [],
        "gathering": gathering,
        "bodies": bodies,
        "agreed": f"{agreed}/{len(bodies)} 同意",
        "may_record": case.state == PlanBatch.State.CONSENTING and request.user.holds(HANDLER),
        "reads_answers": reads,
        "materials": checklist(case, consent_materials(case)) if reads else [],
        "today": clock.today(),
        "papers": _documents(case) if case.state == PlanBatch.State.PUBLISHED else [],
        "links": [HeadLink("全部计划项目", reverse("plans:items"), "list")],
    }


def _documents(case: PlanBatch) -> PaperQuerySet:
    return Paper.objects.of(case).select_related("job").with_successors()


def _waiting(case: PlanBatch) -> list[PlanItem]:
    checked = PlanItem.objects.filter(state=PlanItem.State.CHECKED, plan__year=case.year)
    return list(checked.select_related("unit", "plan").order_by("unit", "plan", "position"))

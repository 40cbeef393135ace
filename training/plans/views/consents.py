"""The bodies' answers, on-line and from paper; the page on which the bureau keeps the bodies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import DO_BUREAU_WORK, READ_GATHERINGS, Actor, Role, can, get_visible_or_404, roles
from luojiang_ce.bodies import takes_files
from luojiang_ce.home.form_page import form_page, posted
from luojiang_ce.home.lists import HeadLink, list_context
from luojiang_ce.uploads.places import SCAN
from luojiang_ce.workflow.pages import edit_history
from training.plans import consents
from training.plans.bodies import asked_of, bodies_of, consent_bodies, officers, save_body
from training.plans.consent_forms import BodyForm, PaperForm, online_form
from training.plans.consenting import agreed_of
from training.plans.models import Consent, ConsentBody, ItemAnswer, PlanBatch
from units.models import Account


@dataclass(frozen=True)
class BodyRow:
    """A body on the page of a batch: what it answered, and what the reader may do about it."""

    body: ConsentBody
    given: Consent | None
    online: bool
    may_answer: bool
    may_record: bool


def bodies_of_batch(batch: PlanBatch, account: Actor) -> list[BodyRow]:
    """The bodies that are asked of a batch, and former ones that have answered it."""
    given = {consent.body_id: consent for consent in batch.consents.all()}
    asked, own = {body.pk for body in asked_of(batch)}, {body.pk for body in bodies_of(account)}
    is_open, records = batch.state == PlanBatch.State.CONSENTING, account.holds(Role.BUREAU_HANDLER)
    return [
        BodyRow(
            body,
            given.get(body.pk),
            online=is_open and body.pk in officers(),
            may_answer=is_open and body.pk in own & asked,
            may_record=is_open and records and body.pk in asked,
        )
        for body in consent_bodies()
        if body.pk in asked or body.pk in given
    ]


def said_of_items(batch: PlanBatch) -> dict[int, list[ItemAnswer]]:
    """What bodies say of single items, by the items' ids."""
    found: dict[int, list[ItemAnswer]] = {}
    for each in (each for consent in batch.consents.all() for each in consent.items.all()):
        found.setdefault(each.item_id, []).append(each)
    return found


@takes_files(SCAN)
@roles(Role.BUREAU_HANDLER)
def consent(request: HttpRequest, pk: int, body_pk: int) -> HttpResponse:
    """Record a body's answer from paper."""
    case, body = _asked_or_404(request, pk, body_pk)
    form = PaperForm(posted(request), request.FILES or None, batch=case, body=body)

    def save() -> Consent:
        scan = form.cleaned_data["scan"]
        return consents.record_consent(scans=[scan] if scan else [], **_typed(request, case, body, form))

    title = f"登记会签意见：{body}"
    return form_page(request, form, save, title=title, submit_label="登记意见", **_around(case, body, form))


@roles(Role.CONSENT_OFFICER)
def answer(request: HttpRequest, pk: int, body_pk: int) -> HttpResponse:
    """A body's own officer answers on-line."""
    account: Any = request.user
    case, body = _asked_or_404(request, pk, body_pk)
    if body.pk not in {each.pk for each in bodies_of(account)}:
        raise Http404
    form = online_form(posted(request), batch=case, body=body, account=account)

    def save() -> Consent:
        return consents.give_consent(**_typed(request, case, body, form))

    why = "公布前可以改，须写明原因；公布后不能改动"
    return form_page(
        request, form, save, title=f"会签：{case}", submit_label="出具意见", done="已出具意见", why=why,
        **_around(case, body, form),
    )  # fmt: skip


def _asked_or_404(request: HttpRequest, pk: int, body_pk: int) -> tuple[PlanBatch, ConsentBody]:
    case = get_visible_or_404(PlanBatch.objects.all(), request, pk=pk)
    body = get_object_or_404(ConsentBody, pk=body_pk)
    if body not in asked_of(case):
        raise Http404
    return case, body


def _typed(request: HttpRequest, case: PlanBatch, body: ConsentBody, form: Any) -> dict[str, Any]:
    """What both services take."""
    return {
        "batch": case, "body": body, "facts": form.facts(), "objections": form.objections, "why": form.why_replaced,
        "actor": request.user, "version": form.version,
    }  # fmt: skip


def _around(case: PlanBatch, body: ConsentBody, form: Any) -> dict[str, Any]:
    """What both pages show around the form."""
    return {
        "lead": f"{body}　{case}　{agreed_of(case)}",
        "former": consents.in_words(form.former) if form.former else "",
        "template": "training_plans/answer.html",
        "back": case.get_absolute_url(),
    }


# --- the bodies -------------------------------------------------------------------------------------------------------


@can(READ_GATHERINGS)
def bodies(request: HttpRequest) -> HttpResponse:
    """Which bodies are asked, from when to when, and who answers on-line."""
    account: Any = request.user
    keeps = account.holds(*DO_BUREAU_WORK.roles)
    context = list_context(request, ConsentBody.objects.select_related("unit"))
    today = clock.today()
    for body in context["page_obj"]:
        body.asked, body.officers = body.is_asked_on(today), officers().get(body.pk, [])
    context |= {
        "title": "会签单位",
        "lead": "送会签的那一天在起止之内的各家都同意后，才能发文公布（通知 一(五)1）",
        "links": [HeadLink("添加会签单位", reverse("plans:body_new"), "plus", primary=True)] if keeps else [],
        "empty": {"text": "未设定会签单位，汇总不能公布"},
        "unit": "家",
        "keeps": keeps,
    }
    return render(request, "training_plans/bodies.html", context)


@can(DO_BUREAU_WORK)
def edit_body(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A body, new or changed."""
    account: Any = request.user
    body = get_object_or_404(ConsentBody, pk=pk) if pk else None
    form = BodyForm(posted(request), instance=body)
    return form_page(
        request,
        form,
        lambda: save_body(body=body, facts=form.cleaned_data, actor=account, version=form.version if body else None),
        title=str(body) if body else "添加会签单位",
        submit_label="保存会签单位",
        done=lambda kept: f"已保存：{kept}",
        back=[("会签单位", reverse("plans:bodies"))],
        template="training_plans/body.html",
        history=edit_history(body) if body else [],
        officers=_answering(body),
    )


def _answering(body: ConsentBody | None) -> list[Account]:
    return officers().get(body.pk, []) if body else []

"""The one page behind every action button: asks what the transition needs, then fires it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.module_loading import import_string
from django.views.decorators.http import require_POST

from luojiang_ce import clock, copies
from luojiang_ce.access import any_account, get_visible_case_or_404
from luojiang_ce.came_from import page_of
from luojiang_ce.refusals import NotPossible, refusing_clashes, tell_form

from .case_kind import Context, Transition, act_label, kind_of, workflow_of
from .drafts import WAY as DRAFT_WAY
from .drafts import delete_draft, may_delete
from .engine import Refused, fire, refusals
from .events import history, without_account
from .forms import ReturnForm, TransitionForm, gathered
from .undo import offer_undo, undo

log = logging.getLogger(__name__)
ONE_BREATH = timedelta(seconds=5)
GATHERED = "gathered"  # the name of the button that brings remarks to a return
# Hands a step to the worker, as whose and with what was typed; returns where it is watched.
ToWorker = Callable[[Any, Transition, Any, str, Mapping[str, Any]], str]
_to_worker: list[ToWorker] = []


def register_worker(hand_over: ToWorker) -> None:
    """Say how a slow step gets to the worker: the jobs lie on a floor above. Called in `ready()`."""
    _to_worker[:] = [hand_over]


@any_account
def act(request: HttpRequest, case_type: str, pk: int, name: str) -> HttpResponse:
    """Ask for what a transition needs (GET), fire it (POST); refusals come back beside what was typed.

    Remarks that were typed on another page for a return (`GATHERED`) are shown to be completed, and nothing is fired.
    """
    case = get_visible_case_or_404(case_type, pk, request)
    transition = _offered(case, name, request.user)
    brought = transition.returns and GATHERED in request.POST
    typed: tuple[Any, ...] = (request.POST,) if request.method == "POST" else ()
    if brought:
        typed = (remarks,) if (remarks := gathered(request.POST.dict())) else ()
    form = form_for(transition)(*typed, case=case, actor=request.user)
    if request.method == "POST" and not brought:
        if done_already(case, transition, request.user):
            messages.info(request, f"刚才已经{transition.done}，没有重复办理")
            return redirect(case.get_absolute_url())
        if form.is_valid() and (after := _take(request, case, transition, form)):
            return copies.let_go(request, redirect(after))
    context = {
        "case": case,
        "transition": transition,
        "form": form,
        "summary": kind_of(case).summary(case) if transition.files else (),
        "reasons": _reasons(case, transition, request.user),
        "moved": case.state not in transition.sources,  # nothing in the form could mend that
        "copies": request.POST.getlist("copy")[: copies.MOST - 1] if brought else (),
    }
    refused = request.method == "POST" and context["reasons"]
    return render(request, "workflow/act.html", context, status=422 if form.errors or refused else 200)


@any_account
@require_POST
def remove_draft(request: HttpRequest, case_type: str, pk: int) -> HttpResponse:
    """Delete a draft that was never sent; it can be put back."""
    case = get_visible_case_or_404(case_type, pk, request)
    if not may_delete(case, request.user):
        raise Http404
    try:
        gone = delete_draft(case=case, actor=request.user)
    except NotPossible as refused:
        messages.error(request, str(refused))
        return redirect(case.get_absolute_url())
    offer_undo(request, f"已删除草稿：{case}", DRAFT_WAY, page=case._meta.label_lower, **gone)
    return redirect("home:start")


@any_account
@require_POST
def put_back(request: HttpRequest) -> HttpResponse:
    """Undo a delete, by the button beside the word that something is gone."""
    try:
        again = undo(request, request.POST.get("key", ""))
    except NotPossible as refused:
        messages.error(request, str(refused))
        return redirect(page_of(request) or "home:start")
    messages.success(request, f"已恢复：{again}")
    url = getattr(again, "get_absolute_url", None)
    return redirect(url() if url else page_of(request) or "home:start")


def form_for(transition: Transition) -> type[TransitionForm]:
    """The form class asked before a transition."""
    if transition.form:
        return import_string(transition.form)
    return ReturnForm if transition.returns else TransitionForm


def _offered(case: Any, name: str, account: Any) -> Transition:
    """The transition, if this account may ever fire it on this case; otherwise the page does not exist."""
    try:
        transition = workflow_of(case).transition(name)
    except LookupError as unknown:
        raise Http404 from unknown
    if transition.hidden or not transition.who.test(account, case):
        raise Http404
    return transition


def _take(request: HttpRequest, case: Any, transition: Transition, form: TransitionForm) -> str:
    """Take the step, or have the worker take it. Returns where to go on; nothing where it was refused."""
    if transition.slow and transition.slow(case):
        if _reasons(case, transition, request.user):
            return ""
        return _to_worker[0](case, transition, request.user, form.cleaned_data["note"], form.transition_data())
    return str(case.get_absolute_url()) if _fire(request, case, transition, form) else ""


def _fire(request: HttpRequest, case: Any, transition: Transition, form: TransitionForm) -> bool:
    try:
        with refusing_clashes():
            fire(case, transition.name, actor=request.user, note=form.cleaned_data["note"], data=form.transition_data())
    except Refused as refused:
        case.refresh_from_db()
        if done_already(case, transition, request.user):
            return True  # the first of two clicks was still at work when the second was looked at
        if case.state in transition.sources:  # where somebody was quicker there is nothing to mend in the form
            tell_form(form, refused)
        return False
    except NotPossible as clash:
        case.refresh_from_db()
        form.add_error(None, str(clash))
        return False
    messages.success(request, f"已{transition.done}：{case}")
    return True


def _reasons(case: Any, transition: Transition, account: Any) -> list[str]:
    """Why it cannot be done now; where the case has moved on, also who moved it and when."""
    found = refusals(case, transition, Context(case, account, transition, clock.now(), ahead=True))
    last = history(case).exclude(source=F("target")).first()
    if last is None or case.state in transition.sources:
        return found
    who = last.actor.name if last.actor else without_account(last)
    return [*found, f"{who} {clock.local(last.at):%Y-%m-%d %H:%M} {act_label(last)}"]


def done_already(case: Any, transition: Transition, account: Any) -> bool:
    """A double click: this very person has just done this very thing, and nothing came after it.

    What leaves the case in its state (another slot, more pages to stamp) may be done again, though not in one breath.
    """
    last = history(case).first()
    if last is None or case.state != transition.target or (last.name, last.actor_id) != (transition.name, account.pk):
        return False
    return transition.target not in transition.sources or clock.now() - last.at < ONE_BREATH

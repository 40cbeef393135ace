"""One act on many rows: each by itself; of those that are refused it is said why, the others go on.

The steps that a table has for many (`Transition.many`) are asked for once for all that is ticked in a list.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sized
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce.access import any_account, case_models, get_visible_or_404, reach_of, still_reaches
from luojiang_ce.files.fingerprints import pointed_out
from luojiang_ce.id_shapes import mask_ids
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import JobFailed, Progress, enqueue
from luojiang_ce.once import keeping
from luojiang_ce.refusals import NotPossible, refusing_clashes
from luojiang_ce.typed import own_page, ticked_rows
from luojiang_ce.workflow.badges import turn_of
from luojiang_ce.workflow.case_kind import REASON, Transition, kind_of, workflow_of
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.forms import ReasonForm, TransitionForm
from luojiang_ce.workflow.views import done_already

from .form_page import form_page

log = logging.getLogger(__name__)

KIND = "steps"
AT_ONCE = 30  # steps; about a second
AFRESH = 20  # steps of a job; before the next it is asked again what its owner may
LOST = "您的账号已停用，或要求办理以后您的角色有变动；还要办理的请重新勾选"
UNSEEN = "{} 件您已看不到，没有办理"
SUMS = 5  # lines that sum up what is ticked


@dataclass(frozen=True)
class Outcome:
    """How many rows it was done with; each other one, and why not."""

    done: int
    refused: list[tuple[Any, str]]

    def __add__(self, more: Outcome) -> Outcome:
        return Outcome(self.done + more.done, self.refused + more.refused)

    def say(self, request: HttpRequest, done: str) -> None:
        """Tell the reader both; `done`: what was done, as "已停用 {} 个时段"."""
        if self.done:
            messages.success(request, done.format(self.done))
        for row, why in self.refused:
            messages.error(request, f"{_named(row)}：{why}")


def one_by_one(rows: Iterable[Any], act: Callable[[Any], Any]) -> Outcome:
    """Do it with each of these rows; `act` is a transaction, of which what is refused is undone, and no other's."""
    done, refused = 0, []
    for row in rows:
        try:
            with refusing_clashes():
                act(row)
            done += 1
        except NotPossible as no:
            refused.append((row, str(no)))
    return Outcome(done, refused)


@any_account
@require_POST
def many(request: HttpRequest, case_type: str, name: str) -> HttpResponse:
    """Show what is ticked and ask once what the step needs, then take it with each."""
    transition = _offered(case_type, name, request.user)
    back = own_page(request.POST.get("back", ""), "/")
    ticked = set(ticked_rows(request.POST))
    cases = list(_cases(case_type, ticked, request.user))
    if not cases:
        messages.error(request, "还没有勾选，请先勾选要办理的")
        return redirect(back)
    unseen = len(ticked) - len(cases)
    rows = _looked_at(cases, transition, request.user)
    ready = sum(not why for *_, why in rows)
    form = _form(request, transition)
    return form_page(
        request,
        form,
        lambda: _take(request, cases, unseen, transition, form.cleaned_data["note"]),
        title=transition.label,
        lead=_lead(len(cases), ready, unseen),
        back=back,
        then=lambda taken: redirect("jobs:progress", uid=taken.uid) if isinstance(taken, Job) else back,
        template="home/many.html",
        danger=transition.style == "danger",
        why="每件各自办理、各记入经过；不能办的会说明原因，不影响其他",
        rows=rows,
        ready=ready,
        alike=_pointed_out(cases, request.user),
        sums=Counter(note for _, _, note, why in rows if note and not why).most_common(SUMS),
        copies=request.POST.getlist("copy")[:1],
        once=not _is_done_here(cases, transition),  # a job is asked for once; a step that is taken knows it
    )


def _is_done_here(cases: Sized, transition: Transition) -> bool:
    """Is it done while the page waits?"""
    return len(cases) <= (transition.at_once or AT_ONCE)


def _lead(seen: int, ready: int, unseen: int) -> str:
    """How many were ticked, and how many of them will not be taken."""
    said = f"勾选的 {seen} 件" + (f"，其中 {ready} 件现在能办" if ready < seen else "")
    return said + (f"；另有 {unseen} 件您已看不到" if unseen else "")


def _form(request: HttpRequest, transition: Transition) -> TransitionForm:
    """What is asked once for all; the first time it is only shown."""
    sent = request.POST if "do" in request.POST else None
    return (ReasonForm if transition.form == REASON else TransitionForm)(sent, case=None, actor=request.user)


def take_steps(job: Job, progress: Progress) -> tuple[str, str]:
    """The job's work: the step, with each case that its owner still sees, as long as they may what they might when they
    asked for it. Raises JobFailed, saying how far it came."""
    case_type, name, pks = (job.args[key] for key in ("case_type", "name", "cases"))
    transition = workflow_of(case_models()[case_type]).transition(name)
    whole = Outcome(0, [])
    for start in range(0, len(pks), AFRESH):
        progress(start, len(pks))
        account = owner_as_now(job)
        if account is None:
            raise JobFailed(f"已{transition.done} {whole.done} 件，其余没有办理：{LOST}")
        cases = _cases(case_type, pks[start : start + AFRESH], account)
        whole += _step(cases, transition, account, job.args["note"])
    refused = [(case.pk, why) for case, why in whole.refused]
    # With which it was neither done nor refused: they were not seen any longer.
    job.args |= {"refused": refused, "unseen": len(pks) - whole.done - len(refused)}
    job.save(update_fields=["args"])
    left = f"，{len(whole.refused)} 件没有办理" if whole.refused else ""
    unseen = f"，{UNSEEN.format(job.args['unseen'])}" if job.args["unseen"] else ""
    return f"已{transition.done} {whole.done} 件{left}{unseen}", reverse("home:many_done", args=[job.uid])


def owner_as_now(job: Job) -> Any:
    """Whose job it is, as they are now; None when they may not any longer what they might when they asked for it."""
    account = get_user_model().objects.get(pk=job.owner_id)
    # Of those asked for before rights were noted, seeing the cases decides alone.
    return account if account.is_active and still_reaches(account, job.args.get("reach", {})) else None


@any_account
def many_done(request: HttpRequest, uid: str) -> HttpResponse:
    """What became of a job: the cases that were refused, as far as they are still seen, each with the reason."""
    job = get_visible_or_404(Job.objects.filter(kind=KIND), request, uid=uid)
    why = dict(job.args.get("refused", ()))
    left = [(case, _named(case), why[case.pk]) for case in _cases(job.args["case_type"], list(why), request.user)]
    unseen = job.args.get("unseen", 0) + len(why) - len(left)
    context = {"title": job.title, "lead": job.message, "left": left, "unseen": unseen, "back": job.args["back"]}
    return render(request, "home/many_done.html", context)


def _take(request: HttpRequest, cases: list[Any], unseen: int, transition: Transition, note: str) -> Outcome | Job:
    account: Any = request.user
    if unseen:
        messages.error(request, f"勾选的有 {UNSEEN.format(unseen)}")
    if _is_done_here(cases, transition):
        outcome = _step(cases, transition, account, note)
        outcome.say(request, f"已{transition.done} {{}} 件")
        return outcome
    args = {
        "case_type": cases[0]._meta.label_lower,
        "name": transition.name,
        "cases": [case.pk for case in cases],
        "note": mask_ids(note),  # a job is kept; of a number typed nothing whole is
        "reach": reach_of(account),
        "back": own_page(request.POST.get("back", ""), "/"),
    }
    return enqueue(KIND, title=f"{transition.label}（{len(cases)} 件）", owner=account, args=args)


def _step(cases: Iterable[Any], transition: Transition, account: Any, note: str) -> Outcome:
    def take(case: Any) -> None:
        # The second of two clicks, or a worker that goes on where another one broke off.
        if not done_already(case, transition, account):
            fire(case, transition.name, actor=account, note=note)

    return one_by_one(cases, take)


def _offered(case_type: str, name: str, account: Any) -> Transition:
    """The step, if it is for many and the account may ever take it; otherwise the page does not exist."""
    model = case_models().get(case_type)
    table = kind_of(model).table if model else None
    found = [each for each in table.transitions if each.name == name and each.many] if table else []
    if not found or not account.holds(*found[0].who.roles):
        raise Http404
    return found[0]


def _cases(case_type: str, pks: Iterable[int], account: Any) -> QuerySet[Any]:
    model: Any = case_models()[case_type]
    rows: QuerySet[Any] = kind_of(model).rows(model.objects.visible_to(account).select_related("unit"))
    return rows.filter(pk__in=pks).order_by("pk")


def _named(row: Any) -> str:
    """As lists call it."""
    return kind_of(row).named(row) if row._meta.label_lower in case_models() else str(row)


def _looked_at(cases: list[Any], transition: Transition, account: Any) -> list[tuple[Any, str, str, str]]:
    """Each with its name, what its turn and its kind tell of it, and why it is not taken; what all share is loaded
    once."""
    with keeping():
        remarks = kind_of(cases[0]).remarks(cases, account)
        return [
            (case, _named(case), _note(case, remarks.get(case.pk, "")), _why_not(case, transition, account))
            for case in cases
        ]


def _pointed_out(cases: list[Any], account: Any) -> set[int]:
    """Of which of them the page tells the reviewer to look at the files: nobody accepts thirty without knowing."""
    return pointed_out(cases, account) if kind_of(cases[0]).files else set()


def _note(case: Any, remark: str) -> str:
    turn = turn_of(case)
    return "；".join(filter(None, [turn.note(case) if turn and turn.note else "", remark]))


def _why_not(case: Any, transition: Transition, account: Any) -> str:
    """What is plain without asking the guards; those are asked when it is done."""
    if case.state not in transition.sources:
        return f"现在是“{case.get_state_display()}”"
    return "" if transition.who.test(account, case) else f"只有{transition.who.label}可以办理"

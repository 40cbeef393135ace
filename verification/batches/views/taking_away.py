"""The evidence and the papers of a batch, to take away."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from luojiang_ce.access import READ_PEOPLE, can, get_visible_or_404
from luojiang_ce.home.form_page import act
from luojiang_ce.jobs.models import Job
from luojiang_ce.sheets import kept
from luojiang_ce.sheets.responses import download
from verification.batches import taking_away
from verification.batches.models import Batch

ZIP = "application/zip"


@can(READ_PEOPLE)
@require_POST
def take_away(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the ZIPs made; of several parts the list of one's jobs tells."""
    case = get_visible_or_404(Batch.objects.select_related("unit"), request, pk=pk)

    def then(jobs: list[Job]) -> HttpResponse:
        return redirect("jobs:progress", jobs[0].uid) if len(jobs) == 1 else redirect("jobs:list")

    return act(
        request, lambda: taking_away.take_away(batch=case, actor=request.user), back=case.get_absolute_url(), then=then
    )


@can(READ_PEOPLE)
@require_safe
def taken_away(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A finished ZIP, for whoever had it made and still sees the batch."""
    job = get_visible_or_404(Job, request, uid=uid, kind=taking_away.JOB, state=Job.State.DONE)
    if taking_away.batch_of(job, request.user) is None:
        raise Http404
    content = kept.kept(job, request.user)
    if content is None:
        messages.warning(request, taking_away.GONE)
        return redirect("jobs:progress", uid=job.uid)
    return download(content, f"{job.title}.zip", ZIP)

"""The page on which long work is watched; it can be left and found again."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from luojiang_ce.access import READ_TASK_RUNS, any_account, can, case_models, get_visible_or_404

from .heartbeat import is_silent, last_heartbeat, standings
from .models import Job, TaskRun
from .recording import scheduled


@can(READ_TASK_RUNS)
def runs(request: HttpRequest) -> HttpResponse:
    """The scheduled tasks: what each last did, those in trouble first."""
    heartbeat = last_heartbeat()
    context = {"title": "后台运行", "standings": standings(), "heartbeat": heartbeat, "silent": is_silent(heartbeat)}
    return render(request, "jobs/runs.html", context)


@can(READ_TASK_RUNS)
def task_runs(request: HttpRequest, task: str) -> HttpResponse:
    """The runs of one scheduled task, newest first."""
    name = scheduled().get(task)
    if name is None:
        raise Http404
    page = Paginator(TaskRun.objects.filter(task=task), 50).get_page(request.GET.get("page"))
    context = {"title": name, "lead": settings.SCHEDULE[name][0], "page_obj": page}
    context["crumbs"] = [("后台运行", reverse("jobs:runs")), (name, "")]
    return render(request, "jobs/task_runs.html", context)


@any_account
def progress(request: HttpRequest, uid: str) -> HttpResponse:
    """Progress of one job: the whole page, or for htmx the part that is polled."""
    job = get_visible_or_404(Job, request, uid=uid)
    case, is_watched = _case_of(job, request.user), bool(getattr(request, "htmx", False))
    context = {"job": job, "case": case, "goes_on": is_watched and case is not None}
    if is_watched:
        # 286 tells htmx to stop polling.
        return render(request, "jobs/progress_part.html", context, status=286 if job.is_over else 200)
    above = (str(case), case.get_absolute_url()) if case else ("后台任务", reverse("jobs:list"))
    context["crumbs"] = [above, (job.title, "")]
    return render(request, "jobs/progress.html", context)


def _case_of(job: Job, account: Any) -> Any:
    """The case that a job was about, where the account still sees it: the way back from what was not done."""
    model: Any = case_models().get(job.case_type)
    return model.objects.visible_to(account).filter(pk=job.case_id).first() if model else None


@any_account
def listing(request: HttpRequest) -> HttpResponse:
    """One's own jobs, newest first."""
    return render(request, "jobs/list.html", {"jobs": Job.objects.visible_to(request.user)[:50]})

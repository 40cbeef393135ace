"""The page on which long work is watched; it can be left and found again."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from luojiang_ce.access.cases import get_visible_or_404
from luojiang_ce.access.rules import any_account

from .models import Job


@any_account
def progress(request: HttpRequest, uid: str) -> HttpResponse:
    """Progress of one job: the whole page, or for htmx the part that is polled."""
    job = get_visible_or_404(Job, request, uid=uid)
    part = "jobs/progress_part.html" if getattr(request, "htmx", False) else "jobs/progress.html"
    # 286 tells htmx to stop polling.
    return render(request, part, {"job": job}, status=286 if getattr(request, "htmx", False) and job.is_over else 200)


@any_account
def listing(request: HttpRequest) -> HttpResponse:
    """One's own jobs, newest first."""
    return render(request, "jobs/list.html", {"jobs": Job.objects.visible_to(request.user)[:50]})

"""Fetching a workbook that was made in the background."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from luojiang_ce.access.cases import get_visible_or_404
from luojiang_ce.access.rules import any_account
from luojiang_ce.jobs.models import Job

from .exports import KIND, kept_workbook, still_has_rights


@any_account
def export(request: HttpRequest, uid: str) -> HttpResponseBase:
    """The owner's workbook; nobody else's job exists."""
    job = get_visible_or_404(Job, request, uid=uid, kind=KIND)
    if not still_has_rights(job, request.user):
        messages.warning(request, "导出以后您的角色有变动，这个文件不能再下载，请重新导出")
        return redirect("jobs:progress", uid=job.uid)
    workbook = kept_workbook(job)
    if workbook is None:
        messages.warning(request, "导出的文件已按期删除，请重新导出")
        return redirect("jobs:progress", uid=job.uid)
    return workbook

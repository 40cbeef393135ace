"""Uploading to a case, removing, downloading: a file is visible where its case is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from luojiang_ce.access import any_account, get_visible_case_or_404
from luojiang_ce.bodies import takes_files
from luojiang_ce.refusals import NotPossible
from luojiang_ce.uploads.places import MATERIAL, SCANS, Kind
from luojiang_ce.workflow.readings import concerns
from luojiang_ce.workflow.undo import offer_undo

from .checks import chosen
from .materials import Material
from .models import Attachment
from .registry import FileRules, rules_for
from .services import UNDO, attach, move, remove
from .sorting import place_of


@takes_files(MATERIAL)
@any_account
@require_POST
def upload(request: HttpRequest, case_type: str, pk: int, material: str) -> HttpResponse:
    """Keep the chosen files; each bad one is named with its reason, the good ones are kept."""
    case = get_visible_case_or_404(case_type, pk, request)
    rules = _rules_that_let_change(case, request, material)
    place = next(each.takes for each in rules.materials(case) if each.code == material)
    to: dict[str, Any] = {"case": case, "actor": request.user, "may_change": rules.may_change, "place": place}
    keep_each(request, lambda file: kept_as(file, attach(material=material, upload=file, **to)))
    return redirect(_back(request, case))


@takes_files(MATERIAL)
@any_account
@require_POST
def sort(request: HttpRequest, case_type: str, pk: int) -> HttpResponse:
    """Keep the chosen files, each under the material that its name speaks of; where that is, is said."""
    case = get_visible_case_or_404(case_type, pk, request)
    rules = _rules_that_let_change(case, request)
    materials = rules.materials(case)
    to: dict[str, Any] = {"case": case, "actor": request.user, "may_change": rules.may_change}

    def keep(file: Any) -> str:
        place = sorted_to(file, materials)
        kept = attach(material=place.code, upload=file, place=place.takes, **to)
        return f"{kept_as(file, kept)}，归入“{place.title}”"

    keep_each(request, keep)
    return redirect(_back(request, case))


@any_account
@require_POST
def move_to(request: HttpRequest, uid: str) -> HttpResponse:
    """Put a file under another material of its case."""
    attachment = get_object_or_404(Attachment, uid=uid, removed_at=None)
    case = get_visible_case_or_404(attachment.case_type, attachment.case_id, request)
    material = request.POST.get("material", "")
    rules = _rules_that_let_change(case, request, attachment.material, material)
    target = next(each for each in rules.materials(case) if each.code == material)
    try:
        move(attachment=attachment, case=case, material=target, actor=request.user, may_change=rules.may_change)
    except NotPossible as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"已把“{attachment.name}”归入“{target.title}”")
    return redirect(_back(request, case))


def keep_each(request: HttpRequest, keep: Callable[[Any], str]) -> None:
    """Keep each of the chosen files and tell what `keep` says of it, or why it cannot be kept."""
    files = request.FILES.getlist("files")
    if not files:
        messages.error(request, "还没有选择文件，请先选择再上传")
    for file in files:
        try:
            messages.success(request, keep(file))
        except NotPossible as refused:
            messages.error(request, str(refused))


def kept_as(file: UploadedFile[Any], kept: Attachment) -> str:
    """What is told of a chosen file: what it is kept as, or which one that was there already it equals."""
    name = chosen(file)
    if kept.was_there:
        return f"没有重复保存“{name}”：与已有的“{kept}”内容相同"
    ending = "" if kept.name == name else f"（内容是 {Kind(kept.content_type).label}，已加上扩展名）"
    return f"已上传：{kept}{ending}"


def sorted_to(file: Any, materials: Sequence[Material]) -> Material:
    """The material that the file's name speaks of. Raises NotPossible where it speaks of none."""
    code = place_of(file.name or "", materials)
    if not code:
        raise NotPossible(f"“{file.name}”从文件名看不出是哪一种材料，请在对应的一行上传，或改名后再传")
    return next(each for each in materials if each.code == code)


@any_account
@require_POST
def delete(request: HttpRequest, uid: str) -> HttpResponse:
    """Take a file off its case."""
    attachment = get_object_or_404(Attachment, uid=uid, removed_at=None)
    case = get_visible_case_or_404(attachment.case_type, attachment.case_id, request)
    rules = _rules_that_let_change(case, request, attachment.material)
    try:
        remove(attachment=attachment, case=case, actor=request.user, may_change=rules.may_change)
    except NotPossible as refused:
        messages.error(request, str(refused))
    else:
        offer_undo(request, f"已移除：{attachment.name}", UNDO, uid=str(attachment.uid))
    return redirect(_back(request, case))


@any_account
def download(request: HttpRequest, uid: str) -> FileResponse:
    """The file itself; pictures and PDF open in the browser, everything else is saved."""
    attachment = get_object_or_404(Attachment, uid=uid, removed_at=None)
    case = get_visible_case_or_404(attachment.case_type, attachment.case_id, request)
    if not rules_for(case).may_read(case, request.user):
        raise Http404
    concerns(request, case)
    inline = attachment.content_type in SCANS
    response = FileResponse(
        attachment.file.open(),
        as_attachment=not inline,
        filename=attachment.file_name,
        content_type=attachment.content_type,
    )
    # An uploaded file may hold script of its own: whatever it is, it runs nothing here.
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _rules_that_let_change(case, request: HttpRequest, *materials: str) -> FileRules:
    try:
        rules = rules_for(case)
    except LookupError as none:
        raise Http404 from none
    if not {m.code for m in rules.materials(case)}.issuperset(materials) or not rules.may_change(case, request.user):
        raise Http404
    return rules


def _back(request: HttpRequest, case) -> str:
    """Back to the page the upload came from, when it is one of the case's own pages."""
    target = request.POST.get("next", "")
    return target if target.startswith(case.get_absolute_url()) else case.get_absolute_url()

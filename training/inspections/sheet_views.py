"""The on-site sheet for the phone: the page, what it sends, and the worker that keeps it where there is no network.

The page works by plain forms. With JavaScript what is typed, photographed and signed lies in the browser until it is
sent, once (static/js/visit.js); the worker below opens the page again without a network, and serves no other path.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from luojiang_ce import clock
from luojiang_ce.access import Role, get_visible_or_404, roles
from luojiang_ce.bodies import takes_files
from luojiang_ce.home.form_page import act, refuse
from luojiang_ce.refusals import NotPossible, refusing_clashes
from luojiang_ce.uploads.places import PHOTOGRAPH
from luojiang_ce.workflow.readings import off_record
from training.choices import HalfDay

from .case import INSPECTORS, materials, sheet_of
from .models import Inspection, OnSiteSheet
from .on_site import AsFiled, as_filed, photographs, signers
from .recording import keep_picture, save_sheet, send_sheet, take_away
from .sheet_form import QUESTIONS, SheetForm

SENT = "检查记录已提交"
WORKER = "js/visit-worker.js"


def _account(request: HttpRequest) -> Any:
    return request.user


def _own(request: HttpRequest, pk: int) -> Inspection:
    """The visit, for its inspectors."""
    rows = Inspection.objects.select_related("application__unit", "unit").prefetch_related("inspectors")
    case = get_visible_or_404(rows, request, pk=pk)
    if not INSPECTORS.test(_account(request), case):
        raise Http404
    return case


@takes_files(PHOTOGRAPH)
@roles(Role.INSPECTOR)
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet; after it was sent, the page of the visit."""
    case = _own(request, pk)
    if request.method == "POST":
        return _posted(request, case)
    if case.state != Inspection.State.ASSIGNED:
        return redirect(case)
    return _page(request, case, _form(case))


def _form(case: Inspection, data: Any = None, *, final: bool = False) -> SheetForm:
    stored = OnSiteSheet.objects.filter(inspection=case).first()
    filed = as_filed(case, clock.today())
    half_day = filed.half_day_at(clock.now())
    fresh = {
        "visited_at": clock.now().replace(second=0, microsecond=0),
        "half_day": half_day,
        "signed": filed.signed.get(half_day, 0) if case.application else None,
        "signer": filed.class_teacher,
        "signer_post": "班主任" if filed.class_teacher else "",
    }
    return SheetForm(
        data, instance=stored or OnSiteSheet(inspection=case), initial={} if stored else fresh, final=final
    )


def _page(request: HttpRequest, case: Inspection, form: SheetForm, reasons: Sequence[str] = ()) -> HttpResponse:
    filed = as_filed(case, clock.today())
    context = {
        "case": case,
        "form": form,
        "filed": filed,
        "questions": [(form[name], _beside(filed, name)) for name in QUESTIONS],
        "signers": signers(case),
        "photographs": photographs(case),
        "reasons": reasons,
        "now": clock.now(),
        "half_day": HalfDay(filed.half_day_at(clock.now())).label,
        "title": str(case),
    }
    wrong = bool(reasons or form.errors)
    return render(request, "training_inspections/sheet.html", context, status=422 if wrong else 200)


def _beside(filed: AsFiled, name: str) -> str:
    """What had been filed, beside a question."""
    lessons = filed.of(filed.half_day_at(clock.now()))
    said = {
        "lecturer": "、".join(dict.fromkeys(each.lecturer for each in lessons if each.lecturer)),
        "course": "；".join(dict.fromkeys(each.course for each in lessons if each.course)),
        "materials": filed.textbooks,
        "fees": filed.fee,
    }
    return said.get(name, "")


def _posted(request: HttpRequest, case: Inspection) -> HttpResponse:
    """Pictures first, each by itself: a form that is wrong never loses one."""
    final, account = request.POST.get("action") != "save", _account(request)
    reasons = _keep_pictures(request, case)
    form = _form(case, request.POST, final=final)
    if form.is_valid() and not reasons:
        write = send_sheet if final else save_sheet
        try:
            with refusing_clashes():
                write(case=case, seen=form.seen(), actor=account)
            return _written(request, case, final=final)
        except NotPossible as refused:
            refuse(form, refused)
    return _not_written(request, case, form, reasons)


def _written(request: HttpRequest, case: Inspection, *, final: bool) -> HttpResponse:
    there = case.get_absolute_url() if final else request.path
    if _by_script(request):
        return JsonResponse({"done": there if final else ""})
    messages.success(request, SENT if final else "已存下，可以稍后再填")
    return redirect(there)


def _not_written(request: HttpRequest, case: Inspection, form: SheetForm, reasons: Sequence[str]) -> HttpResponse:
    if not _by_script(request):
        if case.state != Inspection.State.ASSIGNED:
            for text in _texts(form):
                messages.error(request, text)
            return redirect(case)
        return _page(request, case, form, reasons)
    fields = {name: list(map(str, texts)) for name, texts in form.errors.items() if name != "__all__"}
    general = [*reasons, *map(str, form.non_field_errors())]
    return JsonResponse({"errors": general, "fields": fields}, status=409 if general and not fields else 422)


def _texts(form: SheetForm) -> list[str]:
    return [str(text) for texts in form.errors.values() for text in texts]


def _by_script(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def _keep_pictures(request: HttpRequest, case: Inspection) -> list[str]:
    """Keep what was chosen; why some of it cannot be."""
    reasons: list[str] = []
    account = _account(request)
    codes = materials(case)
    for code, uploads in request.FILES.lists():
        for upload in uploads if code in codes else ():
            try:
                keep_picture(case=case, material=code, upload=upload, actor=account)
            except NotPossible as refused:
                reasons += refused.reasons
    return reasons


def _taken_away(request: HttpRequest, case: Inspection, name: str) -> HttpResponse:
    """A photograph that was not meant is gone; by a plain button, back to the sheet."""
    return act(
        request,
        lambda: take_away(case=case, name=name, actor=_account(request)),
        back=sheet_of(case),
        then=JsonResponse({}) if _by_script(request) else None,
    )


@takes_files(PHOTOGRAPH)
@roles(Role.INSPECTOR)
@require_POST
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """A photograph or signature that the phone sends by itself; sent again it is kept once."""
    case = _own(request, pk)
    if name := request.POST.get("remove"):
        return _taken_away(request, case, name)
    reasons = _keep_pictures(request, case) if request.FILES else ["没有收到图片，请再试一次"]
    return JsonResponse({"errors": reasons}, status=409 if reasons else 200)


@roles(Role.INSPECTOR)
@require_safe
def standing(request: HttpRequest, pk: int) -> HttpResponse:
    """What the phone asks before it sends: is it still signed in, is the visit still open, and by which token."""
    case = _own(request, pk)
    open_ = case.state == Inspection.State.ASSIGNED
    told = {"csrf": get_token(request), "open": open_, "url": case.get_absolute_url()}
    return JsonResponse(told, headers={"Cache-Control": "no-store"})


@off_record("a script, the same for everybody")
@roles(Role.INSPECTOR)
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The worker of the sheets' pages; from this address its reach is this folder."""
    found = finders.find(WORKER) or Path(settings.STATIC_ROOT) / WORKER
    script = Path(str(found)).read_text(encoding="utf-8")
    return HttpResponse(script, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})

"""The signed files of an attestation, and the public keys by which others believe them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from luojiang_ce.access import READ_PEOPLE, can, get_visible_or_404, public
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.events import record
from verification.record.export import BADGE, PORTABLE, CarriedFile, file_of, key_set
from verification.record.models import Attestation

DOWNLOADED = "record_downloaded"


@can(READ_PEOPLE)
@require_safe
def portable(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The record as another district takes it over."""
    return _handed_out(request, pk, PORTABLE)


@can(READ_PEOPLE)
@require_safe
def badge(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The Open Badge."""
    return _handed_out(request, pk, BADGE)


@public
@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """What another district registers to believe the records of this one."""
    return JsonResponse(key_set(), json_dumps_params={"ensure_ascii": False, "indent": 1})


def _handed_out(request: HttpRequest, pk: int, file: CarriedFile) -> HttpResponseBase:
    """Each time on record: a file that is out is believed elsewhere."""
    case = get_visible_or_404(Attestation.objects.select_related("person"), request, pk=pk)
    make, name = file
    try:
        content = make(case)
    except NotPossible as refused:
        messages.error(request, "；".join(refused.reasons))
        return redirect(case)
    record(case, DOWNLOADED, actor=request.user, data={"file": name.rpartition(".")[2]})
    return file_of(case, content, name)

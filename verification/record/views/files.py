"""The signed files of an attestation, and the public keys by which others believe them.

They are meant for the unit, the bureau and the person: whoever stamps or audits needs no copy.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from luojiang_ce.access import KEEP_PEOPLE, can, get_visible_or_404, public
from luojiang_ce.refusals import NotPossible
from verification.record.export import BADGE, PORTABLE, CarriedFile, handed_out, key_set
from verification.record.models import Attestation


@can(KEEP_PEOPLE)
@require_safe
def portable(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The record as another district takes it over."""
    return _download(request, pk, PORTABLE)


@can(KEEP_PEOPLE)
@require_safe
def badge(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The Open Badge."""
    return _download(request, pk, BADGE)


@public
@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """What another district registers to believe the records of this one."""
    return JsonResponse(key_set(), json_dumps_params={"ensure_ascii": False, "indent": 1})


def _download(request: HttpRequest, pk: int, file: CarriedFile) -> HttpResponseBase:
    case = get_visible_or_404(Attestation.objects.select_related("person"), request, pk=pk)
    try:
        return handed_out(file, case, actor=request.user)
    except NotPossible as refused:
        messages.error(request, "；".join(refused.reasons))
        return redirect(case)

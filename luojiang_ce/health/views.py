"""For process watchers and load balancers (no cookie, no word about anybody), and the page for whoever mends it."""

from __future__ import annotations

from hmac import compare_digest
from ipaddress import ip_address

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from luojiang_ce.access import READ_TASK_RUNS, can, public
from luojiang_ce.authentication.addresses import address_of
from luojiang_ce.workflow.readings import off_record

from . import metrics
from .probes import all_probes, troubles

# Seconds for which each process answers with what it last found: whoever asks all the time keeps nothing busy.
REMEMBERED = 5


@never_cache
@public
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The process answers: start it anew only when it does not."""
    return JsonResponse({"status": "alive"})


@never_cache
@public
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """`ready`, `degraded` (pages go on) or `down` (503); what failed, for watchers alone: on this machine, or with the
    token. The words stand on 后台运行."""
    stopped, failed = cache.get_or_set("health.ready", _found, REMEMBERED) or _found()
    status = "down" if stopped else "degraded" if failed else "ready"
    told = {"failed": failed} if _has_token(request) or _is_of_this_machine(request) else {}
    return JsonResponse({"status": status, **told}, status=503 if stopped else 200)


def _found() -> tuple[bool, list[str]]:
    now = troubles()
    return any(each.probe.stops for each in now), [each.probe.name for each in now]


@can(READ_TASK_RUNS)
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Everything that is looked at, what is wrong first, and what to do."""
    found = troubles()
    wrong = {each.probe.name for each in found}
    others = [(probe, probe.left_out()) for probe in all_probes() if probe.name not in wrong]
    return render(request, "health/page.html", {"title": "运行状况", "troubles": found, "others": others})


@off_record("figures of the system")
@never_cache
@public
@require_safe
def measured(request: HttpRequest) -> HttpResponse:
    """Metrics for Prometheus, for who brings METRICS_TOKEN; for everybody else the page does not exist."""
    if not _has_token(request):
        raise Http404
    return HttpResponse(metrics.exposition(), content_type=metrics.CONTENT_TYPE)


def _has_token(request: HttpRequest) -> bool:
    brought = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(settings.METRICS_TOKEN) and compare_digest(brought.encode(), settings.METRICS_TOKEN.encode())


def _is_of_this_machine(request: HttpRequest) -> bool:
    address = address_of(request)
    return address is not None and ip_address(address).is_loopback

"""What waits for a second officer: the list, the page of a request, the one-time password that comes of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from luojiang_ce.access import READ_ACCOUNTS, Role, can, get_visible_or_404, roles
from luojiang_ce.home.form_page import act
from luojiang_ce.home.lists import Chip, list_context
from luojiang_ce.workflow.pages import case_page
from units.models import OfficerRequest
from units.officer_case import fetch_password

ABOVE = ("账号与角色", "accounts:list")


@can(READ_ACCOUNTS)
def requests(request: HttpRequest) -> HttpResponse:
    """All of them, those that wait first."""
    state = request.GET.get("state", "")
    rows = OfficerRequest.objects.visible_to(request.user).select_related("account", "created_by", "confirmed_by")
    context = list_context(request, rows.filter(state=state) if state in OfficerRequest.State else rows)
    context |= {
        "title": "管理员事项",
        "lead": "涉及管理员的角色、密码和联系方式，由另一位管理员确认后生效",
        "chips": _chips(state),
        "unit": "件",
        "empty": {"text": "没有管理员事项"},
    }
    return render(request, "units/officer_requests.html", context)


@never_cache
@can(READ_ACCOUNTS)
def officer_request(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: what would be done, who asks, until when it can be confirmed."""
    account: Any = request.user
    rows = OfficerRequest.objects.select_related("account", "created_by", "confirmed_by")
    case = get_visible_or_404(rows, request, pk=pk)
    page = case_page(case, account)
    context = {
        "page": page,
        "title": str(case),
        "kind": "管理员事项",
        "crumbs": [(ABOVE[0], reverse(ABOVE[1])), ("管理员事项", reverse("accounts:requests")), (str(case), "")],
        "request_": case,
        "fetches": page.is_mine and case.state == OfficerRequest.State.CONFIRMED,
    }
    return render(request, "units/officer_request.html", context)


@never_cache
@roles(Role.SECURITY_ADMIN)
@require_POST
def fetch(request: HttpRequest, pk: int) -> HttpResponse:
    """The one-time password, shown once to who asked for it."""
    case = get_visible_or_404(OfficerRequest, request, pk=pk)
    return act(
        request,
        lambda: fetch_password(case, actor=request.user),
        back=case,
        then=lambda opened: render(request, "units/password_once.html", {"title": "密码已重设", "opened": opened}),
    )


def _chips(state: str) -> list[Chip]:
    base = reverse("accounts:requests")
    shown = [("", "全部"), *((value.value, value.label) for value in OfficerRequest.State)]
    return [Chip(label, f"{base}?state={key}" if key else base, current=state == key) for key, label in shown]

"""The page on which an account sees where it is signed in, and ends what it does not want (OWASP ASVS 3.3.4)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from luojiang_ce.access import any_account
from luojiang_ce.authentication import sessions
from luojiang_ce.authentication.models import SignIn

OVER_SHOWN = 10


@any_account
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """The account's sign-ins that go on, this one marked, and how the last ones ended."""
    account: Any = request.user
    going_on = sessions.open_of(account)
    this = sessions.of_this(request).first()
    context = {
        "title": "登录记录",
        "crumbs": [("我的账号", reverse("home:account")), ("登录记录", "")],
        "open": [(each, each.sign_in == this) for each in going_on],
        "over": SignIn.objects.filter(account=account).exclude(ended_at=None).order_by("-ended_at")[:OVER_SHOWN],
        "hours": settings.SESSION_LIFETIME,
    }
    return render(request, "home/sessions.html", context)


@any_account
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of the account's own sign-ins elsewhere."""
    account: Any = request.user
    one = get_object_or_404(SignIn, pk=pk, account=account)
    ended = sessions.end_own(account, [one], actor=account)
    messages.success(request, f"已结束 {one.device} 的登录" if ended else "这次登录原来已经结束")
    return redirect("home:sessions")


@any_account
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """End all of them but the one that asks."""
    account: Any = request.user
    others = SignIn.objects.filter(account=account, ended_at=None).exclude(pk__in=sessions.of_this(request))
    ended = sessions.end_own(account, others, actor=account)
    messages.success(request, f"已结束别处的 {ended} 次登录" if ended else "别处没有登录")
    return redirect("home:sessions")

"""Signing in by an identity of another house, where settings.OIDC_ISSUER names it: to the provider and back.

No account is made, and none is found by name or e-mail: its holder has linked the identity before, signed in with the
password (units/views/identities.py), to which the way back leads whoever is signed in.
"""

from __future__ import annotations

from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from luojiang_ce import clock
from luojiang_ce.access import public
from luojiang_ce.authentication import passwords, sign_on
from luojiang_ce.authentication.models import Identity
from luojiang_ce.home import second_factor, sign_in
from luojiang_ce.refusals import NotPossible
from luojiang_ce.typed import own_page
from luojiang_ce.workflow.events import record

THEN, PROVEN, CAME = "sign_on_then", "sign_on_proven", "sign_on_came"
UNLINKED = (
    "这个统一身份还没有绑定本系统的账号。请先用登录名和密码登录，在“我的账号”里绑定；没有账号的，请找系统管理员开设"
)


@never_cache
@public
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """To the provider."""
    if not sign_on.is_on():
        raise Http404
    request.session[THEN] = own_page(request.GET.get("next", ""), "")
    back = f"{settings.PUBLIC_URL.rstrip('/')}{reverse('home:sign_on_back')}"
    try:
        return sign_on.begin(request, back)
    except NotPossible as refused:
        return _refused(request, str(refused))


@never_cache
@public
@require_safe
def back(request: HttpRequest) -> HttpResponse:
    """From the provider: signed in, or to the page that links what was proven."""
    if not sign_on.is_on():
        raise Http404
    try:
        proven = sign_on.proven(request)
    except NotPossible as refused:
        return _refused(request, str(refused))
    if request.user.is_authenticated:
        about = [proven.issuer, proven.subject, proven.label]
        request.session[PROVEN] = [request.user.pk, int(clock.now().timestamp()), *about]
        return redirect("accounts:identity")
    return _enter(request, proven)


@never_cache
@public
@require_safe
def leave(request: HttpRequest) -> HttpResponse:
    """To the provider's own sign-out, for whoever has signed out here."""
    if not sign_on.is_on():
        raise Http404
    if address := sign_on.leaving():
        return redirect(address)
    return _refused(request, "统一身份认证没有给出退出的网址，请到它自己的页面退出")


def _enter(request: HttpRequest, proven: sign_on.Proven) -> HttpResponse:
    identity = Identity.objects.filter(issuer=proven.issuer, subject=proven.subject).select_related("account").first()
    if why := _why_not(request, identity):
        return _refused(request, why)
    assert identity is not None
    account, then = identity.account, request.session.pop(THEN, "")
    record(account, "signed_on", actor=account)
    request.session[CAME] = True
    if not proven.second_factor and (step := second_factor.asked(request, account, then)):
        return step
    sign_in.admit(request, account)
    if proven.second_factor:
        request.session[second_factor.VERIFIED] = True
    return sign_in.known_from_now(request, redirect(own_page(then, reverse("home:start"))))


def _why_not(request: HttpRequest, identity: Identity | None) -> str:
    """What keeps the account closed with the password keeps it closed here."""
    if identity is None:
        return UNLINKED
    account: Any = identity.account
    who = {"username": account.get_username()}
    if not account.is_active:
        return "账号已停用，请找安全管理员"
    if passwords.is_over(account):
        return sign_in.ONE_TIME_OVER.format(settings.ONE_TIME_PASSWORD_DAYS)
    return "" if AxesProxyHandler.is_allowed(request, who) else sign_in.why_locked(request, who)


def _refused(request: HttpRequest, why: str) -> HttpResponse:
    messages.error(request, why)
    return redirect("home:account" if request.user.is_authenticated else "home:sign_in")

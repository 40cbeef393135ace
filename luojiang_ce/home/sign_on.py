"""Signing in by an identity of another house, where settings.OIDC_ISSUER names it: to the provider and back.

No account is made, and none is found by name or e-mail: its holder has linked the identity before, signed in with the
password (units/views/identities.py), to which the way back leads whoever is signed in.
"""

from __future__ import annotations

from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from luojiang_ce import clock
from luojiang_ce.access import public
from luojiang_ce.authentication import passwords, sign_on
from luojiang_ce.authentication.addresses import address_of, network_of
from luojiang_ce.authentication.brakes import SIGN_IN_ADDRESS, SIGN_ONS_BEGUN
from luojiang_ce.authentication.models import Identity
from luojiang_ce.home import second_factor, sign_in
from luojiang_ce.refusals import NotPossible
from luojiang_ce.typed import own_page
from luojiang_ce.workflow.engine import SYSTEM
from luojiang_ce.workflow.events import record

THEN, PROVEN, CAME = "sign_on_then", "sign_on_proven", "sign_on_came"
REFUSED = "sign_on_refused"  # an event
TOO_MANY = "从这里登录的次数太多，请半小时后再试，或用本系统的登录名和密码登录"
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
    if SIGN_IN_ADDRESS.holds(_network(request)) or _begins_too_many(request):
        return _refused(request, TOO_MANY)
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
    if SIGN_IN_ADDRESS.holds(_network(request)):
        return _refused(request, TOO_MANY)
    awaited = sign_on.is_awaited(request)
    try:
        proven = sign_on.proven(request)
    except sign_on.NotBelieved as refused:
        said = str(refused)
        return _failed(request, "应答不对或已取消", said) if awaited else _refused(request, said)
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
    if identity is None:
        return _failed(request, "没有绑定账号", UNLINKED, subject=proven.subject)
    if why := _why_not(request, identity.account):
        return _failed(request, why, why, account=identity.account)
    account, then = identity.account, request.session.pop(THEN, "")
    record(account, "signed_on", actor=account)
    request.session[CAME] = True
    if not proven.second_factor and (step := second_factor.asked(request, account, then)):
        return step
    sign_in.admit(request, account)
    if proven.second_factor:
        request.session[second_factor.VERIFIED] = True
    return sign_in.known_from_now(request, redirect(own_page(then, reverse("home:start"))))


def _why_not(request: HttpRequest, account: Any) -> str:
    """What keeps the account closed with the password keeps it closed here."""
    who = {"username": account.get_username()}
    if not account.is_active:
        return "账号已停用，请找安全管理员"
    if passwords.is_over(account):
        return sign_in.ONE_TIME_OVER.format(settings.ONE_TIME_PASSWORD_DAYS)
    return "" if AxesProxyHandler.is_allowed(request, who) else sign_in.why_locked(request, who)


def _begins_too_many(request: HttpRequest) -> bool:
    """Of whoever brings no session: each that is begun here is kept until it ends."""
    request.session.get(THEN)  # it is not known before whether there is one
    begins = not request.session.session_key
    return begins and SIGN_ONS_BEGUN.add(_network(request)) > SIGN_ONS_BEGUN.limit()


def _failed(request: HttpRequest, why: str, said: str, *, account: Any = None, subject: str = "") -> HttpResponse:
    """On record and counted for its address, as a wrong password is. Only of an answer that was awaited: any page can
    have a browser begin here and then open the way back with what it likes, which locks no office out."""
    SIGN_IN_ADDRESS.add(_network(request))
    data = {"subject": subject} if subject else {}
    record(account or get_user_model()(pk=0), REFUSED, actor=SYSTEM, note=why, data=data)
    return _refused(request, said)


def _network(request: HttpRequest) -> str:
    return network_of(address_of(request))


def _refused(request: HttpRequest, why: str) -> HttpResponse:
    messages.error(request, why)
    return redirect("home:account" if request.user.is_authenticated else "home:sign_in")

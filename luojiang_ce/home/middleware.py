"""Small gates around every view."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user, logout
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, resolve_url
from django_htmx.http import HttpResponseClientRedirect

from luojiang_ce.authentication import sessions
from luojiang_ce.authentication.addresses import address_of
from luojiang_ce.authentication.models import SignIn
from luojiang_ce.came_from import page_of
from luojiang_ce.home import second_factor
from luojiang_ce.id_shapes import last_four_of_ids
from luojiang_ce.once import keeping
from luojiang_ce.outages import is_away
from luojiang_ce.second_factor import services

log = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponse]

NUL = "\x00"
SAFE = ("GET", "HEAD", "OPTIONS")
IDLE = "30 分钟没有操作，已退出登录"
NOT_YOURS = "不是您要求的，请马上告知审计管理员"
ENDED = {
    SignIn.End.SIGNED_OUT: "已在别的页面退出登录",
    SignIn.End.ELSEWHERE: "这次登录已由您在“登录记录”里结束",
    SignIn.End.PASSWORD: "密码已在别处修改，这次登录随之结束",
    SignIn.End.RESET: f"密码已由安全管理员重设，这次登录随之结束。{NOT_YOURS}",
    SignIn.End.SHUT_OUT: "账号已停用，这次登录随之结束",
    SignIn.End.LIFETIME: "一次登录最长 {hours} 小时，已到时间，自动退出登录",
    SignIn.End.FACTOR: f"二次验证有变动（启用了一种，或被重设），这次登录随之结束。{NOT_YOURS}",
}

# What may be done before the first password has been replaced.
OPEN_BEFORE_PASSWORD = frozenset({"password", "sign_out", "theme", "privacy", "alive"})
# … and before a second factor is set up where one is required.
OPEN_BEFORE_FACTOR = OPEN_BEFORE_PASSWORD | {"own_factor", "begin_factor", "passkey_new"}


class AccountMiddleware:
    """`request.user` is the account itself: a page asks it thousands of times, and Django's lazy stand-in detours
    each time."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.user = get_user(request)
        return self.get_response(request)


class FirstPasswordMiddleware:
    """Whoever got a password from somebody else replaces it before doing anything (domain.md §6)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Lead to the password page; None lets the request pass."""
        if not request.user.is_authenticated or not getattr(request.user, "must_change_password", False):
            return None
        match = request.resolver_match
        if match is not None and match.namespace == "home" and match.url_name in OPEN_BEFORE_PASSWORD:
            return None
        return redirect("home:password")


class SecondFactorMiddleware:
    """Whoever has to have a second factor (settings.SECOND_FACTOR_…) sets one up before doing anything."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Lead to its page; who has one and has not been asked in this session signs in anew."""
        if not request.user.is_authenticated or not second_factor.is_missing(request):
            return None
        match, has_one = request.resolver_match, services.is_on(request.user)
        # Whoever has one does not get round it by setting up another.
        open_to_it = OPEN_BEFORE_PASSWORD if has_one else OPEN_BEFORE_FACTOR
        if match is not None and match.namespace == "home" and match.url_name in open_to_it:
            return None
        if has_one:
            logout(request)
            return redirect(settings.LOGIN_URL)
        return redirect("home:own_factor")


class OnceMiddleware:
    """A page that is only read loads rules, calendar and grants once, however many of its parts ask for them."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        with keeping():
            return self.get_response(request)


class LivingSessionMiddleware:
    """A session lives on while it is used, but not for longer than a day's work. Noting that once a minute is enough: a
    page that is only read then writes nothing, which matters in the February rush."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            if sessions.is_too_old(request.session):
                sessions.end(sessions.of_this(request), SignIn.End.LIFETIME)
                logout(request)
            else:
                sessions.touch(request.session, address_of(request))
        return self.get_response(request)


class EndedSessionMiddleware(SessionMiddleware):
    """Django's own; but a session that was ended while its request was under way leads to the sign-in, with why."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        try:
            return super().process_response(request, response)
        except SessionInterrupted:
            return _to_sign_in(request, cut="1") if request.accepts("text/html") else HttpResponse(status=401)
        except DatabaseError as fault:
            if not is_away(fault):
                raise
            # What the answer says has been done or read; that the session was used is not worth taking it back.
            log.warning("a session could not be saved", exc_info=True)
            return response


class ExpiredSessionMiddleware:
    """After 30 idle minutes, or what else ended it: say so, lead back to the page where one was, and let a script know.

    An act that came too late was not done: its address may take nothing but a POST, so the way back is to its page.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        had_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        response = self.get_response(request)
        sign_in = resolve_url(settings.LOGIN_URL)
        if response.status_code != 302 or not response.headers["Location"].startswith(f"{sign_in}?"):
            return response
        if request.user.is_authenticated:
            return response
        if not request.accepts("text/html"):
            return HttpResponse(status=401)
        if request.method not in SAFE:
            return to_sign_in_again(request)
        if had_session:
            messages.info(request, f"{why_over(request)}。登录后回到刚才的页面")
        return _to_sign_in(request, next=page_of(request)) if getattr(request, "htmx", False) else response


def to_sign_in_again(request: HttpRequest) -> HttpResponse:
    """To the sign-in and from there to the page of a button whose act was not done, with a word that it was not."""
    messages.warning(request, f"{why_over(request)}，您刚才的操作没有执行。登录后回到刚才的页面，再点一次")
    return _to_sign_in(request, next=page_of(request) or request.path, undone="1")


def why_over(request: HttpRequest) -> str:
    """What ended the session whose cookie the browser still has; idle, where nothing else did."""
    ended = sessions.how_it_ended(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))
    return ENDED[SignIn.End(ended.end)].format(hours=settings.SESSION_LIFETIME) if ended else IDLE


def _to_sign_in(request: HttpRequest, **asked: str) -> HttpResponse:
    asked = {name: value for name, value in asked.items() if value}
    url = "?".join(filter(None, (resolve_url(settings.LOGIN_URL), urlencode(asked))))
    return HttpResponseClientRedirect(url) if getattr(request, "htmx", False) else redirect(url)


class NoEmptyPageMiddleware:
    """The address of a button, opened like a page (an old link, the way back after a sign-in): an empty page would
    leave open whether something was done."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or "text/html" not in request.headers.get("Accept", ""):
            return response
        messages.info(request, "这个地址只用来办理，不能直接打开。没有执行任何操作，请从页面上再点一次")
        return redirect(settings.LOGIN_REDIRECT_URL)


class NoNulMiddleware:
    """PostgreSQL takes no NUL in a text, and nobody means one: it is taken out of whatever is sent."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        for method in ("GET", "POST"):
            sent = getattr(request, method)
            if any(NUL in value for _, values in sent.lists() for value in values):
                setattr(request, method, _changed(sent, lambda value: value.replace(NUL, "")))
        return self.get_response(request)


def _changed(sent: QueryDict, change: Callable[[str], str]) -> QueryDict:
    changed = sent.copy()
    for name, values in sent.lists():
        changed.setlist(name, [change(value) for value in values])
    return changed


class NoIdInAddressMiddleware:
    """An address lies in the histories of browsers and the logs of servers: a whole ID number in one is cut to its last
    four, by which the search finds the person too, before any page, link or export takes it on. Where scripts run it is
    cut before it is sent (static/js/app.js)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        query = _changed(request.GET, last_four_of_ids)
        if request.method not in ("GET", "HEAD") or query == request.GET:
            return self.get_response(request)
        request.GET, request.META["QUERY_STRING"] = query, query.urlencode()  # type: ignore[assignment]
        response = self.get_response(request)
        # Only a page is left for its clean address: a stranger's 404 stays one, a file is not made twice.
        if response.status_code != 200 or not response.headers["Content-Type"].startswith("text/html"):
            return response
        messages.info(request, "请用证件号码的后四位查找：完整号码会留在浏览器和服务器的地址记录里，已改为后四位")
        return redirect(f"{request.path}?{query.urlencode()}")


class KeptNowhereMiddleware:
    """Pages with people's data stay in no browser's store: the next person at a shared computer cannot go back."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

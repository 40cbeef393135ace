"""The site's own pages: sign-in, start, account, privacy; everything else belongs to an app."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from luojiang_ce import clock
from luojiang_ce.access import Role, any_account, public
from luojiang_ce.authentication.models import Identity
from luojiang_ce.authentication.sign_on import is_on
from luojiang_ce.came_from import page_of
from luojiang_ce.deadlines.owed import owed_to
from luojiang_ce.home import registry, second_factor, sign_in, sign_on
from luojiang_ce.home.away import is_secret
from luojiang_ce.home.form_page import posted, show, submitted
from luojiang_ce.home.lists import HeadLink
from luojiang_ce.home.middleware import to_sign_in_again, why_over
from luojiang_ce.home.ribbon import build
from luojiang_ce.home.sent_once import was_shown_to
from luojiang_ce.home.shell import THEMES
from luojiang_ce.home.start import lists_for
from luojiang_ce.home.year import months_of, year_marks
from luojiang_ce.typed import own_page
from luojiang_ce.workdays.calendar import FIRST_YEAR, LAST_YEAR
from luojiang_ce.workdays.services import current_calendar, current_rules
from luojiang_ce.workdays.text import WEEKDAYS
from luojiang_ce.workflow.log_parts import LEAST_MONTHS

YEAR_SECONDS = 365 * 24 * 3600


@never_cache
@public
@sensitive_post_parameters("password")
def enter(request: HttpRequest) -> HttpResponse:
    """Sign in with user name and password; a demo also offers its accounts."""
    if request.user.is_authenticated and not settings.DEMO:
        return redirect("home:start")
    form = sign_in.SignInForm(request, posted(request))
    if request.method == "POST" and form.is_valid():
        account: Any = form.get_user()
        if step := second_factor.asked(request, account, _next(request)):
            return step
        sign_in.admit(request, account)
        return sign_in.known_from_now(request, _back(request))
    return _sign_in_page(request, form, 422 if form.errors else 200)


def locked_out(request: HttpRequest, response: HttpResponse | None = None, *args: Any, **kwargs: Any) -> HttpResponse:
    """What axes shows once a name is locked: the sign-in page, the same for names that exist and that do not. Every
    other page on which something can be guessed says itself until when."""
    if response is not None and request.path != resolve_url(settings.LOGIN_URL):
        response.status_code = 429
        return response
    form = sign_in.SignInForm(request)
    return _sign_in_page(request, form, 429, sign_in.why_locked(request, args[0] if args else {}))


@public
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    came_by_provider = request.session.get(sign_on.CAME)
    sign_in.dismiss(request)
    messages.success(request, "已退出登录")
    if came_by_provider:
        messages.warning(request, f"{settings.OIDC_NAME}可能还登录着，公用电脑请点下面的链接也退出它")
    return redirect("home:sign_in")


@public
@require_POST
def enter_demo(request: HttpRequest) -> HttpResponse:
    """One-click sign-in with an account of the demo; without DEMO this page does not exist."""
    offered = {account.username for account in sign_in.demo_accounts()} if settings.DEMO else set()
    username = request.POST.get("username", "")
    if username not in offered:
        raise Http404
    sign_in.dismiss(request)
    sign_in.admit(request, get_user_model().objects.get(username=username))
    request.session[second_factor.VERIFIED] = True
    return _back(request)


def stale_page(request: HttpRequest, reason: str = "") -> HttpResponse:
    """What was sent from a page older than the last sign-in is not done; what it sent can be sent again from here.

    Only what this site's own page sent is offered: another site could put words into it. And only to whom that page was
    shown: at a shared computer somebody else may have signed in since, also while a page waited for the database.
    """
    ours = page_of(request)
    if ours and not request.user.is_authenticated and ours.partition("?")[0] != reverse("home:sign_in"):
        return to_sign_in_again(request)
    sent = {name: values for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"}
    may_be_shown = request.user.is_authenticated and was_shown_to(request) and not any(map(is_secret, sent))
    again = sent if ours and may_be_shown else None
    context = {"again": again, "files": bool(request.FILES), "page": ours}
    return render(request, "403_csrf.html", context, status=403)


@never_cache
@any_account
@sensitive_post_parameters()
def password(request: HttpRequest) -> HttpResponse:
    """Change the password; at the first sign-in nothing else is possible before."""
    form = sign_in.PasswordForm(request, posted(request))
    answer = submitted(
        request,
        form,
        lambda: sign_in.change_password(request, form),
        done="密码已修改。别处的登录已全部退出",
        then="home:start",
    )
    if answer:
        return sign_in.known_from_now(request, answer)
    return show(request, "home/password.html", {"form": form}, form)


@any_account
def start(request: HttpRequest) -> HttpResponse:
    """What is to be done now, oldest deadline first, and what others have in hand."""
    account: Any = request.user
    lists = lists_for(owed_to(account), account, clock.today(), current_calendar())
    links = registry.start_links_for(account)
    context = {
        "title": lists.headline,
        "lists": lists,
        "hands_over": account.holds(Role.BUREAU_HANDLER),
        "today": clock.today(),
        "links": [HeadLink(link.label, reverse(link.url_name), link.icon, link.primary) for link in links],
        "ribbon": build(clock.today(), lists.marks) if lists.marks else None,
    }
    return render(request, "home/start.html", context)


@any_account
@require_safe
def calendar(request: HttpRequest, year: int | None = None) -> HttpResponse:
    """A year of working days, this year by default, with the deadlines of everybody and one's own."""
    today = clock.today()
    year = today.year if year is None else year
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Http404
    rules = current_rules()
    own = lists_for(owed_to(request.user), request.user, today, rules.calendar).marks
    context = {
        "title": f"{year}年工作日历",
        "months": months_of(year, rules.calendar, today, [*year_marks(year, rules), *own]),
        "weekdays": WEEKDAYS,
        "year": year,
        "provisional": rules.calendar.provisional(date(year, 1, 1)),
        "before": year - 1 if year > FIRST_YEAR else None,
        "after": year + 1 if year < LAST_YEAR else None,
    }
    return render(request, "home/calendar.html", context)


@any_account
def more(request: HttpRequest) -> HttpResponse:
    """The whole navigation as a page, for the phone."""
    return render(request, "home/more.html")


@any_account
def account(request: HttpRequest) -> HttpResponse:
    """Who I am here: name, contact, roles with their days."""
    mine: Any = request.user
    context = {"account": mine, "assignments": mine.assignments.select_related("unit")}
    context |= {
        "sign_on": settings.OIDC_NAME if is_on() else "",
        "identity": Identity.objects.filter(account=mine).first(),
    }
    return render(request, "home/account.html", context)


@public
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light or dark, kept in a cookie."""
    response = redirect(_next(request))
    chosen = request.POST.get("theme")
    if chosen in THEMES:
        response.set_cookie("theme", chosen, YEAR_SECONDS, httponly=True, samesite="Lax", secure=request.is_secure())
    return response


@public
def privacy(request: HttpRequest) -> HttpResponse:
    """How personal data are used, and how to ask for a correction (domain.md §6)."""
    context = {
        "contact": settings.PRIVACY_CONTACT,
        "phone": settings.BUREAU_PHONE,
        "address": settings.BUREAU_ADDRESS,
        "log_months": max(settings.AUDIT_KEEP_MONTHS, LEAST_MONTHS) if settings.AUDIT_PARTS_DIR else 0,
        "years": settings.ANONYMISE_AFTER_YEARS,
    }
    return render(request, "home/privacy.html", context)


@any_account
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """Typing counts as activity: renews the session (SESSION_SAVE_EVERY_REQUEST), answers nothing."""
    return HttpResponse(status=204)


def _sign_in_page(request: HttpRequest, form: sign_in.SignInForm, status: int, locked: str = "") -> HttpResponse:
    offered = sign_in.demo_accounts() if settings.DEMO else []
    undone = request.POST.get("undone") or request.GET.get("undone", "")
    context = {"form": form, "locked": locked, "demo_accounts": offered}
    context |= {"next": _next(request, default=""), "undone": undone}
    context["sign_on"] = settings.OIDC_NAME if is_on() else ""
    context["cut"] = why_over(request) if "cut" in request.GET else ""
    return render(request, "home/sign_in.html", context, status=status)


def _back(request: HttpRequest) -> HttpResponse:
    """After a sign-in: to the page that was asked for, with a word where an act was not done."""
    if request.POST.get("undone"):
        messages.warning(request, "您刚才的操作没有执行，请再点一次")
    return redirect(_next(request))


def _next(request: HttpRequest, default: str = settings.LOGIN_REDIRECT_URL) -> str:
    """Where the reader wanted to go, if that is a page of this site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return own_page(wanted, resolve_url(default) if default else "")

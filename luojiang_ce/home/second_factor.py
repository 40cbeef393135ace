"""The pages of the second factor: its step at the sign-in, setting it up, taking it off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from textwrap import wrap
from typing import Any

import segno
from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from luojiang_ce import clock
from luojiang_ce.access import any_account, public
from luojiang_ce.authentication import sessions
from luojiang_ce.authentication.models import SignIn
from luojiang_ce.home import challenges, sign_in
from luojiang_ce.home.form_page import form_page, posted, submitted
from luojiang_ce.home.forms import BaseForm, collect_errors
from luojiang_ce.home.with_password import WithPassword
from luojiang_ce.notices.services import notify
from luojiang_ce.refusals import NotPossible
from luojiang_ce.second_factor import passkeys, services
from luojiang_ce.second_factor.models import Passkey
from luojiang_ce.second_factor.services import Policy
from luojiang_ce.typed import own_page

PENDING, VERIFIED = "second_factor_pending", "second_factor"
USE = "use"  # of a challenge
PATIENCE = 300  # seconds between password and code
TOO_LATE = "输入密码后超过 5 分钟，请重新登录"


class CodeForm(BaseForm):
    """The code of the app, or a recovery code."""

    default_width = 12
    otp_code = forms.CharField(
        label="验证码",
        max_length=20,
        help_text="手机验证器上的 6 位数字；手机不在身边的，填一个恢复码",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false", "autofocus": True}),
    )


class FirstCodeForm(CodeForm):
    """The first code of an app that is being set up: no recovery code stands in for it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["otp_code"].help_text = "手机验证器上的 6 位数字"


class AnswerForm(forms.Form):
    """What the browser brings from a passkey (static/js/passkeys.js)."""

    credential = forms.CharField(
        max_length=passkeys.MOST_LETTERS,
        widget=forms.HiddenInput,
        error_messages={
            "required": "没有收到通行密钥的应答：浏览器不支持或没有运行脚本。请改用手机验证码或恢复码",
            "max_length": passkeys.NOT_TAKEN,
        },
    )


def must_have_shown(request: HttpRequest) -> None:
    """Who has a second factor has shown it in this session before anything of it changes: the password alone, and a
    session from before it, are what it is to protect from. Raises NotPossible."""
    if services.is_on(request.user) and not request.session.get(VERIFIED):
        raise NotPossible("这次登录没有通过二次验证，不能改动它。请退出后重新登录，再来办理")


def taken_into_use(request: HttpRequest) -> None:
    """From now on this session is one that has shown it, and the only one of the account."""
    request.session[VERIFIED] = True
    sessions.end_all(request.user, SignIn.End.FACTOR, but=request.session.session_key)


@contextmanager
def braked(request: HttpRequest, account: Any) -> Iterator[None]:
    """A wrong code or passkey counts as a wrong password does, and locks as five of them do. Raises NotPossible."""
    who = {"username": account.get_username()}
    if not AxesProxyHandler.is_allowed(request, who):
        raise NotPossible(otp_code=sign_in.why_locked_here(request, who))
    try:
        yield
    except services.WrongFactor:
        user_login_failed.send(sender=CodeForm, credentials=who, request=request)
        if not request.user.is_authenticated:
            _tell_whose_password_is_known(account)
        if request.axes_locked_out:  # type: ignore[attr-defined]
            raise NotPossible(otp_code=sign_in.why_locked_here(request, who)) from None
        raise


def _tell_whose_password_is_known(account: Any) -> None:
    """Once a day: who types wrong codes has typed the right password."""
    text = "密码是对的，二次验证没有通过。是您自己输错的不必理会；不是的，请马上修改密码，并告知安全管理员"
    title, key = "有人用您的密码登录，验证码不对", f"wrong-factor-{clock.today()}"
    notify([account], title, key=key, text=text, url=reverse("home:password"))


def asked(request: HttpRequest, account: Any, then: str) -> HttpResponse | None:
    """After the right password: to the page that asks for the code, if the account has one; nobody is signed in yet."""
    if not services.is_on(account):
        return None
    key = request.session.session_key
    request.session.cycle_key()
    sessions.went_on_as(key, request.session.session_key)  # of who is signed in already and goes away again
    bond = account.get_session_auth_hash()
    request.session[PENDING] = [account.pk, int(clock.now().timestamp()), bond, then]
    return redirect("home:second_factor")


@never_cache
@public
@sensitive_post_parameters("otp_code")
def enter(request: HttpRequest) -> HttpResponse:
    """The second step of a sign-in."""
    form = CodeForm(posted(request))
    return _second_step(request, form, lambda account: services.must_be_right(account, form.cleaned_data["otp_code"]))


@never_cache
@public
@require_POST
@sensitive_post_parameters("credential")
def enter_with_passkey(request: HttpRequest) -> HttpResponse:
    """The second step of a sign-in, by the answer of a passkey."""
    form = AnswerForm(request.POST)
    return _second_step(request, form, lambda account: _answers(request, account, form.cleaned_data["credential"]))


def _second_step(request: HttpRequest, form: forms.Form, shows: Callable[[Any], None]) -> HttpResponse:
    account, then = _pending(request)
    if account is None:
        messages.warning(request, TOO_LATE)
        return redirect("home:sign_in")
    answer = submitted(request, form, lambda: _admit(request, account, shows), then=own_page(then, "home:start"))
    if answer:
        return sign_in.known_from_now(request, answer)
    context = {
        "form": form if isinstance(form, CodeForm) else CodeForm(),
        "errors": collect_errors(form),
        "options": challenges.issue(request, USE, passkeys.ask_to_use(account)),
    }
    return render(request, "home/second_factor_code.html", context, status=422 if form.errors else 200)


@never_cache
@any_account
@sensitive_post_parameters("otp_code")
def own(request: HttpRequest) -> HttpResponse:
    """The account's second factor: how it stands; the code and its first answer while it is set up."""
    account: Any = request.user
    waits = services.waiting(account)
    form = FirstCodeForm(posted(request))
    answer = submitted(
        request, form, lambda: _confirm(request, form.cleaned_data["otp_code"]), then=shows_codes(request)
    )
    if answer:
        return answer
    context = {
        "title": "二次验证",
        "crumbs": [("我的账号", reverse("home:account")), ("二次验证", "")],
        "form": form,
        "errors": collect_errors(form),
        "policy": services.policy_for(account),
        "on": services.is_on(account),
        "has_authenticator": services.has_authenticator(account),
        "passkeys": Passkey.objects.filter(account=account),
        "passkeys_possible": passkeys.are_possible(),
        "left": services.codes_left(account),
        "app": services.address_of(waits) if waits else "",
        "qr": _qr(services.address_of(waits)) if waits else "",
        "secret": " ".join(wrap(services.secret_of(waits), 4)) if waits else "",
    }
    return render(request, "home/second_factor.html", context, status=422 if form.errors else 200)


@any_account
@sensitive_post_parameters()
def begin(request: HttpRequest) -> HttpResponse:
    """Make a secret to be scanned."""
    return form_page(
        request,
        WithPassword(request),
        lambda: _begin(request),
        title="设置验证器",
        back=[("二次验证", reverse("home:own_factor"))],
        then="home:own_factor",
    )


@never_cache
@any_account
@sensitive_post_parameters("otp_code")
def renew(request: HttpRequest) -> HttpResponse:
    """New recovery codes."""
    form = CodeForm(posted(request))
    return form_page(
        request,
        form,
        lambda: _with_code(request, services.renew_codes, form),
        title="换一组恢复码",
        back=[("二次验证", reverse("home:own_factor"))],
        then=shows_codes(request),
        why="旧的恢复码随即作废",
    )


@any_account
@sensitive_post_parameters("otp_code")
def remove(request: HttpRequest) -> HttpResponse:
    """Do without the app again."""
    form = CodeForm(posted(request))
    return form_page(
        request,
        form,
        lambda: _with_code(request, services.remove, form),
        title="停用验证器",
        done="验证器已停用",
        back=[("二次验证", reverse("home:own_factor"))],
        danger=True,
    )


def is_missing(request: HttpRequest) -> bool:
    """Does the account have to have one, and was it not asked for in this session? No query but for the roles."""
    return not request.session.get(VERIFIED) and services.policy_for(request.user) is Policy.REQUIRED


def _admit(request: HttpRequest, account: Any, shows: Callable[[Any], None]) -> None:
    with braked(request, account):
        shows(account)
    del request.session[PENDING]
    sign_in.admit(request, account)
    request.session[VERIFIED] = True


def _begin(request: HttpRequest) -> None:
    must_have_shown(request)
    services.begin(request.user)


def _confirm(request: HttpRequest, code: str) -> list[str]:
    must_have_shown(request)
    codes = services.confirm(request.user, code)
    taken_into_use(request)
    return codes


def _answers(request: HttpRequest, account: Any, credential: str) -> None:
    passkeys.use(account, credential, challenges.taken(request, USE))


def _with_code(request: HttpRequest, act: Callable[[Any, str], Any], form: forms.Form) -> Any:
    with braked(request, request.user):
        return act(request.user, form.cleaned_data["otp_code"])


def _pending(request: HttpRequest) -> tuple[Any, str]:
    """Who has typed the right password within the last minutes, and whose it still is."""
    pk, at, bond, then = request.session.get(PENDING) or (0, 0, "", "")
    account: Any = get_user_model().objects.filter(pk=pk, is_active=True).first()
    in_time = clock.now().timestamp() - at < PATIENCE
    if account and in_time and constant_time_compare(bond, account.get_session_auth_hash()):
        return account, then
    return None, ""


def shows_codes(request: HttpRequest) -> Any:
    """Where to go on with new recovery codes: to their only page; without any to the account's second factor."""
    context = {"title": "恢复码", "today": clock.today()}
    return lambda codes: (
        render(request, "home/recovery_codes.html", context | {"codes": codes})
        if codes
        else redirect("home:own_factor")
    )


def _qr(address: str) -> SafeString:
    code = segno.make(address, error="m", micro=False)
    svg = code.svg_inline(scale=4, border=4, dark="#000", light="#fff", title="验证器二维码")
    return mark_safe(svg)  # noqa: S308  segno has drawn it

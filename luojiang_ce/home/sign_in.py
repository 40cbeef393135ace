"""Signing in and out, first password: forms and the acts behind them (domain.md §6, 等保2.0)."""

from __future__ import annotations

from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model, login, logout, update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.authentication import devices, passwords, sessions
from luojiang_ce.authentication.handler import address_is_locked, locked_until
from luojiang_ce.authentication.models import SignIn
from luojiang_ce.home import registry
from luojiang_ce.home.forms import SectionsMixin
from luojiang_ce.notices.holders import tell_holder
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.events import digest, record

# The same sentence whether or not the account exists, is switched off, or has another password.
NOT_TAKEN = "登录名或密码不对，或账号已停用。连续 5 次不对，该登录名锁定 30 分钟"
LOCKED = "连续 5 次不对，该登录名已锁定 30 分钟。请到时再试，或找安全管理员解除锁定"
ADDRESS_LOCKED = "您所在网络登录失败的次数太多，30 分钟内不能从这里登录。请到时再试，或改用以前登录过的电脑、手机"
RESET_MEANWHILE = "密码刚刚已被重设，或账号已停用，没有修改。请用新的一次性密码登录，或找安全管理员"
# What is guessed at besides: in an open session, and after the right password.
LOCKED_HERE = "连续 5 次不对，{:%H:%M} 以前不能再试，输入正确的也不行。不是您本人输入的，请马上告知审计管理员"
PASSWORD_WRONG = "现在的密码不对，请核对大小写"  # noqa: S105  a sentence
ONE_TIME_OVER = "别人给您的一次性密码已过了 {} 天，不能再用：它经过别人的手，放得越久越可能被人看到。请找安全管理员重设"
PASSWORD_HELP = "至少 10 位，含大写字母、小写字母、数字、符号中的三种；不要用姓名、登录名、生日、用过的密码"  # noqa: S105  a hint


def demo_accounts() -> list[registry.DemoAccount]:
    """Whom a demo offers, of those that are there: one loaded by an earlier version lacks who came since. One query."""
    offered = registry.demo_accounts()
    there = get_user_model().objects.filter(is_active=True, username__in=[each.username for each in offered])
    names = set(there.values_list("username", flat=True))
    return [each for each in offered if each.username in names]


class SignInForm(SectionsMixin, AuthenticationForm):
    """User name and password."""

    default_width = 12
    error_messages = {"invalid_login": NOT_TAKEN, "inactive": NOT_TAKEN}

    def confirm_login_allowed(self, user: Any) -> None:
        """Said to whoever has typed the right password only."""
        super().confirm_login_allowed(user)
        if passwords.is_over(user):
            raise ValidationError(ONE_TIME_OVER.format(settings.ONE_TIME_PASSWORD_DAYS))

    def clean_username(self) -> str:
        """One spelling per account, so that a change of case does not start the count of failures anew."""
        return str(self.cleaned_data["username"]).strip().lower()


class PasswordForm(SectionsMixin, PasswordChangeForm):
    """The present password and the new one, twice."""

    default_width = 12
    error_messages = {
        **PasswordChangeForm.error_messages,
        "password_mismatch": "两次填的新密码不一样，请重填",
    }

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request.user, *args, **kwargs)
        self.request = request
        labels = {"old_password": "现在的密码", "new_password1": "新密码", "new_password2": "再填一次新密码"}
        for name, label in labels.items():
            self.fields[name].label = label
        self.fields["new_password1"].help_text = PASSWORD_HELP
        self.fields["new_password2"].help_text = ""

    def clean_old_password(self) -> str:
        return present_password(self.request, self.cleaned_data["old_password"])

    def clean_new_password1(self) -> str:
        new: str = self.cleaned_data["new_password1"]
        if new == self.cleaned_data.get("old_password"):
            raise ValidationError("新密码与现在的密码相同，请换一个")
        return new


def why_locked(request: HttpRequest, who: dict[str, Any]) -> str:
    """What is said to somebody whom the handler refuses: the same for names that exist and that do not."""
    return ADDRESS_LOCKED if address_is_locked(request, who) else LOCKED


def why_locked_here(request: HttpRequest, who: dict[str, Any]) -> str:
    """What is said on the page itself to somebody who is known already: until when nothing is taken."""
    return LOCKED_HERE.format(clock.local(locked_until(request, who)))


def present_password(request: HttpRequest, typed: str) -> str:
    """What was typed, if it is the password of who is signed in. Guessing is counted as at the sign-in, where the
    account is locked then. Raises ValidationError."""
    account: Any = request.user
    who = {"username": account.get_username()}
    if AxesProxyHandler.is_allowed(request, who):
        if account.check_password(typed):
            return typed
        user_login_failed.send(sender=AuthenticationForm, credentials=who, request=request)
        if not request.axes_locked_out:  # type: ignore[attr-defined]
            raise ValidationError(PASSWORD_WRONG)
    raise ValidationError(why_locked_here(request, who))


def admit(request: HttpRequest, account: Any) -> None:
    """Open a session for an account whose identity has been established; on record (等保2.0: 安全审计)."""
    if request.user.is_authenticated:  # and signs in anew: that is another session
        sessions.end(sessions.of_this(request), SignIn.End.SIGNED_OUT)
        request.session.flush()
    login(request, account, backend="django.contrib.auth.backends.ModelBackend")
    sessions.begin(request, account)
    record(account, "signed_in", actor=account)


def known_from_now(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The answer, with the cookie by which this device is let through when strangers have the name locked."""
    devices.remember(request, response, request.user)
    return response


def dismiss(request: HttpRequest) -> None:
    """End the session, on record."""
    account: Any = request.user
    if account.is_authenticated:
        record(account, "signed_out", actor=account)
        sessions.end(sessions.of_this(request), SignIn.End.SIGNED_OUT)
    logout(request)


def change_password(request: HttpRequest, form: forms.BaseForm) -> None:
    """Store the new password; every other session of the account ends, this one goes on.

    Raises NotPossible if the password that the form has asked for is not in force any more: an officer has reset it
    or shut the account out meanwhile, because somebody else may know it, and that somebody may be who asks.
    """
    account: Any = request.user
    asked_for, key = (account.password, account.shut_out_at), request.session.session_key
    with transaction.atomic():
        now = get_user_model().objects.select_for_update().get(pk=account.pk)
        if (now.password, now.shut_out_at) != asked_for:
            raise NotPossible(RESET_MEANWHILE)
        form.save(commit=False)  # type: ignore[attr-defined]
        account.must_change_password, account.password_given_at = False, None
        passwords.keep_former(account)
        account.save(update_fields=["password", "must_change_password", "password_given_at"])
        sessions.end_all(account, SignIn.End.PASSWORD, but=key)
        about = {"password": digest(account.password)}
        tell_holder(account, "password_changed", "的密码已修改", url=reverse("home:account"), data=about)
    update_session_auth_hash(request, account)
    sessions.went_on_as(key, request.session.session_key)

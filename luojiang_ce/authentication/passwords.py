"""Which passwords are not taken, and until when one that somebody else has given may be used. No network is asked."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from luojiang_ce import clock

from .models import FormerPassword

KINDS_NEEDED = 3
_LEET = str.maketrans("013457@$!", "oieastasi")
_ENDS = re.compile(r"^[\W\d_]+|[\W\d_]+$")
TOO_FEW_DIFFERENT = 5
MOST_LETTERS = 128  # ASVS 2.1.2: a page of text is no password


class MixedCharacters:
    """Password validator: three of upper case, lower case, digits, other signs (等保2.0: 口令复杂度)."""

    def validate(self, password: str, user: object = None) -> None:
        """Raises ValidationError."""
        tests = (str.isupper, str.islower, str.isdigit, lambda ch: not ch.isalnum())
        if sum(any(test(ch) for ch in password) for test in tests) < KINDS_NEEDED:
            raise ValidationError("密码须含大写字母、小写字母、数字、符号中的三种", code="password_too_plain")

    def get_help_text(self) -> str:
        return "须含大写字母、小写字母、数字、符号中的三种"


class NotEndless:
    """Password validator: as long as password managers make them, and no longer (ASVS 2.1.2)."""

    def validate(self, password: str, user: object = None) -> None:
        """Raises ValidationError."""
        if len(password) > MOST_LETTERS:
            raise ValidationError(f"密码有 {len(password)} 位，最多 {MOST_LETTERS} 位", code="password_too_long")

    def get_help_text(self) -> str:
        return f"最多 {MOST_LETTERS} 位"


class Breached(CommonPasswordValidator):
    """Password validator: not among the 20,000 passwords of published breaches that ship with Django, as typed or
    dressed up: Password-2026! is “password” with what guessing programs add first."""

    def validate(self, password: str, user: object = None) -> None:
        """Raises ValidationError with the part that is known."""
        if len(set(password)) < TOO_FEW_DIFFERENT:
            raise ValidationError("密码里不同的字符太少，容易被猜中，请换一个", code="password_repeats")
        known = next((form for form in _undressed(password) if form in self.passwords), "")
        if known:
            said = f"密码里的“{known}”在已泄露的密码表中，加数字、符号或换几个字母也会先被试到，请换一个"
            raise ValidationError(said, code="password_breached")

    def get_help_text(self) -> str:
        return "不能是已泄露的常见密码，加数字、符号也不行"


def _undressed(password: str) -> list[str]:
    """What a password is without the digits and signs at its ends, and with letters for those that look like them."""
    typed = password.strip().lower()
    plain = _ENDS.sub("", typed)
    read = _ENDS.sub("", typed.translate(_LEET))
    return [form for form in (typed, plain, plain.translate(_LEET), read) if form]


class NotFormer:
    """Password validator: not the present one, and none of those the account had last."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError."""
        if getattr(user, "pk", None) is None:
            return
        had = user.former_passwords.values_list("password", flat=True)[: settings.PASSWORDS_REMEMBERED]
        if any(check_password(password, each) for each in had):
            said = f"最近 {settings.PASSWORDS_REMEMBERED} 次用过的密码不能再用：旧密码可能已被别人知道，请换一个新的"
            raise ValidationError(said, code="password_former")

    def get_help_text(self) -> str:
        return f"不能是最近 {settings.PASSWORDS_REMEMBERED} 次用过的密码"


def keep_former(account: Any) -> None:
    """Remember the password that the account has had until now (as stored), before another one is; older ones go."""
    stored = type(account).objects.filter(pk=account.pk).values_list("password", flat=True).first()
    if stored:
        FormerPassword.objects.create(account=account, password=stored)
    kept = account.former_passwords.values("pk")[: settings.PASSWORDS_REMEMBERED]
    account.former_passwords.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()


def is_over(account: Any) -> bool:
    """Is it one that somebody else has given, and was not used in time? It opens nothing any more then."""
    if not account.must_change_password or account.password_given_at is None:
        return False
    until: datetime = account.password_given_at + timedelta(days=settings.ONE_TIME_PASSWORD_DAYS)
    return until <= clock.now()

"""Whose second factor counts; the codes of the own phone and recovery codes: set up, asked for, taken off, on record.

Passkeys, the other kind of second factor, are in passkeys.py. Recovery codes stand in for both.
"""

from __future__ import annotations

import re
import secrets
from base64 import b32encode
from collections.abc import Iterable
from contextlib import suppress
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django_otp.oath import TOTP

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role
from luojiang_ce.authentication.models import SignIn
from luojiang_ce.authentication.sessions import end_all
from luojiang_ce.notices.holders import tell_holder
from luojiang_ce.refusals import NotPossible
from luojiang_ce.sealing.ring import CannotOpen
from luojiang_ce.workflow.events import record

from . import sealing
from .models import Authenticator, Passkey, RecoveryCode

SECRET_BYTES, RECOVERY_CODES = 20, 10
TOLERANCE = 1  # steps of 30 seconds that a phone may be fast or slow
ISSUER = "洛江继续教育"
OWN_PAGE = "home:own_factor"
MUST_HAVE_ONE = "本局要求启用二次验证，不能停用唯一的一种。请先添加另一种；手机、密钥丢了的，找安全管理员重设"
NOT_RIGHT = "验证码不对：请核对手机时间是否自动校准，并输入当前显示的 6 位数字；同一个验证码只能用一次"
NO_CODE = "恢复码不对：请照记下的 12 位重新输入；用手机验证器的，输入当前显示的 6 位数字"
CODE_USED = "这个恢复码已经用过，每个只能用一次，请换一个没有用过的"
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_DIGITS = re.compile(r"[0-9]{6}")


class WrongFactor(NotPossible):
    """What was shown is not the account's second factor: whoever asks for it counts that as a guess."""


class Policy(StrEnum):
    """Whether an account has a second factor: never, if it wants one, always."""

    OFF = "off"
    OFFERED = "offered"
    REQUIRED = "required"


def policy_for(account: Any) -> Policy:
    """By the settings, one for whoever holds a role in the bureau, one for everybody else."""
    of_bureau = bool(account.unit_ids(*Role, of_bureau=True))
    return Policy(settings.SECOND_FACTOR_BUREAU if of_bureau else settings.SECOND_FACTOR_UNITS)


def is_on(account: Any) -> bool:
    """Is a second factor asked for at the sign-in? One that was set up counts, whatever the settings say later, unless
    they are off."""
    return policy_for(account) is not Policy.OFF and (has_authenticator(account) or has_passkey(account))


def has_authenticator(account: Any) -> bool:
    """Is there an app whose codes count?"""
    return Authenticator.objects.filter(account=account).exclude(confirmed_at=None).exists()


def has_passkey(account: Any) -> bool:
    """Is there at least one?"""
    return Passkey.objects.filter(account=account).exists()


@transaction.atomic
def begin(account: Any) -> None:
    """A new secret, which asks for nothing yet. Raises NotPossible where there is one in use, or none is to be."""
    must_be_offered(account)
    if has_authenticator(account):
        raise NotPossible("验证器已经启用")
    sealed = sealing.sealed(secrets.token_bytes(SECRET_BYTES), account.pk)
    Authenticator.objects.update_or_create(account=account, defaults={"sealed": sealed, "last_step": -1})


def must_be_offered(account: Any) -> None:
    """Raises NotPossible where no second factor is to be."""
    if policy_for(account) is Policy.OFF:
        raise NotPossible("本系统没有启用二次验证")


def waiting(account: Any) -> Authenticator | None:
    """The secret whose first code is waited for."""
    return Authenticator.objects.filter(account=account, confirmed_at=None).first()


def secret_of(authenticator: Authenticator) -> str:
    """As it is typed into an app where no code can be scanned."""
    return b32encode(sealing.secret_of(authenticator)).decode()


def address_of(authenticator: Authenticator) -> str:
    """What the QR code holds (otpauth://)."""
    label = quote(f"{ISSUER}:{authenticator.account.get_username()}")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret_of(authenticator), 'issuer': ISSUER})}"


@transaction.atomic
def confirm(account: Any, code: str) -> list[str]:
    """The first right code puts it to use; recovery codes, told once, where there are none yet. Raises NotPossible."""
    found = Authenticator.objects.select_for_update().filter(account=account, confirmed_at=None).first()
    if found is None:
        raise NotPossible("请先点“开始设置”")
    if not _takes(found, code):
        raise WrongFactor(otp_code=NOT_RIGHT)
    found.confirmed_at = clock.now()
    found.save(update_fields=["confirmed_at"])
    tell_holder(account, "factor_added", "启用了验证器", url=reverse(OWN_PAGE))
    return first_codes(account)


@transaction.atomic
def renew_codes(account: Any, code: str) -> list[str]:
    """New recovery codes in place of the old ones. Raises NotPossible without a right code."""
    must_be_right(account, code)
    tell_holder(account, "recovery_codes_renewed", "换了一组恢复码", url=reverse(OWN_PAGE))
    return _new_codes(account)


@transaction.atomic
def check(account: Any, code: str) -> bool:
    """Is it the code of this moment, or a recovery code that was not used yet? Neither is taken twice."""
    typed = _plain(code)
    if not _DIGITS.fullmatch(typed):
        return _recovers(account, typed)
    found = Authenticator.objects.select_for_update().filter(account=account).exclude(confirmed_at=None).first()
    return found is not None and _takes(found, typed)


def must_be_right(account: Any, code: str) -> None:
    """Raises WrongFactor, beside the code."""
    if not check(account, code):
        raise WrongFactor(otp_code=_why_not(account, _plain(code)))


def _plain(code: str) -> str:
    return "".join(code.split()).replace("-", "").lower()


def _why_not(account: Any, typed: str) -> str:
    """Whoever typed a recovery code is not sent to the clock of a phone."""
    if _DIGITS.fullmatch(typed):
        return NOT_RIGHT
    used = RecoveryCode.objects.filter(account=account).exclude(used_at=None)
    with suppress(CannotOpen):
        return CODE_USED if _like(typed, used.select_related("account__authenticator")) else NO_CODE
    return NO_CODE


@transaction.atomic
def remove(account: Any, code: str) -> None:
    """Do without the app again. Raises NotPossible without a right code, and where it is the last one of what is
    required."""
    type(account).objects.select_for_update().get(pk=account.pk)  # of app and key removed at once one stays
    must_leave_one(account, has_passkey(account))
    must_be_right(account, code)
    # Codes from before they had keys of their own are known by the authenticator's (sealing.py).
    RecoveryCode.objects.filter(account=account, key_sealed=b"").delete()
    Authenticator.objects.filter(account=account).delete()
    tell_holder(account, "factor_removed", "停用了验证器", url=reverse(OWN_PAGE))
    forget_unused_codes(account)


def must_leave_one(account: Any, another: bool) -> None:
    """Is there another one, or may there be none? Raises NotPossible."""
    if not another and policy_for(account) is Policy.REQUIRED:
        raise NotPossible(MUST_HAVE_ONE)


def forget_unused_codes(account: Any) -> None:
    """Without any second factor recovery codes stand in for nothing."""
    if not has_authenticator(account) and not has_passkey(account):
        RecoveryCode.objects.filter(account=account).delete()


@transaction.atomic
def take_off(account: Any, *, actor: Actor, data: dict[str, Any], note: str = "") -> bool:
    """Somebody else takes all of it off, because phone or key are lost; every sign-in of the account ends. `note`: why,
    as the log keeps it. Was there one?"""
    was_on = _forget(account)
    if was_on:
        end_all(account, SignIn.End.FACTOR)
        record(account, "factor_reset", actor=actor, note=note, data=data)
    return was_on


def codes_left(account: Any) -> int:
    """How many recovery codes were not used yet."""
    return RecoveryCode.objects.filter(account=account, used_at=None).count()


def _takes(found: Authenticator, code: str) -> bool:
    """Under the row's lock: of two who type the same code at once one is refused."""
    totp = TOTP(sealing.secret_of(found))
    totp.time = clock.now().timestamp()
    typed = "".join(code.split())
    right = bool(_DIGITS.fullmatch(typed)) and totp.verify(int(typed), TOLERANCE, min_t=found.last_step + 1)
    if right:
        found.last_step = totp.t()
        found.save(update_fields=["last_step"])
    return right


def _recovers(account: Any, code: str) -> bool:
    kept = RecoveryCode.objects.filter(account=account, used_at=None)
    found = _like(code, kept.select_related("account__authenticator"))
    if not kept.filter(pk__in=found).update(used_at=clock.now()):
        return False
    left = codes_left(account)
    what = f"用了一个恢复码，还有 {left} 个"
    tell_holder(account, "recovery_code_used", what, url=reverse(OWN_PAGE), data={"codes_left": left})
    return True


def _like(code: str, kept: Iterable[RecoveryCode]) -> list[int]:
    """One that does not open stands in nobody's way. Raises CannotOpen where the code may have been that one."""
    found, closed = [], None
    for each in kept:
        try:
            found += [each.pk] if sealing.is_code(code, each) else []
        except CannotOpen as wrong:
            closed = wrong
    if closed and not found:
        raise closed
    return found


def first_codes(account: Any) -> list[str]:
    """New ones where none are left; the others stay as they are."""
    return [] if codes_left(account) else _new_codes(account)


def _new_codes(account: Any) -> list[str]:
    RecoveryCode.objects.filter(account=account).delete()
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(12)) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(account=account, **sealing.code_columns(code, account.pk)) for code in codes
    )
    return ["-".join((code[:4], code[4:8], code[8:])) for code in codes]


def _forget(account: Any) -> bool:
    RecoveryCode.objects.filter(account=account).delete()
    was_on = has_authenticator(account) or has_passkey(account)
    Authenticator.objects.filter(account=account).delete()
    Passkey.objects.filter(account=account).delete()
    return was_on

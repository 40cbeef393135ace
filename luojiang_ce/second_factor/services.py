"""Setting the second factor up, asking for it, taking it off; each of it on record."""

from __future__ import annotations

import re
import secrets
from base64 import b32encode
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import transaction
from django_otp.oath import TOTP

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role
from luojiang_ce.authentication.models import SignIn
from luojiang_ce.authentication.sessions import end_all
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.events import record

from . import sealing
from .models import Authenticator, RecoveryCode

SECRET_BYTES, RECOVERY_CODES = 20, 10
TOLERANCE = 1  # steps of 30 seconds that a phone may be fast or slow
ISSUER = "洛江继续教育"
NOT_RIGHT = "验证码不对：请核对手机时间是否自动校准，并输入当前显示的 6 位数字；同一个验证码只能用一次"
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_DIGITS = re.compile(r"[0-9]{6}")


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
    """Is a code asked for at the sign-in? One that was set up counts, whatever the settings say later, unless they are
    off."""
    if policy_for(account) is Policy.OFF:
        return False
    return Authenticator.objects.filter(account=account).exclude(confirmed_at=None).exists()


@transaction.atomic
def begin(account: Any) -> None:
    """A new secret, which asks for nothing yet. Raises NotPossible where there is one in use, or none is to be."""
    if policy_for(account) is Policy.OFF:
        raise NotPossible("本系统没有启用二次验证")
    if is_on(account):
        raise NotPossible("二次验证已经启用")
    columns = sealing.sealed(secrets.token_bytes(SECRET_BYTES), account.pk)
    Authenticator.objects.update_or_create(account=account, defaults={**columns, "last_step": -1})


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
    """The first right code puts it to use; the recovery codes, told this once. Raises NotPossible."""
    found = Authenticator.objects.select_for_update().filter(account=account, confirmed_at=None).first()
    if found is None:
        raise NotPossible("请先点“开始设置”")
    if not _takes(found, code):
        raise NotPossible(code=NOT_RIGHT)
    found.confirmed_at = clock.now()
    found.save(update_fields=["confirmed_at"])
    record(account, "factor_added", actor=account)
    return _new_codes(found)


@transaction.atomic
def renew_codes(account: Any, code: str) -> list[str]:
    """New recovery codes in place of the old ones. Raises NotPossible without a right code."""
    must_be_right(account, code)
    record(account, "recovery_codes_renewed", actor=account)
    return _new_codes(Authenticator.objects.get(account=account))


@transaction.atomic
def check(account: Any, code: str) -> bool:
    """Is it the code of this moment, or a recovery code that was not used yet? Neither is taken twice."""
    typed = "".join(code.split()).replace("-", "").lower()
    found = Authenticator.objects.select_for_update().filter(account=account).exclude(confirmed_at=None).first()
    if found is None:
        return False
    return _takes(found, typed) if _DIGITS.fullmatch(typed) else _recovers(found, typed)


def must_be_right(account: Any, code: str) -> None:
    """Raises NotPossible, beside the code."""
    if not check(account, code):
        raise NotPossible(code=NOT_RIGHT)


@transaction.atomic
def remove(account: Any, code: str) -> None:
    """Do without it again. Raises NotPossible without a right code, and where it is required."""
    if policy_for(account) is Policy.REQUIRED:
        raise NotPossible("本局要求启用二次验证，不能停用；换手机的，请先停用旧手机：找安全管理员重设")
    must_be_right(account, code)
    _forget(account)
    record(account, "factor_removed", actor=account)


@transaction.atomic
def take_off(account: Any, *, actor: Actor, data: dict[str, Any]) -> bool:
    """Somebody else takes it off, because the phone is lost; every sign-in of the account ends. Was there one?"""
    was_on = _forget(account)
    if was_on:
        end_all(account, SignIn.End.FACTOR)
        record(account, "factor_reset", actor=actor, data=data)
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


def _recovers(found: Authenticator, code: str) -> bool:
    account, digest = found.account, sealing.digest_of(code, found)
    rows = RecoveryCode.objects.filter(account=account, digest=digest, used_at=None)
    if not rows.update(used_at=clock.now()):
        return False
    record(account, "recovery_code_used", actor=account, data={"count": codes_left(account)})
    return True


def _new_codes(found: Authenticator) -> list[str]:
    account = found.account
    RecoveryCode.objects.filter(account=account).delete()
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(12)) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(account=account, digest=sealing.digest_of(code, found)) for code in codes
    )
    return ["-".join((code[:4], code[4:8], code[8:])) for code in codes]


def _forget(account: Any) -> bool:
    RecoveryCode.objects.filter(account=account).delete()
    gone, _ = Authenticator.objects.filter(account=account).exclude(confirmed_at=None).delete()
    Authenticator.objects.filter(account=account).delete()
    return bool(gone)

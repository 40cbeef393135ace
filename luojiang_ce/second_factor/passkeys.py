"""Passkeys (WebAuthn level 3) as second factor: added, used, removed; each of it on record, and told to the account.

A passkey comes after the password, never in its place: what a lost computer opens by itself is for a later decision.
No attestation is asked for, because no kind of key is preferred; the authenticator must have verified its user.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import salted_hmac
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.id_shapes import mask_ids
from luojiang_ce.notices.holders import tell_holder
from luojiang_ce.notices.models import Kind
from luojiang_ce.notices.services import notify
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.events import record

from .models import Passkey
from .services import (
    ISSUER,
    OWN_PAGE,
    WrongFactor,
    first_codes,
    forget_unused_codes,
    has_authenticator,
    must_be_offered,
    must_leave_one,
)

MOST = 10  # of an account
MOST_LETTERS = 20_000  # of an answer; the largest real ones have some 3,000
NOT_TAKEN = "通行密钥没有通过验证，请再试一次；仍不行的，改用手机验证码或恢复码"
COPIED = "这把通行密钥的使用次数比上次还小，可能被复制过，没有通过。已告知审计管理员，请改用手机验证码或恢复码登录"
# Whatever in the answer is malformed: the library lets some of it through to the parsers below it.
_MALFORMED = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, RecursionError)


@dataclass(frozen=True)
class Asked:
    """What the browser is asked for (`options`, JSON), and the challenge that its answer has to bear."""

    options: str
    challenge: str


def site() -> tuple[str, str]:
    """The name that passkeys are bound to (RP id), and the origin from which they answer: of settings.PUBLIC_URL."""
    parts = urlsplit(settings.PUBLIC_URL)
    return parts.hostname or "", f"{parts.scheme}://{parts.netloc}"


def are_possible() -> bool:
    """Browsers bind passkeys to a name, never to a bare address."""
    try:
        ip_address(site()[0])
    except ValueError:
        return True
    return False


def ask_to_add(account: Any) -> Asked:
    """For navigator.credentials.create; what the account has already is excluded. Raises NotPossible."""
    must_be_offered(account)
    if not are_possible():
        raise NotPossible("本系统现在用 IP 地址访问，浏览器只在有域名时支持通行密钥。请改用手机验证器")
    options = generate_registration_options(
        rp_id=site()[0],
        rp_name=ISSUER,
        user_name=account.get_username(),
        user_id=salted_hmac("luojiang_ce.second_factor.passkeys", str(account.pk), algorithm="sha256").digest(),
        user_display_name=account.name,
        exclude_credentials=_descriptors(account),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return Asked(options_to_json(options), bytes_to_base64url(options.challenge))


@transaction.atomic
def add(account: Any, answer: str, challenge: str, *, name: str) -> list[str]:
    """Keep the passkey that the browser has made; recovery codes where there are none yet, told this once.

    Raises NotPossible: no answer to this challenge, from another site, without a verified user, taken already.
    """
    must_be_offered(account)
    type(account).objects.select_for_update().get(pk=account.pk)
    if Passkey.objects.filter(account=account).count() >= MOST:
        raise NotPossible(f"最多 {MOST} 把通行密钥，请先移除不用的")
    made = _made(answer, challenge)
    credential_id = bytes_to_base64url(made.credential_id)
    if Passkey.objects.filter(credential_id=credential_id).exists():
        raise NotPossible("这把通行密钥已经添加过")
    passkey = Passkey.objects.create(
        account=account,
        name=name,
        credential_id=credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
    )
    _tell(passkey, "passkey_added", f"添加了通行密钥“{name}”")
    return first_codes(account)


def ask_to_use(account: Any) -> Asked | None:
    """For navigator.credentials.get, of the account's own; None where it has none."""
    own = _descriptors(account)
    if not own:
        return None
    options = generate_authentication_options(
        rp_id=site()[0], allow_credentials=own, user_verification=UserVerificationRequirement.REQUIRED
    )
    return Asked(options_to_json(options), bytes_to_base64url(options.challenge))


def use(account: Any, answer: str, challenge: str) -> None:
    """Is it an answer of one of the account's passkeys to this challenge, which it gave to nobody before?

    Raises WrongFactor; also where the count of uses fell, which is told to the account and the audit officers.
    """
    with transaction.atomic():
        passkey = _own(account, answer)
        count = _count_of(passkey, answer, challenge)
        if fell := bool(count or passkey.sign_count) and count <= passkey.sign_count:
            _tell_of_copy(passkey, count)
        else:
            passkey.sign_count, passkey.last_challenge, passkey.used_at = count, challenge, clock.now()
            passkey.save(update_fields=["sign_count", "last_challenge", "used_at"])
            record(account, "passkey_used", actor=account, data={"passkey": passkey.name})
    if fell:  # its record stays
        raise WrongFactor(COPIED)


@transaction.atomic
def remove(passkey: Passkey) -> None:
    """Do without it again. Raises NotPossible where it is the last one of what is required."""
    account = passkey.account
    type(account).objects.select_for_update().get(pk=account.pk)
    others = Passkey.objects.filter(account=account).exclude(pk=passkey.pk).exists()
    must_leave_one(account, others or has_authenticator(account))
    _tell(passkey, "passkey_removed", f"移除了通行密钥“{passkey.name}”")
    passkey.delete()
    forget_unused_codes(account)


def print_of(passkey: Passkey) -> str:
    """By which the log knows it again: of the key itself, so that another one in its place is another one."""
    said = f"{passkey.credential_id}|{bytes(passkey.public_key).hex()}"
    return mask_ids(hashlib.sha256(said.encode()).hexdigest())


def _tell(passkey: Passkey, name: str, what: str) -> None:
    about = {"passkey": passkey.name, "key": print_of(passkey)}
    tell_holder(passkey.account, name, what, url=reverse(OWN_PAGE), data=about)


def _made(answer: str, challenge: str) -> Any:
    rp_id, origin = site()
    try:
        return verify_registration_response(
            credential=_short(answer),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=rp_id,
            expected_origin=origin,
            require_user_verification=True,
        )
    except _MALFORMED as error:
        raise NotPossible(NOT_TAKEN) from error


def _own(account: Any, answer: str) -> Passkey:
    """The account's passkey that claims to have answered, locked: of two uses at once one sees the other's count."""
    try:
        credential_id = parse_authentication_credential_json(_short(answer)).id
    except _MALFORMED as error:
        raise WrongFactor(NOT_TAKEN) from error
    found = Passkey.objects.select_for_update().filter(account=account, credential_id=credential_id).first()
    if found is None:
        raise WrongFactor(NOT_TAKEN)
    return found


def _count_of(passkey: Passkey, answer: str, challenge: str) -> int:
    """How often it says that it was used. Raises WrongFactor. (The count is compared by `use`, which tells of it.)"""
    rp_id, origin = site()
    try:
        verified = verify_authentication_response(
            credential=_short(answer),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=rp_id,
            expected_origin=origin,
            credential_public_key=bytes(passkey.public_key),
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except _MALFORMED as error:
        raise WrongFactor(NOT_TAKEN) from error
    if challenge == passkey.last_challenge:
        raise WrongFactor(NOT_TAKEN)
    return int(verified.new_sign_count)


def _short(answer: str) -> str:
    if len(answer) > MOST_LETTERS:
        raise ValueError("no answer of a browser is so long")
    return answer


def _descriptors(account: Any) -> list[PublicKeyCredentialDescriptor]:
    ids = Passkey.objects.filter(account=account).values_list("credential_id", flat=True)
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(each)) for each in ids]


def _tell_of_copy(passkey: Passkey, count: int) -> None:
    account: Any = passkey.account
    what = f"的通行密钥“{passkey.name}”可能被复制"
    about = {"passkey": passkey.name, "previous": passkey.sign_count, "count": count}
    event = tell_holder(account, "passkey_copied", what, url=reverse(OWN_PAGE), data=about)
    people: Any = get_user_model()._default_manager
    auditors = people.holding(Role.AUDIT_ADMIN).exclude(pk=account.pk)
    title, key = f"账号 {account.get_username()} {what}", f"passkey-{event.uid}-audit"
    notify(auditors, title, key=key, case=account, kind=Kind.ACCOUNT)

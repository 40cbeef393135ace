"""The bureau's signing keys: made at set-up, replaced, withdrawn, handed out."""

from __future__ import annotations

import os
import re
from base64 import b64decode
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.locks import Lock, hold
from luojiang_ce.once import once
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.text import full

from . import signing
from .models import SigningKey, Witness
from .notes import Verifier
from .on_record import put_on_record

Purpose = SigningKey.Purpose
ALGORITHM = {
    Purpose.STATEMENTS: signing.ES256,
    Purpose.TREE: signing.ED25519,
    Purpose.RECORDS: signing.ES256,
    Purpose.ARCHIVE: signing.ES256,
}
_SERIES = {Purpose.STATEMENTS: "", Purpose.TREE: "T-", Purpose.RECORDS: "R-", Purpose.ARCHIVE: "A-"}
NAMED = (Purpose.TREE, Purpose.RECORDS)  # their keys bear the name under which they sign
_OF_THIS_MACHINE = re.compile(r"(localhost|127\.[\d.]+|\[::1\])(:\d+)?(/.*)?")
OF_PAPERS = (Purpose.STATEMENTS, Purpose.TREE)  # a key of another purpose is never believed of a paper
ARCHIVE_KEYS = "archive_keys"  # beside `keys` in the published file
_NONCE = 12


class SecretWrong(Exception):
    """SIGNING_SECRET does not open the key of this number."""

    def __str__(self) -> str:
        return f"签名密钥 {self.args[0]} 打不开：SIGNING_SECRET 不是造它时的那一个，请系统管理员核对"


def current(purpose: Purpose) -> SigningKey:
    """The key with which is signed now; the first is made when it is asked for: of two processes that ask at the same
    moment one makes it."""
    if found := SigningKey.objects.signing(purpose).first():
        return found
    with transaction.atomic():
        hold(Lock.KEYS)
        return SigningKey.objects.signing(purpose).first() or _made(purpose)


def ensure_keys() -> str:
    """The first keys of a new system; says what there is."""
    return "，".join(current(purpose).kid for purpose in Purpose)


def rotate(purpose: Purpose) -> SigningKey:
    """A new key in place of the present one, which stays good for what it has signed."""
    with transaction.atomic():
        hold(Lock.KEYS)
        before = SigningKey.objects.signing(purpose).first()
        SigningKey.objects.signing(purpose).update(ended_at=clock.now(), private=b"")
        made = _made(purpose)
        put_on_record(made, "key_rotated", note=f"{purpose.label}：{before or '没有'}→{made}")
        return made


def withdraw(kid: str, *, reason: str) -> SigningKey:
    """Have a key believed no more, whatever it has signed; where it is the present one, another takes its place.
    Raises NotPossible."""
    with transaction.atomic():
        hold(Lock.KEYS)
        key = SigningKey.objects.filter(kid=kid).first()
        if key is None:
            raise NotPossible(f"没有编号为 {kid} 的密钥，用 manage.py signing_keys 查看全部密钥")
        if not reason.strip():
            raise NotPossible("作废密钥须写明原因，离线核验页会向公众显示")
        if key.withdrawn_at:
            raise NotPossible(f"密钥 {kid} 已于 {full(clock.local(key.withdrawn_at).date())} 作废")
        key.withdrawn_at, key.withdrawn_reason, key.private = clock.now(), reason.strip(), b""
        key.save(update_fields=["withdrawn_at", "withdrawn_reason", "private"])
        put_on_record(key, "key_withdrawn", note=f"{kid}：{key.withdrawn_reason}")
        if not SigningKey.objects.signing(Purpose(key.purpose)).exists():
            _made(Purpose(key.purpose))
    return key


def sign(key: SigningKey, content: bytes) -> bytes:
    """The key's signature. Raises SecretWrong."""
    return signing.sign(_opened(key), content)


def closed() -> list[SigningKey]:
    """The present keys that SIGNING_SECRET does not open."""
    present = [key for purpose in Purpose for key in SigningKey.objects.signing(purpose)]
    return [key for key in present if not _opens(key)]


def origin() -> str:
    """The log's name in the heads that are signed now."""
    return current(Purpose.TREE).origin


def issuer() -> str:
    """What other districts know this one by in records: the address at which it was public when its first key of
    records was made. It stays, whatever is replaced and wherever the site moves."""
    return current(Purpose.RECORDS).origin


@once
def own_issuers() -> frozenset[str]:
    """Every such name that it has, or has ever had; none before its first key of records."""
    return frozenset(SigningKey.objects.filter(purpose=Purpose.RECORDS).values_list("origin", flat=True))


def is_of_this_machine(name: str) -> bool:
    """Does the name begin at an address that means another machine everywhere else?"""
    return bool(_OF_THIS_MACHINE.fullmatch(name))


def as_jwks() -> dict[str, list[dict[str, Any]]]:
    """The published file: what is kept to verify without a network. Apart from the keys of papers those of archives and
    of those who countersign heads: neither is ever believed of a paper."""
    witnesses = [_witness_jwk(each) for each in Witness.objects.all()]
    return {"keys": keys_of(*OF_PAPERS), ARCHIVE_KEYS: keys_of(Purpose.ARCHIVE), "witnesses": witnesses}


def keys_of(*purposes: Purpose) -> list[dict[str, Any]]:
    """Every key there ever was for these purposes, as RFC 7517 writes it, with its days."""
    return [_jwk(key) for key in SigningKey.objects.filter(purpose__in=purposes)]


def verifiers() -> list[Verifier]:
    """Whose signatures on heads are the log's own: those of every key that was not withdrawn, under every name that the
    log has had."""
    keys = list(SigningKey.objects.filter(purpose__in=OF_PAPERS))
    names, believed = {name for key in keys for name in key.names}, [key for key in keys if not key.withdrawn_at]
    return [Verifier(name, key.algorithm, bytes(key.public)) for name in names for key in believed]


def _jwk(key: SigningKey) -> dict[str, Any]:
    days = {
        "from": clock.day_of(key.started_at),
        "until": clock.day_of(key.ended_at),
        "withdrawn": clock.day_of(key.withdrawn_at),
    }
    said = {name: day.isoformat() for name, day in days.items() if day}
    why = {"reason": key.withdrawn_reason} if key.withdrawn_at else {}
    name = {}
    if key.purpose == Purpose.TREE:
        name = {"origin": key.origin, "vkey": str(Verifier(key.origin, key.algorithm, bytes(key.public)))}
    former = {"former_origins": key.former_origins} if key.former_origins else {}
    return {"kid": key.kid, **signing.as_jwk(bytes(key.public)), **said, **why, **name, **former}


def _witness_jwk(witness: Witness) -> dict[str, Any]:
    until = clock.day_of(witness.ended_at)
    ended = {"until": until.isoformat()} if until else {}
    named = {"name": witness.name, "label": witness.label, "vkey": str(witness.verifier)}
    return named | signing.as_jwk(bytes(witness.public)) | ended


def _made(purpose: Purpose) -> SigningKey:
    algorithm = ALGORITHM[purpose]
    private, public = signing.new_key(algorithm)
    kid, nonce = _next_kid(purpose), os.urandom(_NONCE)
    sealed = nonce + _cipher().encrypt(nonce, private, kid.encode())
    return SigningKey.objects.create(
        kid=kid, purpose=purpose, algorithm=algorithm, public=public, private=sealed, origin=_name_for(purpose)
    )


def _name_for(purpose: Purpose) -> str:
    """A log is named anew with each key; who signs records keeps the name, unless it was set up without an address."""
    if purpose not in NAMED:
        return ""
    former = SigningKey.objects.filter(purpose=Purpose.RECORDS).last() if purpose == Purpose.RECORDS else None
    if former and not is_of_this_machine(former.origin):
        return former.origin
    return address() if purpose == Purpose.TREE else address().removesuffix("/verify")


def address() -> str:
    """Where heads are published, without the scheme: what a log is named by."""
    parts = urlsplit(settings.PUBLIC_URL)
    return f"{parts.netloc}{parts.path.rstrip('/')}/verify"


def _next_kid(purpose: Purpose) -> str:
    """LJ-2026-01, of the tree LJ-T-2026-01: short, because it stands in every QR code."""
    series = f"{settings.SIGNING_NAME}-{_SERIES[purpose]}{clock.today().year}-"
    return f"{series}{SigningKey.objects.filter(kid__startswith=series).count() + 1:02d}"


def _opened(key: SigningKey) -> bytes:
    sealed = bytes(key.private)
    try:
        return _cipher().decrypt(sealed[:_NONCE], sealed[_NONCE:], key.kid.encode())
    except (InvalidTag, ValueError) as wrong:
        raise SecretWrong(key.kid) from wrong


def _opens(key: SigningKey) -> bool:
    try:
        return bool(_opened(key))
    except SecretWrong:
        return False


def _cipher() -> AESGCM:
    return AESGCM(b64decode(settings.SIGNING_SECRET))

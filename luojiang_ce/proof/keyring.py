"""The bureau's signing keys: made at set-up, replaced, withdrawn, handed out."""

from __future__ import annotations

import os
from base64 import b64decode
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.locks import Lock, hold
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.text import full

from . import signing
from .models import SigningKey, Witness
from .notes import Verifier

Purpose = SigningKey.Purpose
ALGORITHM = {Purpose.STATEMENTS: signing.ES256, Purpose.TREE: signing.ED25519}
_NONCE = 12


def current(purpose: Purpose) -> SigningKey:
    """The key with which is signed now; the first is made when it is asked for."""
    found = SigningKey.objects.signing(purpose).first()
    return found or _made_first(purpose)


def ensure_keys() -> str:
    """The first keys of a new system; says what there is."""
    return "，".join(current(purpose).kid for purpose in Purpose)


def rotate(purpose: Purpose) -> SigningKey:
    """A new key in place of the present one, which stays good for what it has signed."""
    with transaction.atomic():
        hold(Lock.KEYS)
        SigningKey.objects.signing(purpose).update(ended_at=clock.now(), private=b"")
        return _made(purpose)


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
        if not SigningKey.objects.signing(Purpose(key.purpose)).exists():
            _made(Purpose(key.purpose))
    return key


def sign(key: SigningKey, content: bytes) -> bytes:
    """The key's signature."""
    sealed = bytes(key.private)
    return signing.sign(_cipher().decrypt(sealed[:_NONCE], sealed[_NONCE:], key.kid.encode()), content)


def origin() -> str:
    """The log's name in the heads that are signed now."""
    return current(Purpose.TREE).origin


def as_jwks() -> dict[str, list[dict[str, Any]]]:
    """Every key there ever was, as RFC 7517 writes it, with its days: what is kept to verify without a network. Apart
    from them the keys of those who countersign: they sign heads and nothing else."""
    witnesses = [_witness_jwk(each) for each in Witness.objects.all()]
    return {"keys": [_jwk(key) for key in SigningKey.objects.all()], "witnesses": witnesses}


def verifiers() -> list[Verifier]:
    """Whose signatures on heads are the log's own: those of every key that was not withdrawn, under every name that the
    log has had."""
    keys = list(SigningKey.objects.all())
    names, believed = {key.origin for key in keys if key.origin}, [key for key in keys if not key.withdrawn_at]
    return [Verifier(name, key.algorithm, bytes(key.public)) for name in names for key in believed]


def _jwk(key: SigningKey) -> dict[str, Any]:
    days = {
        "from": clock.day_of(key.started_at),
        "until": clock.day_of(key.ended_at),
        "withdrawn": clock.day_of(key.withdrawn_at),
    }
    said = {name: day.isoformat() for name, day in days.items() if day}
    why = {"reason": key.withdrawn_reason} if key.withdrawn_at else {}
    name = {"origin": key.origin, "vkey": _vkey(key)} if key.purpose == Purpose.TREE else {}
    return {"kid": key.kid, **signing.as_jwk(bytes(key.public)), **said, **why, **name}


def _vkey(key: SigningKey) -> str:
    return str(Verifier(key.origin, key.algorithm, bytes(key.public)))


def _witness_jwk(witness: Witness) -> dict[str, Any]:
    until = clock.day_of(witness.ended_at)
    ended = {"until": until.isoformat()} if until else {}
    named = {"name": witness.name, "label": witness.label, "vkey": str(witness.verifier)}
    return named | signing.as_jwk(bytes(witness.public)) | ended


def _made_first(purpose: Purpose) -> SigningKey:
    """Of two processes that ask at the same moment one makes it."""
    with transaction.atomic():
        hold(Lock.KEYS)
        return SigningKey.objects.signing(purpose).first() or _made(purpose)


def _made(purpose: Purpose) -> SigningKey:
    algorithm = ALGORITHM[purpose]
    private, public = signing.new_key(algorithm)
    kid, nonce = _next_kid(purpose), os.urandom(_NONCE)
    sealed = nonce + _cipher().encrypt(nonce, private, kid.encode())
    name = _address() if purpose == Purpose.TREE else ""
    return SigningKey.objects.create(
        kid=kid, purpose=purpose, algorithm=algorithm, public=public, private=sealed, origin=name
    )


def _address() -> str:
    """Where heads are published, without the scheme: what a log is named by."""
    parts = urlsplit(settings.PUBLIC_URL)
    return f"{parts.netloc}{parts.path.rstrip('/')}/verify"


def _next_kid(purpose: Purpose) -> str:
    """LJ-2026-01, of the tree LJ-T-2026-01: short, because it stands in every QR code."""
    series = f"{settings.SIGNING_NAME}-{'T-' if purpose == Purpose.TREE else ''}{clock.today().year}-"
    return f"{series}{SigningKey.objects.filter(kid__startswith=series).count() + 1:02d}"


def _cipher() -> AESGCM:
    return AESGCM(b64decode(settings.SIGNING_SECRET))

"""Parts of the event log that leave are signed with the key by which heads are signed, and known again by its public
half, whatever key signs today."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from luojiang_ce.workflow.log_parts import Signer, register_signer

from . import keyring, signing
from .models import SigningKey

_PURPOSE = b"luojiang-ce log part\n"  # so that no head, and nothing else that the key signs, passes for a part


def register() -> None:
    """Called when the app is ready."""
    register_signer(Signer(_sign, _is_signed))


def _sign(content: bytes) -> tuple[str, bytes]:
    key = keyring.current(SigningKey.Purpose.TREE)
    return key.kid, keyring.sign(key, _PURPOSE + content)


def _is_signed(content: bytes, kid: str, signature: bytes, by: datetime | None) -> bool:
    """By a key that was not withdrawn, or not before this moment?"""
    in_time = Q(withdrawn_at=None) | Q(withdrawn_at__gt=by) if by else Q(withdrawn_at=None)
    keys = SigningKey.objects.filter(in_time, kid=kid, purpose=SigningKey.Purpose.TREE)
    return any(signing.verify(bytes(key.public), _PURPOSE + content, signature) for key in keys)

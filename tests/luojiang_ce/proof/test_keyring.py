"""A secret that somebody else may know is replaced: nothing that was signed is lost, and nothing signs with the old."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
from django.core.management import call_command

from luojiang_ce.proof import keyring, signing
from luojiang_ce.proof.models import SigningKey

pytestmark = pytest.mark.django_db


def test_another_secret_comes_with_other_keys(settings: Any) -> None:
    keyring.ensure_keys()
    former = list(SigningKey.objects.order_by("pk"))
    signed = keyring.sign(former[0], b"said before")
    settings.SIGNING_SECRET = b64encode(b"another!" * 4).decode()
    assert {each.pk for each in keyring.closed()} == {each.pk for each in former}
    for purpose in keyring.Purpose:
        call_command("signing_keys", rotate=purpose.value, verbosity=0)
    assert keyring.closed() == []
    for purpose in keyring.Purpose:
        assert keyring.sign(keyring.current(purpose), b"said now")
    assert {bytes(each.private) for each in SigningKey.objects.filter(pk__in=[each.pk for each in former])} == {b""}
    assert signing.verify(bytes(former[0].public), b"said before", signed)

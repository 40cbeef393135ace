"""The name under which a district signs records, and what is said when nothing can be signed."""

from __future__ import annotations

import logging
from base64 import b64encode
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from luojiang_ce.proof import keyring
from luojiang_ce.proof.keyring import Purpose

pytestmark = pytest.mark.django_db


def test_the_name_stays_when_keys_are_replaced_or_withdrawn_and_the_site_moves(settings: Any) -> None:
    settings.PUBLIC_URL = "https://jxjy.luojiang.example"
    keyring.ensure_keys()
    assert keyring.issuer() == "jxjy.luojiang.example"
    settings.PUBLIC_URL = "https://jxjy.luojiang.example:8443/new"
    for purpose in Purpose:
        keyring.rotate(purpose)
    assert keyring.issuer() == "jxjy.luojiang.example"
    keyring.withdraw(keyring.current(Purpose.RECORDS).kid, reason="泄露")
    assert keyring.issuer() == "jxjy.luojiang.example"
    assert keyring.own_issuers() == {"jxjy.luojiang.example"}


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:8000/ce"])
def test_a_system_set_up_without_its_address_takes_it_with_the_next_key(settings: Any, address: str) -> None:
    settings.PUBLIC_URL = address
    keyring.ensure_keys()
    first = keyring.issuer()
    assert warned() == []
    settings.PUBLIC_URL = "https://jxjy.luojiang.example"
    assert warned() == ["luojiang.W014"]
    call_command("signing_keys", "--rotate", "records", verbosity=0)
    assert keyring.issuer() == "jxjy.luojiang.example"
    assert keyring.own_issuers() == {first, "jxjy.luojiang.example"}
    assert warned() == []


def warned() -> list[str]:
    return [each.id for each in run_checks(databases=["default"]) if each.id == "luojiang.W014"]


def test_a_list_that_cannot_be_signed_says_so_and_tells_no_secret(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    keyring.ensure_keys()
    settings.SIGNING_SECRET = b64encode(b"0" * 32).decode()
    with caplog.at_level(logging.ERROR):
        answer = Client().get(reverse("proof:revocations"))
    said = answer.content.decode()
    assert (answer.status_code, "现在签不了名" in said) == (503, True)
    assert "SECRET" not in said
    assert "SecretWrong" in caplog.text
    assert settings.SIGNING_SECRET not in caplog.text

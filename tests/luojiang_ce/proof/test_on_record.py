"""What is done to keys and countersignatures is on record, and the audit officers hear of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from luojiang_ce.notices.models import Notice
from luojiang_ce.proof import keyring
from luojiang_ce.proof.models import SigningKey, Witness
from luojiang_ce.proof.tree import latest
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.luojiang_ce.proof.papers import Held
from tests.luojiang_ce.proof.test_cosigning import NAME, downloaded, log_key, sent, vkey  # noqa: F401  # fixtures

pytestmark = pytest.mark.django_db


def told(district: District, event: str) -> str:
    """What the log and the audit officer's inbox say of the one event of this name; both say the same."""
    written = Event.objects.get(name=event)
    notice = Notice.objects.get(key__startswith=event)
    assert (notice.recipient, notice.text) == (district.audit_admin, written.note_row.text)
    return str(written.note_row.text)


def test_another_key_and_a_withdrawn_one(district: District, client: Client) -> None:
    first = keyring.current(keyring.Purpose.STATEMENTS)
    call_command("signing_keys", rotate="statements")
    second = keyring.current(keyring.Purpose.STATEMENTS)
    assert told(district, "key_rotated") == f"文书上的签名和撤销清单：{first}→{second}"
    call_command("signing_keys", withdraw=first.kid, reason="密钥所在的机器被盗")
    assert told(district, "key_withdrawn") == f"{first}：密钥所在的机器被盗"
    client.force_login(district.audit_admin)
    log = client.get(reverse("audit:events")).content.decode()
    assert all(said in log for said in ("换用签名密钥", "作废签名密钥", "密钥所在的机器被盗"))


def test_what_is_refused_leaves_nothing(district: District) -> None:
    keyring.ensure_keys()
    with pytest.raises(CommandError, match="没有编号为"):
        call_command("signing_keys", withdraw="LJ-1999-01", reason="x")
    assert not Event.objects.exists()
    assert SigningKey.objects.count() == len(SigningKey.Purpose)


def test_a_body_that_countersigns(
    district: District,
    client: Client,
    mine: Held,
    vkey: str,  # noqa: F811  # the fixture
    log_key: str,  # noqa: F811  # the fixture
    tmp_path: Path,
) -> None:
    assert told(district, "witness_registered") == f"洛江区教育局：{NAME}"
    call_command("register_witness", "洛江区教育局", vkey)  # the same once more
    assert Event.objects.filter(name="witness_registered").count() == 1
    head = downloaded(client, tmp_path)
    call_command("cosign", head, key=tmp_path / "key", log_key=log_key)
    assert [sent(client, head.read_text()).status_code for _ in range(2)] == [200, 200]
    written = Event.objects.get(name="head_cosigned")
    assert written.note_row.text == f"洛江区教育局：{latest()}"
    assert not Notice.objects.filter(key__startswith="head_cosigned").exists()  # one a day and body
    call_command("register_witness", end=NAME)
    assert told(district, "witness_ended") == f"洛江区教育局：{NAME}"
    assert Witness.objects.get().ended_at

"""The system's administrators are told of certificates that end, each time once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from luojiang_ce.health.probes import troubles
from luojiang_ce.notices.models import Notice
from luojiang_ce.papers.models import Seal
from tests.conftest import District
from tests.luojiang_ce.papers.signing.authorities import BUREAU, PASSPHRASE, holder
from tests.verification.batches.samples import a_seal
from units.signers import what_ends
from units.tasks import tell_of_certificates

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(district: District, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of the certificate that signs for the bureau's seal; not written yet."""
    monkeypatch.setenv("TESTS_PASSPHRASE", PASSPHRASE)
    path = tmp_path / "bureau.p12"
    settings.SIGNERS = {"bureau": {"file": str(path), "passphrase_env": "TESTS_PASSPHRASE"}}
    a_seal(district.bureau, provider=Seal.Provider.SIGNED, signer="bureau")
    return path


def told(district: District) -> list[str]:
    """What stands in the administrator's inbox of it; nobody else has anything."""
    assert not Notice.objects.exclude(recipient=district.system_admin).exists()
    return list(Notice.objects.order_by("pk").values_list("title", flat=True))


def test_one_that_ends_soon_is_told_of_once_and_again_when_it_is_nearer(district: District, file: Path) -> None:
    begins = datetime.now(UTC) - timedelta(days=300)
    holder(BUREAU, begins=begins, ends=datetime.now(UTC) + timedelta(days=25, hours=12)).write(file)
    for _ in range(2):
        tell_of_certificates()
    (first,) = told(district)
    assert "还有 2" in first
    assert "请换发" in first
    holder(BUREAU, begins=begins, ends=datetime.now(UTC) + timedelta(days=400)).write(file)
    tell_of_certificates()
    assert told(district) == [first]


def test_one_that_has_ended_or_cannot_be_read_is_told_of(district: District, file: Path) -> None:
    tell_of_certificates()
    assert "bureau.p12 读不到" in told(district)[0]
    gone = datetime.now(UTC) - timedelta(days=2)
    holder(BUREAU, begins=gone - timedelta(days=9), ends=gone).write(file)
    tell_of_certificates()
    assert "到期，不能再签发" in told(district)[1]


def test_health_says_what_cannot_sign_now_or_not_for_long(file: Path) -> None:
    assert "不能签名：" in what_ends()
    now = datetime.now(UTC)
    holder(BUREAU, ends=now + timedelta(days=5, hours=12)).write(file)
    assert "还有 5 天，请换发" in what_ends()
    assert [each.probe.name for each in troubles() if each.probe.name == "signing"] == ["signing"]
    holder(BUREAU, ends=now + timedelta(days=30)).write(file)
    assert what_ends() == ""


def test_what_signs_for_no_seal_in_use_is_nobody_s_business(district: District, file: Path) -> None:
    Seal.objects.update(last_day="2020-01-01")
    assert tell_of_certificates() == 0
    assert told(district) == []

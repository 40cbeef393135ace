"""Two signers, set up as an installation does it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from luojiang_ce.papers.models import Seal
from tests.conftest import District
from tests.luojiang_ce.papers.samples import seal_of
from tests.luojiang_ce.papers.signing.authorities import BUREAU, EDUCATION, PASSPHRASE, holder, timestamp_server


@pytest.fixture
def signers(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, str]]:
    """SIGNERS as it is set: the bureau's and education's."""
    monkeypatch.setenv("TESTS_PASSPHRASE", PASSPHRASE)
    names = {"bureau": BUREAU, "education": EDUCATION}
    settings.SIGNERS = {
        name: {"file": str(holder(owner).write(tmp_path / f"{name}.p12")), "passphrase_env": "TESTS_PASSPHRASE"}
        for name, owner in names.items()
    }
    found: dict[str, dict[str, str]] = settings.SIGNERS
    return found


@pytest.fixture
def signing_seal(district: District, signers: Any) -> Seal:
    """The bureau's seal, which signs."""
    return seal_of(district.bureau, provider=Seal.Provider.SIGNED, signer="bureau", demo=False)


@pytest.fixture
def timestamps(settings: Any) -> Iterator[str]:
    """A timestamp server that answers."""
    with timestamp_server() as address:
        settings.TIMESTAMP_URL = address
        yield address

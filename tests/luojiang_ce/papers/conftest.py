"""The sample kinds are known, and what is stored goes to a folder of the test's own."""

import pytest

from luojiang_ce.papers.models import Seal
from luojiang_ce.workflow import case_kind
from tests.luojiang_ce.papers.samples import bureau_seal, register_samples


@pytest.fixture(autouse=True)
def _samples(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(case_kind, "_kinds", dict(case_kind._kinds))
    register_samples()
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.PUBLIC_URL = "https://jxjy.luojiang.example"


@pytest.fixture
def seal(district) -> Seal:
    return bureau_seal(district)

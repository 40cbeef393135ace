"""The sample kinds of papers are known; files, keys and heads go to a folder of the test's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow import case_kind
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.papers.samples import issued_page, register_samples
from tests.luojiang_ce.proof.papers import Held, held


@pytest.fixture(autouse=True)
def _samples(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_kind, "_kinds", dict(case_kind._kinds))
    register_samples()
    settings.MEDIA_ROOT = settings.VAR_DIR = tmp_path
    settings.PUBLIC_URL = "https://jxjy.luojiang.example"


@pytest.fixture
def papers(district: District) -> list[Paper]:
    return [issued_page(district, person_in(district.unit, name)) for name in ("温知故", "林䶮")]


@pytest.fixture
def mine(papers: list[Paper]) -> Held:
    """The first of both."""
    return held(papers[0])

"""Files, keys and heads go to a folder of the test's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import District
from tests.units.archive.years import Year, a_year


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = settings.VAR_DIR = tmp_path


@pytest.fixture
def year(district: District) -> Year:
    return a_year(district)

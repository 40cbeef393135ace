"""What `manage.py prepare` refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.conftest import District


@pytest.mark.django_db
def test_no_demo_is_loaded_beside_real_people(district: District, settings: Any, tmp_path: Path) -> None:
    """Its accounts need no password."""
    settings.DEMO, settings.VAR_DIR = True, tmp_path
    with pytest.raises(CommandError, match=r"已有账号.*DEMO=0"):
        call_command("prepare")
    assert not (tmp_path / "demo").exists()

"""The keys lie apart from the copies, and come to another machine from there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings


@pytest.mark.thorough
def test_another_machine_gets_the_keys_from_their_own_folder(tmp_path):
    """A real start on an empty machine makes keys of its own: with them nothing can be read, so they are not taken."""
    first, second, root, keys = (tmp_path / name for name in ("first", "second", "backups", "keys"))
    secret = ("SECRET", "KEY", "DATABASE_URL", "VAR_DIR", "SIGNING")
    plain = {name: value for name, value in os.environ.items() if not any(map(name.__contains__, secret))}
    plain["DJANGO_SETTINGS_MODULE"] = "luojiang_ce.settings"

    def manage(var: Path, *command: str) -> subprocess.CompletedProcess[str]:
        env = {**plain, "VAR_DIR": str(var)}
        ran = [sys.executable, "manage.py", *map(str, command)]
        return subprocess.run(ran, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, check=False)

    assert manage(first, "prepare").returncode == 0
    assert manage(first, "backup", root, "--keys", keys).returncode == 0
    assert "现在的密钥不是备份时的密钥" in manage(second, "restore", root).stderr
    assert "没有 keys.env" in manage(second, "restore", root, "--keys", tmp_path).stderr
    done = manage(second, "restore", root, "--keys", keys)
    assert "与备份一致" in done.stdout, done.stderr
    assert (second / "keys.env").read_text().splitlines() == (keys / "keys.env").read_text().splitlines()
    assert not list(root.rglob("*.env"))

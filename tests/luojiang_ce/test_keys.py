"""A start without keys makes its own, once, readable by its owner only."""

from __future__ import annotations

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from luojiang_ce.keys import ensure_keys


def test_keys_are_made_once_and_for_the_owner_only(tmp_path, monkeypatch):
    monkeypatch.delenv("SECRET_KEY")
    path = ensure_keys(tmp_path / "var")
    first = path.read_text()
    assert ensure_keys(tmp_path / "var").read_text() == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "DEMO_KEYS=1" in first


def test_of_many_first_starts_one_makes_the_keys(tmp_path):
    program = (
        "from pathlib import Path; from luojiang_ce.keys import ensure_keys;"
        f"print(ensure_keys(Path({str(tmp_path)!r})).read_text())"
    )

    def start(_):
        return subprocess.run(
            [sys.executable, "-c", program], env={}, capture_output=True, text=True, check=True
        ).stdout

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(start, range(4)))) == 1


def test_keys_of_the_environment_leave_no_file(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "from the environment")
    assert ensure_keys(tmp_path) is None
    assert list(tmp_path.iterdir()) == []

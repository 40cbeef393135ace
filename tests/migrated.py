"""A SQLite database with every migration applied: made once for each state of the sources, then copied.

Half a hundred migrations take five seconds; every run, and every worker of one, would pay them before its first test.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".pytest_cache" / "migrated"
FOLDERS = ("luojiang_ce", "units", "training", "verification", "tests/toy", "fixtures")
# What a migrated database is made of: migrations, what they import, and the rows that apps put in after them.
SOURCES = (
    "migrations/*.py", "models.py", "models/*.py", "apps.py", "reference.py", "luojiang_ce/*.py", "workflow/*.py",
    "papers/codes.py", "proof/typed.py", "identity/*.py", "*.json",
)  # fmt: skip


@contextmanager
def migrated_copy(target: Path) -> Iterator[sqlite3.Connection]:
    """`target` is such a database inside the block; what it begins with is kept in memory."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.copy(_migrated(), target)
    with closing(sqlite3.connect(":memory:")) as beginning:
        with closing(sqlite3.connect(target)) as database:
            database.backup(beginning)
        yield beginning
    for file in target.parent.glob(f"{target.name}*"):
        file.unlink()


def _migrated() -> Path:
    ready, begun = KEPT / f"{_state_of_sources()}.sqlite3", KEPT / "begun.sqlite3"
    if not ready.exists():
        for old in KEPT.glob("*.sqlite3*"):
            old.unlink()
        env = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": f"sqlite:///{begun}"}
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=env, check=True)
        begun.rename(ready)
    return ready


def _state_of_sources() -> str:
    digest = hashlib.sha256(django.__version__.encode())
    files = (file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.*")))
    for file in (file for file in files if any(map(file.match, SOURCES))):
        digest.update(f"{file}\n".encode() + file.read_bytes())
    return digest.hexdigest()

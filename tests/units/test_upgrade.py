"""A database from before: numbers that two people have do not stop its upgrade, and the rule of numbers goes on."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

pytestmark = [pytest.mark.thorough, pytest.mark.notice("附件4")]
ROOT = Path(__file__).resolve().parents[2]
BEFORE = "0005"  # of units: numbers of certificates were not unique yet
HELD = (("general", "闽A-0007"), ("general", "闽a-0007"), ("medical", "闽A-0007"), ("general", "闽A-0008"))


def migrate(folder: Path, *target: str) -> None:
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": f"sqlite:///{folder}/old.sqlite3",
        "VAR_DIR": str(folder),
    }
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0", *target]
    subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True)


def insert(database: sqlite3.Connection, table: str, **facts: object) -> None:
    """A row; what is not said is what its column takes: nothing, 0 or an empty text."""
    columns = database.execute(f"PRAGMA table_info({table})").fetchall()
    row = {name: ("" if "char" in kind else 0) for _, name, kind, needed, _, key in columns if needed and not key}
    row |= facts
    marks = ", ".join("?" * len(row))
    database.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))


def test_an_old_database_with_doubles_is_upgraded(tmp_path: Path) -> None:
    migrate(tmp_path, "papers", "0004")
    migrate(tmp_path, "units", BEFORE)
    with closing(sqlite3.connect(tmp_path / "old.sqlite3")) as database:
        for pk, (kind, number) in enumerate(HELD, 1):
            facts = {
                "name": f"某{pk}",
                "id_hash": f"{pk}",
                "id_sealed": b"",
                "category": "general",
                "created_at": "2026-01-05",
            }
            insert(database, "units_person", id=pk, **facts, updated_at="2026-01-05")
            insert(database, "units_certificate", id=pk, person_id=pk, kind=kind, number=number)
        insert(
            database, "papers_numberformat", series="certificate_general", pattern="洛继教{year}{seq:04d}", title="编号"
        )
        insert(database, "papers_numberformat", series="certificate_medical", pattern="", title="编号")
        insert(database, "papers_numberformat", series="other", pattern="{seq}", title="别的")
        insert(database, "papers_numberseries", series="certificate_general", year=2026, last=41)
        database.commit()
    migrate(tmp_path)
    with closing(sqlite3.connect(tmp_path / "old.sqlite3")) as database:
        disputed = database.execute("SELECT id FROM units_certificate WHERE disputed ORDER BY id").fetchall()
        rules = database.execute("SELECT id, kind, pattern FROM units_certificatepattern").fetchall()
        series = database.execute("SELECT series, year, last FROM papers_numberseries").fetchall()
        formats = database.execute("SELECT series FROM papers_numberformat").fetchall()
    assert disputed == [(2,)]  # whoever had it first keeps it; the other is shown as 与他人重号，请核对
    assert [rule[1:] for rule in rules] == [("general", "洛继教{year}{seq:04d}")]
    assert series == [(f"certificate_general_{rules[0][0]}", 2026, 41)]
    assert formats == [("other",)]


def test_what_was_stamped_before_stamps_were_entered_is_owed_to_nobody(tmp_path: Path) -> None:
    migrate(tmp_path, "papers", "0005")
    seal = {"owner_type": "units.unit", "owner_id": 1, "diameter_mm": 40, "ring_mm": 1, "provider": "blank"}
    line = {"year": 2026, "used_at": "2026-01-05 09:00:00", "paper_id": 1, "remark": "留白，待手工加盖"}
    with closing(sqlite3.connect(tmp_path / "old.sqlite3")) as database:
        for pk, name in enumerate(("用过的章", "没有用过的章"), 1):
            insert(database, "papers_seal", id=pk, name=name, purpose="verification", **seal)
        insert(
            database, "papers_paper", id=1, kind="x", uid="1", code="1", dated="2026-01-05", state="pending", facts="[]"
        )
        insert(database, "papers_sealuse", id=1, number="2026-00001", seal_id=1, **line)
        database.commit()
    migrate(tmp_path)
    with closing(sqlite3.connect(tmp_path / "old.sqlite3")) as database:
        found = database.execute(
            "SELECT id, stamps_entered_since > '2026-01-05' FROM papers_seal ORDER BY id"
        ).fetchall()
    assert found == [(1, 1), (2, None)]

"""A log from before events were counted stays clean: what it lacks is said once, and from now on all of it is held."""

from __future__ import annotations

import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

import pytest

from tests.units.test_upgrade import insert, migrate

pytestmark = pytest.mark.thorough
AT = "2026-03-02 01:00:00"


def test_an_older_log_is_counted_from_where_it_stands(tmp_path: Path) -> None:
    migrate(tmp_path, "workflow", "0004")
    migrate(tmp_path, "units", "0012")
    with closing(sqlite3.connect(tmp_path / "old.sqlite3")) as database:
        account = {"username": "older", "name": "许明", "password": "md5$a$b", "is_active": 1, "created_at": AT}
        insert(database, "units_account", id=7, **account)
        unit = {"code": "OLD-1", "name": "洛江区青麓农业技术推广中心", "created_at": AT, "updated_at": AT}
        insert(database, "units_unit", id=3, **unit)
        role = {"account_id": 7, "unit_id": 3, "role": "unit_clerk", "valid_from": "2026-01-01"}
        insert(database, "units_assignment", id=5, **role)
        uids = [uuid.uuid4().hex for _ in range(2)]
        for uid in uids:
            facts = {"case_type": "units.unit", "case_id": 3, "name": "edited", "at": AT, "data": "{}", "hmac": "x"}
            insert(database, "workflow_event", uid=uid, **facts)
        insert(database, "workflow_chainlink", position=1, event_uid=uids[0], hash="ab" * 32, sealed_at=AT)
        database.commit()
    migrate(tmp_path)
    with closing(sqlite3.connect(tmp_path / "old.sqlite3")) as database:
        [(position, head, older)] = database.execute("SELECT position, hash, older FROM workflow_loghead").fetchall()
        assert (position, head) == (1, "ab" * 32)
        assert older == 3  # both, and the one in which the upgrade says what they lack
        [(data,)] = database.execute("SELECT data FROM workflow_event WHERE name = 'roles_held'").fetchall()
        assert '"assignment": 5' in data
        assert '"7": "' in data
        assert "md5$a$b" not in data
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            database.execute("UPDATE workflow_loghead SET older = 0")

"""A consistent copy of the database while it is in use, and back: one class for SQLite, one for PostgreSQL.

Both say of their copy how many rows each table has and which files its rows name, as of the moment of the copy.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from django.apps import apps
from django.db import connection, models, transaction

from luojiang_ce.disk import flush

# Who is signed in belongs to no copy: with it somebody's open session would come back.
WITHOUT_ROWS = "django_session"
TLS = ("sslmode", "sslrootcert", "sslcert", "sslkey")  # what DATABASE_URL may say of the way to the server
Ask = Callable[[str], list[tuple[Any, ...]]]


class CannotCopy(Exception):
    """A copy cannot be made or taken in; the message says why and what to do."""


@dataclass(frozen=True)
class Contents:
    """What a copy holds: rows by table, and the names (under MEDIA_ROOT) of the files that they speak of."""

    counts: dict[str, int]
    files: frozenset[str]


class Database(Protocol):
    """What a copy asks of the database that is in use."""

    suffix: str

    def dump(self, path: Path) -> Contents:
        """Write the copy; raises CannotCopy."""

    def load(self, path: Path) -> None:
        """Fill the empty database from a copy; raises CannotCopy."""


def database() -> Database:
    """The one in use."""
    return Postgres() if connection.vendor == "postgresql" else Sqlite()


def is_empty() -> bool:
    """Has nothing been put into this database yet, not even its tables?"""
    return not connection.introspection.table_names()


def counted() -> dict[str, int]:
    """Rows by table of the database as it stands."""
    return _contents(_ask_here, connection.introspection.table_names()).counts


def _contents(ask: Ask, tables: list[str]) -> Contents:
    counts = {table: ask(f'SELECT count(*) FROM "{table}"')[0][0] for table in sorted(tables) if table != WITHOUT_ROWS}  # noqa: S608
    files = {name for table, column in _file_columns() if table in counts for name in _names(ask, table, column)}
    return Contents(counts, frozenset(files))


def _names(ask: Ask, table: str, column: str) -> Iterator[str]:
    return (name for (name,) in ask(f'SELECT "{column}" FROM "{table}" WHERE "{column}" <> \'\''))  # noqa: S608  our own names


def _file_columns() -> Iterator[tuple[str, str]]:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.FileField):
                yield model._meta.db_table, str(field.column)


def _ask_here(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


class Sqlite:
    """VACUUM INTO reads as of one moment and stops nobody from writing."""

    suffix = ".sqlite3"

    def dump(self, path: Path) -> Contents:
        """See Database."""
        with closing(self._open(Path(connection.settings_dict["NAME"]))) as source:
            source.execute("VACUUM INTO ?", [str(path)])
        with closing(self._open(path)) as copy:
            copy.execute(f"DELETE FROM {WITHOUT_ROWS}")  # noqa: S608
            copy.commit()
            self._check(copy)
            ask: Ask = lambda sql: copy.execute(sql).fetchall()  # noqa: E731  one line, used twice
            tables = ask("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            return _contents(ask, [name for (name,) in tables])

    def load(self, path: Path) -> None:
        """See Database. The copy is put in its place whole, so that a power cut leaves nothing or all."""
        target = Path(connection.settings_dict["NAME"])
        connection.close()
        draft = target.with_suffix(".restoring")
        shutil.copyfile(path, draft)
        with closing(self._open(draft)) as copy:
            self._check(copy)
        flush(draft)
        for leftover in (f"{target}-wal", f"{target}-shm"):
            Path(leftover).unlink(missing_ok=True)
        draft.replace(target)
        flush(target.parent)

    def _open(self, path: Path) -> sqlite3.Connection:
        return sqlite3.connect(path, timeout=60)

    def _check(self, copy: sqlite3.Connection) -> None:
        (said,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
        if said != "ok":
            raise CannotCopy(f"数据库文件已损坏（{said}），请改用前一份备份，并检查磁盘")


class Postgres:
    """pg_dump in the snapshot in which the rows are counted."""

    suffix = ".dump"

    def dump(self, path: Path) -> Contents:
        """See Database."""
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                cursor.execute("SELECT pg_export_snapshot()")
                (snapshot,) = cursor.fetchone()
            self._run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}",
                      f"--exclude-table-data={WITHOUT_ROWS}", f"--file={path}")  # fmt: skip
            return _contents(_ask_here, connection.introspection.table_names())

    def load(self, path: Path) -> None:
        """See Database. In one transaction: all or nothing."""
        self._run("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", str(path))

    def _run(self, program: str, *options: str) -> None:
        known = connection.settings_dict
        named = {f"PG{part}": str(known[part]) for part in ("HOST", "PORT", "USER", "PASSWORD") if known[part]}
        named |= {f"PG{name.upper()}": value for name, value in known["OPTIONS"].items() if name in TLS}
        env = {**os.environ, **named}
        command = [_program(program), f"--dbname={known['NAME']}", *options]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)  # noqa: S603  our own
        if done.returncode:
            raise CannotCopy(f"{program} 没有完成：{done.stderr.strip()[-500:]}")


def _program(name: str) -> str:
    """Where PostgreSQL's program lies: on the path, or where Debian puts the newest one."""
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    found = shutil.which(name) or (str(installed[-1]) if installed else None)
    if not found:
        raise CannotCopy(f"没有找到 {name}，请安装 postgresql-client，版本不低于数据库服务器")
    return found

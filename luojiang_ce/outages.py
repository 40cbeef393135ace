"""What the machine lacks at the moment, told from what the program does wrong: a database that is away, a full disk."""

from __future__ import annotations

import errno
import sqlite3
from typing import Any

from django.db import InterfaceError, OperationalError

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG})
# By what PostgreSQL says of itself (SQLSTATE): connection, out of resources, shut down or starting, its own disk.
POSTGRES_AWAY = ("08", "53", "57", "58")
SQLITE_AWAY = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
    }
)


def is_away(fault: BaseException) -> bool:
    """Is it what the machine lacks at the moment, and nothing that the program does wrong?"""
    if isinstance(fault, OSError):
        return fault.errno in FULL
    if isinstance(fault, InterfaceError):
        return True  # the connection is gone
    return isinstance(fault, OperationalError) and _cannot_now(fault.__cause__)


def _cannot_now(cause: Any) -> bool:
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in SQLITE_AWAY
    state = getattr(cause, "sqlstate", None)
    return state is None or state.startswith(POSTGRES_AWAY)

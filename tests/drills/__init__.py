"""Drills: real processes, attacked, stopped and killed, and what must stand afterwards.

Each has a short form, which runs in `make test`, marked `real_services` on PostgreSQL and Redis too, and a long one:
`make drills` sets DRILLS=1 and runs this whole folder with what it prints, on SQLite and then on PostgreSQL and Redis.
"""

from __future__ import annotations

import os
import sys

import pytest

pytest.register_assert_rewrite("tests.drills.ends")  # what it asserts says what it found
LONG = bool(os.environ.get("DRILLS"))


def times(short: int, long: int) -> int:
    """How often, how many, how long: in the short form, in the long one."""
    return long if LONG else short


def measured(line: str) -> None:
    """Say what was measured: `make drills` shows it."""
    sys.stdout.write(f"\n{line}\n")

"""Who writes events: one of a few lanes, each of which counts its own.

A count shows a missing event before it is sealed, but a single count would make every transaction wait for every other.
So a transaction takes a lane that no other has at this moment, and never waits for one. The count is a row that is
written in the same transaction: what is rolled back leaves no gap, however commits follow each other. A lane outlives
processes, so that none can be made away with whole.
"""

from __future__ import annotations

from django.db import connection

from luojiang_ce.locks import Lock

LANES = 256  # far more than transactions at a time


def free_lane() -> int:
    """A lane that is this transaction's until it ends. On SQLite there is one writing transaction at a time."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        # A session begins at a lane of its own and gets that whenever it is free, or its own already.
        cursor.execute(
            "SELECT lane FROM (SELECT (pg_backend_pid() + step) %% %s AS lane FROM generate_series(0, %s) step) lanes"
            " WHERE pg_try_advisory_xact_lock(%s, lane) LIMIT 1",
            [LANES, LANES - 1, Lock.LANES.value],
        )
        (lane,) = cursor.fetchone()
    return int(lane)

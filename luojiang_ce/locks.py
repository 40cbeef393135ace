"""What only one process of all may do at a time and no row stands for: until the transaction ends, or a block does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

from django.db import connection


class Lock(IntEnum):
    """Any fixed numbers: the keys of PostgreSQL's advisory locks."""

    SEALER = 27_2017
    CONVERSIONS = 27_2020
    FINGERPRINTS = 27_2018
    SLOTS = 27_2019
    KEYS = 27_2021
    TREE = 27_2022
    ARCHIVE = 27_2023
    LANES = 27_2024  # with the number of a lane (workflow/writers.py)
    ROLES = 27_2031


def hold(lock: Lock) -> None:
    """Wait for it, inside a transaction. On SQLite the transaction, which begins as a writing one, is the lock."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock.value])


@contextmanager
def alone(path: Path) -> Iterator[bool]:
    """Whether nobody else is in here by this file, in any process of the machine; nobody waits for their turn."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True

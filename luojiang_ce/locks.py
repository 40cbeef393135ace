"""What only one process of all may do at a time and no row stands for: held until the transaction ends."""

from __future__ import annotations

from enum import IntEnum

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

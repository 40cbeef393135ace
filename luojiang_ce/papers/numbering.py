"""Numbers without gaps or doubles: given under the lock of one row, inside the caller's transaction."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import F

from .models import NumberFormat, NumberSeries

REGISTER = "seal_use"  # the series of the register's lines


def allocate(series: str, year: int, count: int = 1) -> range:
    """The next `count` numbers of a series and year.

    Must run inside a transaction: if that is rolled back the numbers were never given. On PostgreSQL the update
    locks the row until commit; on SQLite the immediate transaction is the lock.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("numbers are given inside the transaction that uses them")
    NumberSeries.objects.get_or_create(series=series, year=year)
    row = NumberSeries.objects.filter(series=series, year=year)
    row.update(last=F("last") + count)
    last = row.values_list("last", flat=True).get()
    return range(last - count + 1, last + 1)


def pattern_of(series: str, *, seed: str, title: str) -> str:
    """The pattern of a series as the bureau has it now; its first use seeds the row."""
    row, _ = NumberFormat.objects.get_or_create(series=series, defaults={"pattern": seed, "title": title})
    return row.pattern


def next_number(series: str, year: int, *, seed: str, title: str) -> str:
    """The next number of a series as text; `seed` and `title` make its format row on first use (see `allocate`)."""
    return next_numbers(series, year, 1, seed=seed, title=title)[0]


def next_numbers(series: str, year: int, count: int, *, seed: str, title: str) -> list[str]:
    """The next `count` numbers, as `next_number` gives one; as many queries for many as for one."""
    pattern = pattern_of(series, seed=seed, title=title)
    return [pattern.format(year=year, seq=seq) for seq in allocate(series, year, count)]

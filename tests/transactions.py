"""Transactions of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def of_the_test() -> Iterator[None]:
    """One within which the product may begin what is to be the outermost (`atomic(durable=True)`), as in pytest's."""
    with transaction.atomic():
        connection.atomic_blocks[-1]._from_testcase = True
        yield

"""Rows by the block: neither a query with more parameters than a database takes, nor more rows than fit into memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

BLOCK = 500
T = TypeVar("T")


def in_blocks(rows: Iterable[T], size: int = BLOCK) -> Iterator[list[T]]:
    """As many at a time as one query asks for, or are at hand at once."""
    waiting = iter(rows)
    while some := list(islice(waiting, size)):
        yield some

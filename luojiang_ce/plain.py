"""From the rows of the database to the plain values that pure modules take."""

from __future__ import annotations

from dataclasses import fields
from typing import TypeVar

T = TypeVar("T")


def value_of(kind: type[T], row: object, **given: object) -> T:
    """The value whose fields are the row's of the same names, but for those that are given."""
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]  # a dataclass
    return kind(**{name: getattr(row, name) for name in names - given.keys()}, **given)

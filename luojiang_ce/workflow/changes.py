"""What an event changed, in words (for the history of a case and the audit officer's log)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models

from luojiang_ce.access import case_models

from .models import Event

_UNSAID = {"version", "edited_at", "edited_by", "updated_at"}
# What the numbers in an event count, by their key; lists of ids are counted too.
_COUNTED = {
    "records": "人",
    "rows": "行",
    "count": "人",
    "gathered": "个项目",
    "changed": "人",
    "moved": "项",
    "people": "人",
}


def changed_fields(before: Mapping[str, Any], row: models.Model) -> list[str]:
    """The names of the columns in which a row differs from what it was (`values_of`)."""
    return [name for name, value in values_of(row).items() if value != before.get(name)]


def values_of(row: models.Model) -> dict[str, Any]:
    """The columns of a row by the names of its fields, without those that every save changes."""
    fields = (field for field in row._meta.concrete_fields if field.name not in _UNSAID)
    return {field.name: getattr(row, field.attname) for field in fields}


def what_changed(event: Event) -> str:
    """What an event changed: the fields by their names, and how many of what; empty where it says nothing of it."""
    return "，".join(_parts(event.case_type, event.data))


def _parts(case_type: str, data: Mapping[str, Any]) -> Iterator[str]:
    model = case_models().get(case_type)
    if model and (names := [_named(model, name) for name in data.get("fields", ())]):
        yield "、".join(dict.fromkeys(names))
    for key, unit in _COUNTED.items():
        number = len(data[key]) if isinstance(data.get(key), list) else data.get(key)
        if isinstance(number, int) and number:
            yield f"{number} {unit}"


def _named(model: type[models.Model], name: str) -> str:
    """A field in the words of its page; 其他项 where the model no longer has it."""
    try:
        return str(model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    except (FieldDoesNotExist, AttributeError):
        return "其他项"

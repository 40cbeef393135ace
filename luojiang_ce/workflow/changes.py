"""What an edit changed, in words: the labels of its fields, each with the former and the new value as people read them.

The words are the note of the event: they lie beside the log, which holds ids alone, and are sealed into it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db import models

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.workdays.text import full

from .events import record
from .models import Event

EMPTY = "空"
LONGEST = 60  # of a value; what is longer is told by its beginning
MOST_LINES = 10
EDITED = "edited"

Values = Mapping[str, Any]


def values_of(row: models.Model) -> Values:
    """What may be edited of a row, as it stands: to be asked for before it is changed."""
    return {field.attname: getattr(row, field.attname) for field in _editable(row)}


def stored_values(row: models.Model) -> Values:
    """The same of a row that is changed already and not saved yet: as the database has it; nothing of a new one."""
    stored = type(row)._base_manager.filter(pk=row.pk).first() if row.pk else None
    return values_of(stored) if stored else {}


def in_words(row: models.Model, before: Values) -> str:
    """人员类别：一般 → 卫生；部门：空 → 水文股. Of a new row 人员类别：卫生; empty where nothing changed."""
    return "；".join(
        f"{field.verbose_name}：{f'{_read(field, before.get(field.attname))} → ' if before else ''}"
        f"{_read(field, getattr(row, field.attname))}"
        for field in _editable(row)
        if _differs(row, field, before) and _has_name(field)
    )


def lines_in_words(label: str, before: Sequence[str], after: Sequence[str]) -> str:
    """课程表：增加 …；去掉 …: of a list that is saved as a whole. Empty where its lines are the same."""
    parts = [
        f"{said} {'、'.join(map(_cut, lines[:MOST_LINES]))}{f' 等 {len(lines)} 行' if len(lines) > MOST_LINES else ''}"
        for said, lines in (("增加", _without(after, before)), ("去掉", _without(before, after)))
        if lines
    ]
    return f"{label}：{'；'.join(parts)}" if parts else ""


def record_edit(
    case: Any,
    *edited: tuple[models.Model, Values],
    actor: Actor,
    about: str = "",
    more: Iterable[str] = (),
    data: Mapping[str, Any] | None = None,
) -> Event:
    """Write on the case, in the caller's transaction, that rows (the case itself, or parts of it) were edited, each
    with its values before; `about` names the part, `more` are changes that are in words already."""
    told = [*(in_words(row, before) for row, before in edited), *more]
    words = "；".join(filter(None, told))
    changed = [name for row, before in edited for name in _changed(row, before)]
    note = "　".join(filter(None, (about, words)))
    return record(case, EDITED, actor=actor, note=note, data={"fields": changed, **(data or {})})


def _without(lines: Sequence[str], others: Sequence[str]) -> list[str]:
    known = set(others)
    return [line for line in lines if line not in known]


def _changed(row: models.Model, before: Values) -> list[str]:
    return sorted(field.name for field in _editable(row) if _differs(row, field, before))


def _differs(row: models.Model, field: Any, before: Values) -> bool:
    return bool(_tidy(before.get(field.attname)) != _tidy(getattr(row, field.attname)))


def _editable(row: models.Model) -> list[Any]:
    return [field for field in row._meta.concrete_fields if field.editable and not field.primary_key]


def _has_name(field: Any) -> bool:
    """Is it called something by people? What a row belongs to (the plan of a row) has only the name that code uses."""
    return not str(field.verbose_name).isascii()


def _tidy(value: Any) -> Any:
    """Nothing is nothing, be it None or an empty text."""
    return None if value in ("", [], {}) else value


def _read(field: Any, value: Any) -> str:
    if _tidy(value) is None:
        return EMPTY
    if field.name in MASKED:
        return MASKED[field.name](value)
    if field.is_relation:
        found = field.related_model._base_manager.filter(pk=value).first()
        return _cut(str(found)) if found else EMPTY
    choices = dict(field.flatchoices)
    return _cut(str(choices.get(value, value))) if choices else _cut(_plain(value))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return f"{full(clock.local(value))} {clock.local(value):%H:%M}"
    if isinstance(value, date):
        return full(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, dict):  # what was typed, by keys that are for the program
        return _plain(list(value.values()))
    if isinstance(value, list):
        return "、".join(map(_plain, value))
    return str(value)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _tail(value: Any) -> str:
    return f"****{str(value)[-4:]}"


# What an auditor need not read to know that it was changed (domain.md §6: as little as serves).
MASKED: Mapping[str, Callable[[Any], str]] = {
    "phone": _tail,
    "email": lambda value: f"{str(value)[:1]}***@{str(value).partition('@')[2]}",
    "birth": lambda value: f"{value:%Y}年",
}

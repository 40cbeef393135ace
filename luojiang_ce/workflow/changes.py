"""What an edit changed, in words: the labels of its fields, each with the former and the new value as people read them.

The words are the note of the event: they lie beside the log, which holds ids alone, and are sealed into it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db import models

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.words import first_of
from luojiang_ce.workdays.text import full

from .events import record, was_moved
from .models import Event

EMPTY = "空"
LONGEST = 60  # of a value; what is longer is told by its beginning, or from where it differs
LEAD = 10  # what is still shown of what two long values have in common
MOST_LINES, LONGEST_LINE = 10, 160  # of a list that is saved as a whole
EDITED = "edited"
AUTOSAVED = "autosaved"  # in the event of an edit that a form saved while it was typed
ARROW, CAME, WENT = " → ", "增加 ", "去掉 "

Values = Mapping[str, Any]
Change = tuple[str, str, str]  # the label of what was changed, its former and its new value, each on one line
Lists = Mapping[str, tuple[Sequence[str], Sequence[str]]]  # by label: the lines of a list before and after


def values_of(row: models.Model) -> Values:
    """What may be edited of a row, as it stands: to be asked for before it is changed."""
    return {field.attname: getattr(row, field.attname) for field in _editable(row)}


def stored_values(row: models.Model) -> Values:
    """The same of a row that is changed already and not saved yet: as the database has it; nothing of a new one."""
    stored = type(row)._base_manager.filter(pk=row.pk).first() if row.pk else None
    return values_of(stored) if stored else {}


def changes_of(row: models.Model, before: Values) -> list[Change]:
    """What was changed of a row; of a new row all that it says, without a former value."""
    return [
        (
            str(field.verbose_name),
            _read(field, before.get(field.attname)) if before else "",
            _read(field, getattr(row, field.attname)),
        )
        for field in _editable(row)
        if _differs(row, field, before) and _has_name(field)
    ]


def in_words(row: models.Model, before: Values) -> str:
    """人员类别：一般 → 卫生；部门：空 → 水文股. Of a new row what it says (人员类别：卫生).

    Empty where nothing changed.
    """
    return "；".join(map(_said, changes_of(row, before)))


def lines_in_words(label: str, before: Sequence[str], after: Sequence[str]) -> str:
    """课程表：增加 …；去掉 …: of a list that is saved as a whole. Empty where its lines are the same."""
    parts = [
        said + first_of([_cut(line, longest=LONGEST_LINE) for line in told], MOST_LINES, "行")
        for said, told in ((CAME, _without(after, before)), (WENT, _without(before, after)))
        if told
    ]
    return f"{label}：{'；'.join(parts)}" if parts else ""


def record_edit(
    case: Any,
    *edited: tuple[models.Model, Values],
    actor: Actor,
    about: str = "",
    more: Iterable[Change] = (),
    lists: Lists | None = None,
    data: Mapping[str, Any] | None = None,
    quiet: bool = False,
) -> Event | None:
    """Write on the case, in the caller's transaction, that rows (the case itself, or parts of it) were edited, each
    with its values before; `about` names the part, `more` and `lists` are what else was changed. Nothing is written
    where nothing changed.

    `quiet`: a form saved itself while it was typed. Before a case is handed over for the first time that is its
    filer's own business and leaves no event. Afterwards somebody has read what is changed here, so each such save
    leaves one: the log is never rewritten, and whoever closes the browser has changed the case all the same. The
    history adds a run of them up (`summed_up`).
    """
    lists = lists or {}
    changes = [*(each for row, before in edited for each in changes_of(row, before)), *more, *_moved(lists)]
    words = [*map(_said, changes), *filter(None, (lines_in_words(label, *lines) for label, lines in lists.items()))]
    if not words or (quiet and not was_moved(case)):
        return None
    note = "　".join(filter(None, (about, "；".join(words))))
    told = {"fields": [name for row, before in edited for name in _changed(row, before)], **(data or {})}
    if quiet:
        note, told = _line_by_line(about, changes, lists), told | {AUTOSAVED: True}
    return record(case, EDITED, actor=actor, note=note, data=told)


def _moved(lists: Lists) -> Iterator[Change]:
    """Lists of which the order alone was changed."""
    for label, (before, after) in lists.items():
        if list(before) != list(after) and Counter(before) == Counter(after):
            yield f"{label}次序", _one_line("、".join(before)), _one_line("、".join(after))


def _line_by_line(about: str, changes: Iterable[Change], lists: Lists) -> str:
    """The note of an autosave: a line for each change, whole, so that those of a run can be added up."""
    start = f"{about} " if about else ""
    told = [f"{start}{label}：{before}{ARROW}{after}" for label, before, after in changes]
    for label, (before, after) in lists.items():
        told += [f"{label}：{CAME}{_one_line(line)}" for line in _without(after, before)]
        told += [f"{label}：{WENT}{_one_line(line)}" for line in _without(before, after)]
    return "\n".join(told)


def summed_up(notes: Iterable[str]) -> str:
    """What a run of autosaves changed from before the first to after the last, in words; `notes` are theirs, the
    oldest first."""
    values: dict[str, tuple[str, str]] = {}
    lists: dict[str, Counter[str]] = {}
    for line in "\n".join(notes).splitlines():
        label, _, said = line.partition("：")
        before, arrow, after = said.partition(ARROW)
        if arrow:
            values[label] = (values.get(label, (before,))[0], after)
        else:
            lists.setdefault(label, Counter())[said[len(CAME) :]] += 1 if said.startswith(CAME) else -1
    told = {label: _said((label, *both)) for label, both in values.items() if both[0] != both[1]}
    for label, lines in lists.items():
        told[label] = lines_in_words(label, [*(-lines).elements()], [*(+lines).elements()])
    same = [label for label in (*values, *lists) if not told.get(label)]  # changed back, or in what is masked
    return "；".join([*filter(None, told.values()), *([f"改过，前后显示相同：{'、'.join(same)}"] if same else [])])


def _said(change: Change) -> str:
    """Label, former and new value; of long values that begin alike what comes shortly before they part, and on."""
    label, before, after = change
    shorter = min(len(before), len(after))
    alike = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    start = alike - LEAD if alike > LONGEST - LEAD else 0
    return f"{label}：{_cut(before, start) + ARROW if before else ''}{_cut(after, start)}"


def _without(lines: Sequence[str], others: Sequence[str]) -> list[str]:
    """Lines that the others do not have, or not as often."""
    return list((Counter(lines) - Counter(others)).elements())


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
        return _one_line(str(found)) if found else EMPTY
    if words := getattr(field.model, "WORDS", {}).get(field.name):  # a list of codes: how each is called
        return _plain([words.get(each, each) for each in value])
    choices = dict(field.flatchoices)
    return _one_line(str(choices.get(value, value)) if choices else _plain(value))


def _one_line(text: str) -> str:
    """Without what parts the changes of a note, and a change's two values."""
    return " ".join(text.split()).replace(ARROW, ARROW.strip())


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


def _cut(text: str, start: int = 0, longest: int = LONGEST) -> str:
    shown = text[start : start + longest]
    return f"{'…' if start else ''}{shown}{'…' if len(text) > start + longest else ''}"


def _tail(value: Any) -> str:
    return f"****{str(value)[-4:]}"


# What an auditor need not read to know that it was changed (domain.md §6: as little as serves).
MASKED: Mapping[str, Callable[[Any], str]] = {
    "phone": _tail,
    "email": lambda value: f"{str(value)[:1]}***@{str(value).partition('@')[2]}",
    "birth": lambda value: f"{value:%Y}年",
}

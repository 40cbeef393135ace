"""The board: every clock that is running, overdue on top, by kind and unit; on screen and as a workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django import forms

from luojiang_ce.access import READ_DISTRICT, Actor, Role
from luojiang_ce.sheets.definitions import Column, SheetForm
from luojiang_ce.sheets.writing import Plain
from luojiang_ce.workdays.badges import Badge
from luojiang_ce.workdays.calendar import Calendar
from luojiang_ce.workdays.deadlines import deadline_kinds
from luojiang_ce.workdays.text import full_with_weekday
from luojiang_ce.workflow.badges import running_badge

from .owed import Owed

NO_HANDLER = "none"  # the filter's word for cases that were given to nobody

SHEET = SheetForm(
    "deadlines",
    "期限总表",
    (
        Column("title", "事项", width=44),
        Column("kind", "期限", width=16),
        Column("unit", "单位", width=30),
        Column("who", "谁办", width=14),
        Column("due", "最后一日", width=20),
        Column("left", "还剩", width=18),
        Column("provisional", "暂定", width=8),
        Column("explanation", "怎么数的", width=80),
        Column("handler", "经办人", width=10),
    ),
)


@dataclass(frozen=True)
class BoardRow:
    """A running deadline as the board shows it."""

    owed: Owed
    badge: Badge
    url: str


class BoardFilter(forms.Form):
    """By kind, by handler for who may be one of them or gives them cases, and by words in title or unit.

    What is no choice is no filter.
    """

    q = forms.CharField(
        label="事项、单位", required=False, max_length=100, widget=forms.TextInput(attrs={"placeholder": "事项、单位"})
    )
    kind = forms.ChoiceField(label="期限", required=False)
    late = forms.ChoiceField(label="是否逾期", required=False, choices=[("", "逾期与否：全部"), ("1", "只看逾期")])
    handler = forms.ChoiceField(label="经办人", required=False)

    def __init__(self, *args: object, found: Sequence[Owed], account: Actor, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        present = {owed.clock.kind.code for owed in found}
        kind: forms.ChoiceField = self.fields["kind"]  # type: ignore[assignment]
        kind.choices = [("", "期限：全部"), *((k.code, k.label) for k in deadline_kinds() if k.code in present)]
        if account.holds(*READ_DISTRICT.roles):
            handler: forms.ChoiceField = self.fields["handler"]  # type: ignore[assignment]
            handler.choices = _handler_choices(found, account)
        else:
            del self.fields["handler"]

    def kept(self, found: list[Owed], moment: datetime) -> list[Owed]:
        """Those that pass the filter at this moment."""
        self.is_valid()
        words, kind, late, handler = (self.cleaned_data.get(name) for name in ("q", "kind", "late", "handler"))
        if kind:
            found = [owed for owed in found if owed.clock.kind.code == kind]
        if handler:
            wanted = None if handler == NO_HANDLER else int(handler)
            found = [owed for owed in found if owed.turn.of_handler and owed.handler_id == wanted]
        if late:
            found = [owed for owed in found if owed.is_late(moment)]
        return _called(found, words) if words else found


def _called(found: list[Owed], words: str) -> list[Owed]:
    """Those in whose title or unit the words stand, and those of units that the words name otherwise."""
    units = _units_called(words)
    return [owed for owed in found if owed.unit_id in units or words in f"{owed.title} {owed.unit}"]


_units_called: Callable[[str], frozenset[int]] = lambda words: frozenset()  # noqa: E731


def register_names(units_called: Callable[[str], frozenset[int]]) -> None:
    """Say which units are meant by some words; called in `ready()`."""
    global _units_called
    _units_called = units_called


def _handler_choices(found: Sequence[Owed], account: Actor) -> list[tuple[str, str]]:
    """What was given to nobody, then the reader, then everybody who was given something, by name."""
    named = {str(owed.handler_id): owed.handler for owed in found if owed.handler_id}
    if account.holds(Role.BUREAU_HANDLER):
        named[str(account.pk)] = "我"
    by_name = sorted(named.items(), key=lambda each: (each[1] != "我", each[1]))
    return [("", "经办人：全部"), (NO_HANDLER, "未指定"), *by_name]


def board_row(owed: Owed, account: Actor, calendar: Calendar, moment: datetime) -> BoardRow:
    """A line; it leads to where the reader can act, or to the case."""
    badge = running_badge(owed.turn, owed.clock, calendar, moment, mending=owed.mends)
    return BoardRow(owed, badge, owed.url_for(account))


def sheet_rows(rows: Sequence[BoardRow]) -> Iterator[dict[str, Plain]]:
    """The rows in words, for the workbook."""
    for row in rows:
        deadline = row.owed.clock
        yield {
            "title": row.owed.title,
            "kind": deadline.kind.label,
            "unit": row.owed.unit,
            "who": row.owed.turn.who.label,
            "handler": row.owed.handler,
            "due": full_with_weekday(deadline.due),
            "left": row.badge.label,
            "provisional": "暂定" if deadline.provisional else "",
            "explanation": deadline.explanation,
        }

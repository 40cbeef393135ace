"""The start page's lists: what is mine and what is awaited, with the working days that are left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.deadlines.owed import Owed
from luojiang_ce.home.ribbon import Mark
from luojiang_ce.workdays.badges import BUREAU_SOON, UNIT_SOON
from luojiang_ce.workdays.calendar import Calendar
from luojiang_ce.workdays.deadlines import working_days_left

SHOWN = 50  # more than anybody does in a day; the rest is counted


@dataclass(frozen=True)
class Todo:
    """One thing on the start page.

    `mine`: the reader acts, otherwise `waiting_for` names whoever is awaited; where `shared`, the reader could act in
    the place of a colleague to whom it was given by name. `due` is the last day in time, after which it is `late`, or
    the time to mend what was filed in time `over`; it turns amber with `soon_within` working days left. `now`: it is on
    at this hour.
    """

    title: str
    url: str
    note: str = ""
    due: date | None = None
    provisional: bool = False
    late: bool = False
    over: bool = False
    waiting_for: str = ""
    mine: bool = True
    action_label: str = "办理"
    soon_within: int = UNIT_SOON
    now: bool = False
    matter: str = ""  # the title without what the button says
    shared: bool = False


def todo_of(owed: Owed, account: Actor) -> Todo:
    """What is owed as the account's start page says it."""
    mine, deadline = owed.is_for(account), owed.deadline
    explained = deadline.explanation if deadline else ""
    return Todo(
        owed.title,
        owed.url_for(account) or owed.url,
        "；".join(filter(None, (owed.note, explained))),
        deadline.due if deadline else None,
        bool(deadline and deadline.provisional),
        owed.is_late(clock.now()),
        owed.is_over(clock.now()),
        "" if mine else owed.whose,
        mine,
        owed.turn.act,
        UNIT_SOON if owed.of_unit else BUREAU_SOON,
        owed.now,
        owed.matter,
        not mine and owed.is_owed_by(account),
    )


@dataclass(frozen=True)
class Row:
    """A thing to do as the start page shows it: `days` working days left (or overdue), None without a deadline."""

    todo: Todo
    days: int | None
    unit: str
    meaning: str


@dataclass(frozen=True)
class StartLists:
    """Mine, what colleagues were given by name, and others', each cut to SHOWN, with the full numbers."""

    mine: list[Row]
    others: list[Row]
    mine_total: int
    others_total: int
    colleagues: list[Row] = field(default_factory=list)
    colleagues_total: int = 0

    @property
    def marks(self) -> list[Mark]:
        """My deadlines as the year ribbon shows them, by title up to the colon; the same thing on the same day once."""
        marks = (
            Mark(row.todo.due, row.todo.title.partition("：")[0], row.meaning, row.todo.provisional)
            for row in self.mine
            if row.todo.due
        )
        return list(dict.fromkeys(marks))

    @property
    def headline(self) -> str:
        """What the page's title says."""
        if not self.mine_total:
            return "今日没有要办的事" if not self.others_total else f"今日没有要办的事，{self.others_total} 件等别人办"
        first = next((row for row in self.mine if not row.todo.now), self.mine[0])
        urgency = f"，最早的还有 {first.days} 个工作日" if first.days else ""
        if first.todo.late or first.todo.over:
            urgency = "，最早的已逾期" if first.todo.late else "，最早的补正期已过"
        elif first.days == 0:
            urgency = "，最早的今天截止"
        return f"今日要办 {self.mine_total} 件{urgency}"


def start_lists(todos: Sequence[Todo], today: date, calendar: Calendar) -> StartLists:
    """The three lists."""
    mine = [todo for todo in todos if todo.mine]
    colleagues = [todo for todo in todos if todo.shared]
    others = [todo for todo in todos if not todo.mine and not todo.shared]

    def rows(some: list[Todo]) -> list[Row]:
        return [row_of(todo, today, calendar) for todo in some[:SHOWN]]

    return StartLists(rows(mine), rows(others), len(mine), len(others), rows(colleagues), len(colleagues))


def lists_for(found: Sequence[Owed], account: Actor, today: date, calendar: Calendar) -> StartLists:
    """The lists of all that an account has to do or waits for; only what is shown is put into words."""
    mine: list[Owed] = []
    colleagues: list[Owed] = []
    others: list[Owed] = []
    for owed in found:
        mine_or_theirs = colleagues if owed.is_with_colleague(account) else mine
        (mine_or_theirs if owed.is_owed_by(account) else others).append(owed)
    shown = [todo_of(owed, account) for some in (mine, colleagues, others) for owed in some[:SHOWN]]
    lists = start_lists(shown, today, calendar)
    return replace(lists, mine_total=len(mine), others_total=len(others), colleagues_total=len(colleagues))


def row_of(todo: Todo, today: date, calendar: Calendar) -> Row:
    """One row; vermilion starts when it is too late: the day after, or where the bureau set an hour, after it."""
    if todo.due is None:
        return Row(todo, None, "", "idle")
    if todo.late or todo.over:
        unit, meaning = ("逾期工作日", "late") if todo.late else ("个工作日前补正期满", "soon")
        return Row(todo, -working_days_left(calendar, today, todo.due), unit, meaning)
    days = working_days_left(calendar, today, todo.due)
    meaning = "prov" if todo.provisional else "soon" if days <= todo.soon_within else "wait"
    return Row(todo, days, "今天截止" if todo.due == today else "个工作日", meaning)

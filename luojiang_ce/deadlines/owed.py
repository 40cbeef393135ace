"""What is owed now: every open case whose turn it is somebody's, and every duty that is no case yet.

Start page, board, reminders, calendar feed, the record of lapses, the bureau's reply clock and the preview of a changed
calendar all read here, and only here; it reads the case kinds (luojiang_ce.workflow.case_kind).
"""

# mypy: disable-error-code="override"
# A duty brings its words as attributes, a case makes them as properties.
from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, Q
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_DISTRICT, Actor, Role, case_key
from luojiang_ce.once import keeping
from luojiang_ce.workdays.deadlines import Deadline, Rules, is_in_time
from luojiang_ce.workdays.services import current_rules, terms_in_force, terms_under
from luojiang_ce.workflow.badges import mends
from luojiang_ce.workflow.case_kind import CaseKind, Turn, Workflow, case_kinds, kinds_with_a_table
from luojiang_ce.workflow.events import with_returns
from luojiang_ce.workflow.handlers import name_handlers, with_handlers


class Owed:
    """One thing that is owed, be its last day ahead or over: a case that somebody has in hand, or a duty.

    `turn`: whose it is, and what they do. `about`: the case, or what stands for one that is not begun (an object with
    a `unit_id`). `unit`: the unit's short name, empty where it is no unit's. `subject` names it among those of its kind
    and unit: a year, or the id of a class. `case`: generic key of the case, where there is one already.
    `address`: where it is done, where the turn or the case do not say so. `missable`: does it go on record when nobody
    meets it? `names`: whom a duty for many people is about; the text of a reminder says them, a title never. `now`: is
    it on at this hour? It stands before every deadline. `handler`: to whom of the bureau's handlers, where the turn is
    theirs, the case was given by name. `mends`: does a unit mend what it had filed and was sent back?
    """

    turn: Turn
    about: Any
    title: str
    address: str
    subject: str
    deadline: Deadline | None
    unit: str
    note: str
    case: tuple[str, int] | None
    missable: bool
    names: tuple[str, ...]
    mends: bool
    now: bool = False
    handler_id: int | None = None
    handler: str = ""

    @property
    def matter(self) -> str:
        """What it is about, without what is done with it: for where that is said beside it."""
        return self.title.removeprefix(f"{self.turn.act}：")

    @property
    def public_title(self) -> str:
        """The title as it may leave the system, in the subject of a mail or a phone's calendar: it names nobody."""
        return f"{self.turn.act}：{self.about.public_title or self.about.called}" if self.case else self.title

    @property
    def url(self) -> str:
        """Where it is done; asked only for what is shown."""
        at = self.turn.at
        return self.address or str(at(self.about) if at else self.about.get_absolute_url())

    def url_for(self, account: Actor) -> str:
        """Where the account does it, or reads what others have in hand: the case; of what is none yet the unit, for who
        sees every unit; empty where there is nothing to read."""
        if self.is_owed_by(account):
            return self.url
        if self.case:
            return str(self.about.get_absolute_url())
        seen = self.unit_id and account.holds(*READ_DISTRICT.roles)
        return reverse("units:unit", args=[self.unit_id]) if seen else ""

    @property
    def clock(self) -> Deadline:
        """The deadline of what has one (`running`)."""
        assert self.deadline is not None
        return self.deadline

    @property
    def unit_id(self) -> int | None:
        return getattr(self.about, "unit_id", None)

    @property
    def key(self) -> str:
        """The same for the same duty, however its day moves, and for the case that it becomes."""
        return f"{self.deadline.kind if self.deadline else ''}-{self.unit_id}-{self.subject}"

    @property
    def identity(self) -> str:
        """Its own, where several cases of a unit and year have the same `key`."""
        return f"{self.deadline.kind}-{self.case[0]}-{self.case[1]}" if self.deadline and self.case else self.key

    @property
    def of_unit(self) -> bool:
        """Is it a unit's clerk who owes it?"""
        return self.turn.of_unit

    def is_over(self, moment: datetime) -> bool:
        """Has its last day gone by?"""
        return self.deadline is not None and not is_in_time(self.deadline, moment)

    def is_late(self, moment: datetime) -> bool:
        """Overdue. The first submission decides (product.md P2): what was filed in time and sent back is not, even when
        its time to mend is over."""
        return self.is_over(moment) and not self.mends

    def is_owed_by(self, account: Actor) -> bool:
        return self.turn.who.test(account, self.about)

    def is_for(self, account: Actor) -> bool:
        """Is it the account's to do now? Who may act finds it among the own, unless it was given to somebody else."""
        return self.is_owed_by(account) and not self.is_with_colleague(account)

    def is_with_colleague(self, account: Actor) -> bool:
        """Was it given to another handler, and has the account no part in it but as one of them?"""
        if self.handler_id in (None, account.pk):
            return False
        return not account.holds(*(role for role in self.turn.who.roles if role != Role.BUREAU_HANDLER))

    @property
    def whose(self) -> str:
        """Who acts next, and by name where the case was given to somebody."""
        return " ".join(filter(None, (self.turn.who.label, self.handler)))


@dataclass(frozen=True)
class OwedDuty(Owed):
    """What is no case yet, in the words of its app."""

    turn: Turn
    about: Any
    title: str
    address: str = ""
    subject: str = ""
    deadline: Deadline | None = None
    unit: str = ""
    note: str = ""
    case: tuple[str, int] | None = None
    missable: bool = True
    names: tuple[str, ...] = ()
    now: bool = False
    mends = False


@dataclass(frozen=True)
class OwedCase(Owed):
    """An open case, in the words of its kind. They are made when asked for: of thousands, a page shows few."""

    kind: CaseKind
    turn: Turn
    about: Any
    deadline: Deadline | None
    address = ""

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(self.turn.names(self.about)) if self.turn.names else ()

    @cached_property
    def title(self) -> str:
        says = self.turn.says
        return says(self.about) if says else f"{self.turn.act}：{self.kind.named(self.about)}"

    @cached_property
    def subject(self) -> str:
        # A clock that many kinds have (the reply, mending) is about this very case.
        shared = self.deadline is not None and self.deadline.kind not in self.kind.deadlines
        return f"{self.about._meta.model_name}-{self.about.pk}" if shared else self.kind.subject(self.about)

    @cached_property
    def unit(self) -> str:
        unit = getattr(self.about, "unit", None)
        return unit.short if unit else ""

    @cached_property
    def note(self) -> str:
        return self.turn.note(self.about) if self.turn.note else ""

    @cached_property
    def case(self) -> tuple[str, int]:
        return case_key(self.about)

    @property
    def handler_id(self) -> int | None:
        return self._given_to.pk if self._given_to else None

    @property
    def handler(self) -> str:
        return self._given_to.name if self._given_to else ""

    @cached_property
    def _given_to(self) -> Any:
        return getattr(self.about, "handler", None) if self.turn.of_handler else None

    @cached_property
    def mends(self) -> bool:
        return mends(self.turn, self.about)

    @cached_property
    def missable(self) -> bool:
        return self.kind.missable(self.about)


@dataclass(frozen=True)
class Asked:
    """What is asked for: under which terms, at which (aware) moment, of which units (None: of all), and by whom: an
    account is told only of what it may see, the worker (None) of everything.

    `own`: only what the account has a part in. `clocked`: only what has a deadline.
    """

    terms: Rules
    now: datetime = field(default_factory=clock.now)
    units: frozenset[int] | None = None
    account: Actor | None = None
    own: bool = False
    clocked: bool = False


def everything_owed(asked: Asked) -> list[Owed]:
    """Open cases and duties: what is on now, then the earliest deadline, of one day unit by unit, what has none last; a
    bounded number of queries."""
    with keeping():  # whose turn it is may rest on what is the same for all cases of a kind
        return _everything_owed(asked)


def _everything_owed(asked: Asked) -> list[Owed]:
    found: list[Owed] = []
    cases = [(kind, case) for kind, rows in _open_cases(asked) for case in rows]
    give_units([case for _, case in cases], asked.account)
    name_handlers(case for _, case in cases)
    for kind, case in cases:
        owed = list(of_case(kind, case, asked.terms))
        # Of the account's own it is when it is the reader's turn, beside or before another's, or its unit waits.
        filed = asked.units is not None and getattr(case, "unit_id", None) in asked.units
        if not asked.own or filed or any(asked.account and each.is_owed_by(asked.account) for each in owed):
            found += owed
    for duty in (duty for kind in case_kinds() for duty in kind.duties):
        # On the start page only the account's own duties are looked for.
        if (duty.clocked or not asked.clocked) and (not asked.own or _holds(asked.account, duty.who.roles)):
            found += duty.find(asked)
    return sorted(found, key=_first_to_close)


def running(asked: Asked) -> list[Owed]:
    """All of it whose clock runs, the earliest deadline first."""
    return [each for each in everything_owed(replace(asked, clocked=True)) if each.deadline]


def of_case(kind: CaseKind, case: Any, terms: Rules) -> Iterator[Owed]:
    """What is owed about a case: by nobody, where it is nobody's turn or the turn is nothing to do by itself."""
    assert kind.table is not None
    for turn in kind.table.states[case.state].turns_of(case):
        if turn.act:
            yield OwedCase(kind, turn, case, turn.by(case, terms) if turn.by else None)


def owed_to(account: Actor) -> list[Owed]:
    """What the account has to do itself, and what others have in hand for it: the start page."""
    units = account.unit_ids(Role.UNIT_CLERK) or None
    return everything_owed(Asked(terms_in_force(), units=units, account=account, own=True))


def running_for(account: Actor) -> list[Owed]:
    """The clocks that an account has to keep or to watch: a clerk's own units'; all of them for bureau and auditor."""
    if account.holds(*READ_DISTRICT.roles):
        return running(Asked(terms_in_force(), account=account))
    own = account.unit_ids(Role.UNIT_CLERK)
    if not own:
        return []
    return [each for each in running(Asked(terms_in_force(), units=own, account=account)) if each.of_unit]


@dataclass(frozen=True)
class Moved:
    """A duty whose last day differs between two sets of rules."""

    before: Owed
    after: Owed

    @property
    def reopens(self) -> bool:
        """Overdue before, in time after."""
        return self.before.is_late(clock.now()) and not self.after.is_late(clock.now())


def moved_by(rules: Rules, current: Rules | None = None) -> list[Moved]:
    """The running deadlines whose last day would move if these rules replaced the current ones."""
    before = running(Asked(terms_under(current or current_rules())))
    after = {each.identity: each for each in running(Asked(terms_under(rules)))}
    return [
        Moved(each, now) for each in before if (now := after.get(each.identity)) and each.clock.due != now.clock.due
    ]


def _first_to_close(owed: Owed) -> tuple[bool, bool, datetime | None, int]:
    return not owed.now, owed.deadline is None, owed.deadline.closes if owed.deadline else None, owed.unit_id or 0


def give_units(cases: list[Any], account: Any) -> None:
    """Thousands of cases are of few units: the reader's own are at hand, the others are read once for all kinds."""
    filed = [case for case in cases if getattr(case, "unit_id", None)]
    units = {held.unit_id: held.unit for held in account.current_assignments} if account else {}
    if missing := {case.unit_id for case in filed} - units.keys():
        units |= filed[0]._meta.get_field("unit").related_model._default_manager.in_bulk(missing)
    for case in filed:
        case._meta.get_field("unit").set_cached_value(case, units[case.unit_id])


def _open_cases(asked: Asked) -> Iterator[tuple[CaseKind, Iterable[Any]]]:
    """The cases that somebody has in hand, kind by kind. One query each at most."""
    open_rows = [
        (kind, table, rows)
        for kind, table in kinds_with_a_table()
        if (rows := _open_rows(kind, table, asked)) is not None
    ]
    if asked.account and open_rows:
        # Of a dozen kinds an account has cases of a few: which, one short query says.
        me = get_user_model()._default_manager.filter(pk=asked.account.pk)
        there = me.values_list(*(Exists(rows) for _, _, rows in open_rows)).get()
        open_rows = [each for each, some in zip(open_rows, there, strict=True) if some]
    for kind, table, rows in open_rows:
        known: Any = with_returns(rows, table)
        known = with_handlers(known) if table.handled else known
        yield kind, kind.rows(known.visible_to(asked.account) if asked.account else known)


def _open_rows(kind: CaseKind, table: Workflow, asked: Asked) -> Any:
    """The rows of a kind in a state in which somebody has something to do; None where there is no such state."""
    turns = {
        name: [turn for turn in info.turns if turn.act and (turn.by or not asked.clocked)]
        for name, info in table.states.items()
    }
    busy = [name for name, some in turns.items() if some]
    anywhere, at_home = (busy, []) if asked.units is None else ([], busy)
    if asked.own:
        anywhere = [name for name in busy if any(_is_officer(asked.account, turn) for turn in turns[name])]
        # Whoever has filed a case sees who has it in hand now.
        if not any(transition.files for transition in table.transitions):
            at_home = [name for name in at_home if any(turn.of_unit for turn in turns[name])]
    if not anywhere and not at_home:
        return None
    wanted = Q(state__in=anywhere)
    if at_home:
        home = Q(unit__in=asked.units)
        if table.filed_with:  # a row is also the business of the unit that filed it with others, for another unit
            home |= Q(**{f"{table.filed_with}__unit__in": asked.units})
        wanted |= Q(state__in=at_home) & home
    return kind.model._default_manager.filter(wanted)


def _is_officer(account: Actor | None, turn: Turn) -> bool:
    """Does the account hold a role of this turn that is not one for a single unit?"""
    return account is not None and account.holds(*(role for role in turn.who.roles if role != Role.UNIT_CLERK))


def _holds(account: Actor | None, roles: tuple[Role, ...]) -> bool:
    return account is not None and account.holds(*roles)

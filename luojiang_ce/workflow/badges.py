"""The deadlines of a case as badges in its head: when it was filed, and the clock that runs now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from luojiang_ce import clock
from luojiang_ce.access import DO_BUREAU_WORK, Actor
from luojiang_ce.workdays.badges import Badge, bureau_badge, filed_badge, mending_badge, open_badge
from luojiang_ce.workdays.calendar import Calendar
from luojiang_ce.workdays.deadlines import Deadline
from luojiang_ce.workdays.services import terms_in_force

from .case_kind import Turn, kind_of
from .events import returned_at


def turn_of(case: Any, account: Actor | None = None) -> Turn | None:
    """Whose turn it is with a case: the reader's own where it is one of several; None when it is nobody's."""
    table = kind_of(case).table
    turns = table.states[case.state].turns_of(case) if table else []
    own = [turn for turn in turns if account and turn.who.test(account, case)]
    return next(iter(own or turns), None)


def mends(turn: Turn, case: Any) -> bool:
    """Does a unit mend what it had filed and was sent back?"""
    return turn.of_unit and returned_at(case) is not None


def running_badge(
    turn: Turn, deadline: Deadline, calendar: Calendar, moment: datetime, *, mending: bool = False
) -> Badge:
    """The clock of whoever's turn it is: a unit's, the bureau's, or that of the authority that is named."""
    if turn.of_unit:
        return mending_badge(deadline, calendar, moment) if mending else open_badge(deadline, calendar, moment)
    whose = "本局" if set(turn.who.roles) & set(DO_BUREAU_WORK.roles) else turn.who.label
    return bureau_badge(deadline, calendar, moment, whose)


def list_badge(case: Any) -> Badge | None:
    """The one for a line of a list: the clock of whoever has the case in hand, or else how it was filed."""
    return next(reversed(case_badges(case)), None)


def case_badges(case: Any, account: Actor | None = None) -> list[Badge]:
    """What was filed shows whether it was in time; whoever's turn it is shows by when, as every list does."""
    kind, turn, terms, now = kind_of(case), turn_of(case, account), terms_in_force(), clock.now()
    running = turn.by(case, terms) if turn and turn.by else None
    filed = getattr(case, "first_submitted_at", None)
    first = kind.filing(case, terms) if kind.filing and filed else None
    badges = []
    # To whoever has to mend a returned case, the day that was met is of no use any more.
    if first and filed and not (turn and running and turn.of_unit):
        badges.append(filed_badge(first, filed))
    if turn and running:
        badges.append(running_badge(turn, running, terms.calendar, now, mending=mends(turn, case)))
    return badges

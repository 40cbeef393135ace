"""The words in which a case type's workflow is written: states, transitions, guards, who acts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from luojiang_ce.access.roles import Actor, Role
from luojiang_ce.workdays.deadlines import Deadline

# The forms that tables ask for by name (luojiang_ce.workflow.forms).
REASON = "luojiang_ce.workflow.forms.ReasonForm"
RESUBMIT = "luojiang_ce.workflow.forms.ResubmitForm"


@dataclass(frozen=True)
class Context:
    """What a guard or an effect looks at: the locked case, who acts, and what was typed.

    `ahead`: a page asks before anything could be typed; guards of what is typed have nothing to say then.
    """

    case: Any
    actor: Actor
    transition: Transition
    now: datetime
    note: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    ahead: bool = False


Guard = Callable[[Context], str | None]  # a reason in Chinese why not, or None
Effect = Callable[[Context], None]


@dataclass(frozen=True)
class Who:
    """Who may act: a name for screen and documents, the roles, and a test of this actor on this case."""

    label: str
    roles: tuple[Role, ...]
    test: Callable[[Actor, Any], bool]


@dataclass(frozen=True)
class Transition:
    """One arrow of the workflow.

    `label` is the button (verb and object), `done` how path and history say it afterwards (提交, 退回补正).
    `form` is the dotted path of a form asked for first: its fields reach guards and effect as `data`.
    `returns`: sends the case back with a list of everything that is wrong.
    """

    name: str
    label: str
    sources: tuple[str, ...]
    target: str
    who: Who
    done: str
    guards: tuple[Guard, ...] = ()
    effect: Effect | None = None
    form: str = ""
    style: str = "secondary"  # primary | secondary | danger
    returns: bool = False
    hidden: bool = False  # fired by services only, never offered as a button
    files: bool = False  # the unit hands the case over with it


By = Callable[[Any, Any], Deadline | None]  # a case, and the terms in force: by when; None: no clock runs


def always(case: Any) -> bool:
    """The turn of a state in which it is always the same one's."""
    return True


@dataclass(frozen=True)
class Turn:
    """Whose turn it is in a state, what they do there, and by when: the one source of start page, badge, board,
    reminders, calendar feed and the guard of lateness.

    `act` stands before the case's name in every list (审核：…); without it the turn is shown on the case alone.
    `when(case)`: is it theirs now? In some states two have something to do; the first of them is the one that waits.
    `at(case)`: where it is done, if not on the case's own page; `note(case)`: what lists add to the name;
    `says(case)`: the whole line, where act and name do not make it.
    """

    who: Who
    act: str = ""
    by: By | None = None
    when: Callable[[Any], bool] = always
    at: Callable[[Any], str] | None = None
    note: Callable[[Any], str] | None = None
    says: Callable[[Any], str] | None = None

    @property
    def of_unit(self) -> bool:
        """Is it a unit's clerk whose turn it is?"""
        return Role.UNIT_CLERK in self.who.roles


@dataclass(frozen=True)
class StateInfo:
    """How a state looks (a meaning class of the design) and whose turn it is; no turn when it is nobody's."""

    meaning: str
    turns: tuple[Turn, ...] = ()

    def turns_of(self, case: Any) -> list[Turn]:
        """Whose turn it is with this case, now."""
        return [turn for turn in self.turns if turn.when(case)]


def state(meaning: str, *turns: Turn) -> StateInfo:
    """A state, as tables write it."""
    return StateInfo(meaning, turns)


@dataclass(frozen=True)
class Step:
    """A step still ahead on the path of a case page, and the states in which the case stands at this step.

    `applies`: does a case like this one go through the step at all?
    """

    label: str
    states: tuple[str, ...] = ()
    who: str = ""
    applies: Callable[[Any], bool] = lambda case: True


@dataclass(frozen=True)
class Workflow:
    """The whole table of one case type, read top to bottom."""

    states: Mapping[str, StateInfo]
    transitions: tuple[Transition, ...]
    path: tuple[Step, ...] = ()

    def transition(self, name: str) -> Transition:
        """The transition of that name; LookupError when the case type has none."""
        for transition in self.transitions:
            if transition.name == name:
                return transition
        raise LookupError(f"this table has no transition {name}")


_guards_of_all: list[Guard] = []


def register_guard(guard: Guard) -> None:
    """Ask this guard before every transition of every case type, besides the table's own; called in `ready()`.

    For what concerns whoever acts rather than the case, so that no table can forget it.
    """
    _guards_of_all.append(guard)


def guards_of(transition: Transition) -> tuple[Guard, ...]:
    """Everything that is asked before a transition: what holds for all, then what its table says."""
    return (*_guards_of_all, *transition.guards)

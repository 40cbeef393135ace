"""The words in which a case type's workflow is written: states, transitions, guards, who acts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from luojiang_ce.access.roles import Actor, Role


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


@dataclass(frozen=True)
class StateInfo:
    """How a state looks (a meaning class of the design) and whose turn it is; None when it is nobody's."""

    meaning: str
    turn: Who | None = None


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

    model: Any
    states: Mapping[str, StateInfo]
    transitions: tuple[Transition, ...]
    path: tuple[Step, ...] = ()

    def transition(self, name: str) -> Transition:
        """The transition of that name; LookupError when the case type has none."""
        for transition in self.transitions:
            if transition.name == name:
                return transition
        raise LookupError(f"{self.model._meta.label_lower} has no transition {name}")


_workflows: dict[str, Workflow] = {}
_guards_of_all: list[Guard] = []


def register_workflow(workflow: Workflow) -> None:
    """Make a workflow known; called in the app's `ready()`."""
    _workflows[workflow.model._meta.label_lower] = workflow


def register_guard(guard: Guard) -> None:
    """Ask this guard before every transition of every case type, besides the table's own; called in `ready()`.

    For what concerns whoever acts rather than the case, so that no table can forget it.
    """
    _guards_of_all.append(guard)


def guards_of(transition: Transition) -> tuple[Guard, ...]:
    """Everything that is asked before a transition: what holds for all, then what its table says."""
    return (*_guards_of_all, *transition.guards)


def workflows() -> dict[str, Workflow]:
    """All workflows by case type key."""
    return dict(_workflows)


def workflow_of(case: Any) -> Workflow:
    """The workflow of this case's type."""
    return _workflows[case._meta.label_lower]

"""Case kinds: everything that the pages across apps ask about one kind of case, said once by its app.

Start page, badges, board, reminders, calendar feed, reply clock, navigation, files, papers, diagrams and demo read here
(luojiang_ce.deadlines.owed does most of it), so they cannot disagree. docs/adding.md: how to add a kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from luojiang_ce.access.cases import register_case
from luojiang_ce.workdays.deadlines import DeadlineKind, register_deadline_kinds

from .table import By, Who, Workflow

if TYPE_CHECKING:
    # The blocks above bring the words for their own part; here they are only passed on.
    from luojiang_ce.deadlines.owed import Asked, Owed
    from luojiang_ce.files.registry import FileRules
    from luojiang_ce.home.registry import Demo, NavItem
    from luojiang_ce.papers.registry import PaperKind


@dataclass(frozen=True)
class Duty:
    """What is owed and is no case yet (a plan to file, a class to recognise): `find` gives what `who` owes now.

    `find` makes a bounded number of queries, whatever the rows. `clocked`: has it a deadline?
    """

    who: Who
    find: Callable[[Asked], Iterable[Owed]]
    clocked: bool = True


@dataclass(frozen=True)
class CaseKind:
    """One kind of case.

    `table`: its states and transitions; without one it is only addressable (files, papers, events, jobs).
    `filing(case, terms)`: the deadline of the first submission; `deadlines`: the kinds of deadline it brings.
    `named(case)`: how lists call it, after what is to be done with it. `subject(case)`: names what it is about among
    those of its kind and unit (a year, a class), for a duty and the case that it becomes.
    `missable(case)`: does it go on record when the day of its turn goes by? What was filed once was in time.
    `rows`: what a list of open cases needs at hand, besides its unit, for titles, turns and deadlines.
    `events`: how the history calls what changes no state. `entries`: navigation.
    """

    model: type[Any]
    table: Workflow | None = None
    filing: By | None = None
    deadlines: tuple[DeadlineKind, ...] = ()
    duties: tuple[Duty, ...] = ()
    named: Callable[[Any], str] = str
    subject: Callable[[Any], str] = lambda case: str(case.pk)
    missable: Callable[[Any], bool] = lambda case: getattr(case, "first_submitted_at", None) is None
    rows: Callable[[Any], Any] = lambda rows: rows
    files: FileRules | None = None
    papers: tuple[PaperKind, ...] = ()
    entries: tuple[NavItem, ...] = ()
    events: Mapping[str, str] = field(default_factory=dict)
    demo: Demo | None = None

    @property
    def key(self) -> str:
        """As cases are addressed: `app_label.model`."""
        return str(self.model._meta.label_lower)


_kinds: dict[str, CaseKind] = {}


def register_kinds(*kinds: CaseKind) -> None:
    """Make kinds of cases known; called once in the app's `ready()`."""
    for kind in kinds:
        _kinds[kind.key] = kind
        register_case(kind.model)
        register_events(**kind.events)
        register_deadline_kinds(*kind.deadlines)


def case_kinds() -> list[CaseKind]:
    """Every kind, in the order registered: that of the apps."""
    return list(_kinds.values())


def kind_of(case: Any) -> CaseKind:
    """The kind of this case, or of a model; LookupError where no app has registered it."""
    return _kinds[case._meta.label_lower]


def kinds_with_a_table() -> list[tuple[CaseKind, Workflow]]:
    """The kinds that move through states, each with its table."""
    return [(kind, kind.table) for kind in _kinds.values() if kind.table]


_events = {"created": "建立草稿", "edited": "修改内容", "file_added": "添加材料", "file_removed": "移除材料"}


def register_events(**labels: str) -> None:
    """Say how the history calls events of what is no kind of case; called in `ready()`."""
    _events.update(labels)


def event_label(name: str) -> str:
    """How the history calls an event that changed no state; its name where nobody has said it."""
    return _events.get(name, name)


def workflow_of(case: Any) -> Workflow:
    """The table of this case's kind."""
    table = kind_of(case).table
    if table is None:
        raise LookupError(f"{case._meta.label_lower} has no states")
    return table

"""The words in which a kind of case is written: its table (states, transitions, who acts by when), and the kind.

All that the pages across apps ask about one kind of case is said here once by its app. Start page, badges, board,
reminders, calendar feed, reply clock, navigation, files, papers, diagrams and demo read it
(luojiang_ce.deadlines.owed does most of it), so they cannot disagree. docs/adding.md: how to add a kind.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from luojiang_ce.access import Actor, Role, register_case
from luojiang_ce.workdays.deadlines import Deadline, DeadlineKind, register_deadline_kinds

if TYPE_CHECKING:
    # The blocks above bring the words for their own part; here they are only passed on.
    from luojiang_ce.deadlines.owed import Asked, Owed
    from luojiang_ce.files.registry import FileRules
    from luojiang_ce.home.registry import Demo, NavItem
    from luojiang_ce.papers.kinds import PaperKind

# The forms that tables ask for by name (luojiang_ce.workflow.forms).
REASON = "luojiang_ce.workflow.forms.ReasonForm"
ISSUE = "luojiang_ce.papers.issue_form.IssueForm"
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
    `returns`: sends the case back with a list of everything that is wrong. `reopens`: brings it back to whoever had
    answered already: their days begin anew.
    `many`: lists offer it for all that is ticked, one by one (luojiang_ce.home.many); nothing is asked then but the
    note, or the reason where `form` is REASON.
    `at_once`: of the ticked ones so many are taken in the request that asks, about a second's, and more by the worker;
    0: as many as of any step.
    `slow(case)`: may it take more than a second with this case? The worker takes it then (luojiang_ce.home.slow_steps).
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
    reopens: bool = False
    hidden: bool = False  # fired by services only, never offered as a button
    files: bool = False  # the unit hands the case over with it
    many: bool = False
    at_once: int = 0
    slow: Callable[[Any], bool] | None = None


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
    `says(case)`: the whole line, where act and name do not make it; `names(case)`: whom of many people it is about, for
    the text of a reminder.
    """

    who: Who
    act: str = ""
    by: By | None = None
    when: Callable[[Any], bool] = always
    at: Callable[[Any], str] | None = None
    note: Callable[[Any], str] | None = None
    says: Callable[[Any], str] | None = None
    names: Callable[[Any], Sequence[str]] | None = None

    @property
    def of_unit(self) -> bool:
        """Is it a unit's clerk whose turn it is?"""
        return Role.UNIT_CLERK in self.who.roles

    @property
    def of_handler(self) -> bool:
        """May the bureau's handlers act in it? Then it can be one of them, by name, whom it waits for."""
        return Role.BUREAU_HANDLER in self.who.roles


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
class Passed:
    """How a case went through a step that is no transition of its own: a class of the design, when, a word."""

    meaning: str = "is-done"
    when: date | None = None
    note: str = ""


@dataclass(frozen=True)
class Step:
    """A step still ahead on the path of a case page, and the states in which the case stands at this step.

    `applies`: does a case like this one go through the step at all? `passed`: what the world outside its table says of
    it, None while it is ahead.
    """

    label: str
    states: tuple[str, ...] = ()
    who: str = ""
    applies: Callable[[Any], bool] = lambda case: True
    passed: Callable[[Any], Passed | None] = lambda case: None


@dataclass(frozen=True)
class Workflow:
    """The whole table of one case type, read top to bottom.

    `within`: the field of what such a case is a row of, and whose acts look at all of its rows. It is locked first.
    `filed_with`: the field of what it was filed with, where it is not filed itself.
    """

    states: Mapping[str, StateInfo]
    transitions: tuple[Transition, ...]
    path: tuple[Step, ...] = ()
    within: str = ""
    filed_with: str = ""

    def transition(self, name: str) -> Transition:
        """The transition of that name; LookupError when the case type has none."""
        for transition in self.transitions:
            if transition.name == name:
                return transition
        raise LookupError(f"this table has no transition {name}")

    @property
    def handled(self) -> bool:
        """Do cases of this type ever lie with the bureau's handlers? Then each can be given to one by name."""
        return any(turn.of_handler for info in self.states.values() for turn in info.turns)

    @property
    def open_states(self) -> list[str]:
        """The states in which somebody still has something to do."""
        return [name for name, info in self.states.items() if info.turns]


# --- the kind ---------------------------------------------------------------------------------------------------------


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
    `missable(case)`: does it go on record when the day of its turn goes by? What lies filed was in time.
    `leads(case)`: what its filer can do when the last day is over, as (label, address).
    `rows`: what a list of open cases needs at hand, besides its unit, for titles, turns and deadlines.
    `finds(rows, words)`: those of the rows that the words of the search box mean. `apart(case)`: what
    tells those of one name apart there.
    `phrases`: what is often wrong and how it is mended, for the library of return reasons of a fresh system.
    `places(case)`: where its filer mends things, by what the places are called; a return names them.
    `numbered(case)`: the ids of its rows, by the numbers that stand before them (第 1 行).
    `remarks(cases, account)`: what whoever takes one step with many of them is told of each beforehand, by case.
    `summary(case)`: what is handed over when its filer files it, as labels and values: shown before the last click.
    `events`: how the history calls what changes no state. `entries`: navigation.
    `clauses`: those of the notice that it keeps; what the bureau says of them stands on its pages.
    `year`: the path to the year under which such a case is archived; without one its field `year`, or the year in
    which it was closed.
    `archived`: does it go into the year's package? Not what only some in the bureau may read.
    `given`: the ids of those that came with the system, in whatever state, so that no event made them.
    `drafts(case, actor)`: may they write this draft? Where it is said, a draft that was never sent can be deleted.
    """

    model: type[Any]
    table: Workflow | None = None
    filing: By | None = None
    deadlines: tuple[DeadlineKind, ...] = ()
    duties: tuple[Duty, ...] = ()
    named: Callable[[Any], str] = str
    subject: Callable[[Any], str] = lambda case: str(case.pk)
    missable: Callable[[Any], bool] = lambda case: getattr(case, "submitted_at", None) is None
    leads: Callable[[Any], Sequence[tuple[str, str]]] = lambda case: ()
    rows: Callable[[Any], Any] = lambda rows: rows
    phrases: Sequence[tuple[str, str]] = ()
    finds: Callable[[Any, str], Any] | None = None
    apart: Callable[[Any], str] = lambda case: ""
    places: Callable[[Any], Mapping[str, str]] = lambda case: {}
    numbered: Callable[[Any], Mapping[int, int]] = lambda case: {}
    remarks: Callable[[Sequence[Any], Actor], Mapping[int, str]] = lambda cases, account: {}
    summary: Callable[[Any], Sequence[tuple[str, Any]]] = lambda case: ()
    files: FileRules | None = None
    papers: tuple[PaperKind, ...] = ()
    entries: tuple[NavItem, ...] = ()
    events: Mapping[str, str] = field(default_factory=dict)
    demo: Demo | None = None
    drafts: Callable[[Any, Actor], bool] | None = None
    clauses: tuple[str, ...] = ()
    year: str = ""
    archived: bool = True
    given: Callable[[], Collection[int]] = lambda: ()

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


_events = {
    "created": "建立草稿",
    "edited": "修改内容",
    "file_added": "添加材料",
    "file_removed": "移除材料",
    "file_moved": "更改材料类别",
    "file_restored": "恢复材料",
    "files_purged": "清除材料",
    "handler_named": "指定经办人",
    "draft_deleted": "删除草稿",
    "draft_restored": "恢复草稿",
    "anonymised": "隐去说明文字",
    "log_part_left": "较早的操作记录转出",
}


def register_events(**labels: str) -> None:
    """Say how the history calls events of what is no kind of case; called in `ready()`."""
    _events.update(labels)


def event_labels() -> Mapping[str, str]:
    """How the history calls what changed no state, by the event's name."""
    return _events


def event_label(name: str) -> str:
    """How the history calls an event that changed no state; its name where nobody has said it."""
    return _events.get(name, name)


def workflow_of(case: Any) -> Workflow:
    """The table of this case's kind."""
    table = kind_of(case).table
    if table is None:
        raise LookupError(f"{case._meta.label_lower} has no states")
    return table


def act_label(event: Any) -> str:
    """How the history calls what an event did: a step of its kind's table, or what changed no state."""
    kind = _kinds.get(event.case_type)
    steps = kind.table.transitions if kind and kind.table else ()
    return next((each.done for each in steps if each.name == event.name), "") or event_label(event.name)

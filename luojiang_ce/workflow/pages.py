"""What a case page shows, whatever the case type: state, path, actions, returns, history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from luojiang_ce.access import Actor
from luojiang_ce.once import keeping
from luojiang_ce.workdays.badges import Badge

from .badges import case_badges, turn_of
from .case_kind import Turn, Workflow, event_label, kind_of
from .changes import what_changed
from .engine import Action, actions_for
from .events import history, returned_at
from .models import Event
from .places import place_of, places_of

PAST_STEPS = 5  # older steps stay in the history; the path keeps to one line


@dataclass(frozen=True)
class PathStep:
    """One step as the path shows it; `meaning` is a class of the design, empty for what is still ahead."""

    label: str
    meaning: str = ""
    who: str = ""
    when: datetime | None = None
    note: str = ""
    current: bool = False


@dataclass(frozen=True)
class CasePage:
    """Everything that templates/case_base.html needs besides the case type's own panels."""

    case: Any
    state_label: str
    meaning: str
    turn: str
    act: str
    is_mine: bool
    deadlines: list[Badge]
    path: list[PathStep]
    actions: list[Action]
    history: list[Event]
    open_returns: list[Event]
    returns: list[Event]

    @property
    def refused(self) -> list[Action]:
        return [action for action in self.actions if not action.enabled]


def case_page(case: Any, account: Actor) -> CasePage:
    """The case as this account sees it; a bounded number of queries."""
    kind = kind_of(case)
    assert kind.table is not None
    events = _labelled(kind.table, history(case))
    info = kind.table.states[case.state]
    turn = turn_of(case, account)
    with keeping():
        actions, deadlines = actions_for(case, account), case_badges(case, account)
    return CasePage(
        case=case,
        state_label=case.get_state_display(),
        meaning=info.meaning,
        turn=turn.who.label if turn else "",
        act=turn.act if turn else "",
        is_mine=bool(turn and turn.who.test(account, case)),
        deadlines=deadlines,
        path=path_of(kind.table, case, events, turn),
        actions=actions,
        history=events,
        open_returns=_open_returns(case, events),
        returns=[event for event in events if event.return_items.all() and not _waits(case, event)],
    )


def _waits(case: Any, event: Event) -> bool:
    """Does the case stand returned with this return?"""
    return returned_at(case) == event.at and any(item.answered_at is None for item in event.return_items.all())


def _open_returns(case: Any, events: Sequence[Event]) -> list[Event]:
    """The return that is being mended, each of its points with the address where it is."""
    waiting = [event for event in events if event.return_items.all() and _waits(case, event)]
    places = places_of(case) if waiting else {}
    for event in waiting:
        for item in event.return_items.all():
            item.url = place_of(item.where, places)  # type: ignore[attr-defined]
    return waiting


def edit_history(row: Any) -> list[Event]:
    """The events of something that has no workflow (a person, a unit), newest first, each with its `label`."""
    rows = list(history(row))
    for event in rows:
        event.label = event_label(event.name)  # type: ignore[attr-defined]
        event.changed = what_changed(event)  # type: ignore[attr-defined]
    return rows


def path_of(workflow: Workflow, case: Any, events: Sequence[Any], turn: Turn | None) -> list[PathStep]:
    """What happened (from the events), where the case stands, and what is still ahead (from the table)."""
    moved = [event for event in reversed(events) if event.transition]
    past = []
    for event in moved[-PAST_STEPS:]:
        items = len(event.return_items.all())
        meaning = "is-soon" if event.transition.returns else "is-done"
        who = event.actor.name if event.actor else "系统"
        past.append(PathStep(event.label, meaning, who, event.at, f"{items} 处" if items else ""))
    here = next((i for i, step in enumerate(workflow.path) if case.state in step.states), len(workflow.path))
    ahead = [
        PathStep(step.label, "is-turn" if i == 0 and turn else "", step.who, current=i == 0 and turn is not None)
        for i, step in enumerate(step for step in workflow.path[here:] if step.applies(case))
    ]
    return past + ahead


def _labelled(workflow: Workflow, events: Any) -> list[Any]:
    table = {transition.name: transition for transition in workflow.transitions}
    rows = list(events)
    for event in rows:
        event.transition = table.get(event.name)
        event.label = event.transition.done if event.transition else event_label(event.name)
        event.changed = "" if event.transition else what_changed(event)
    return rows

"""What a case page shows, whatever the case type: state, path, actions, returns, history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from luojiang_ce.access.roles import Actor

from .engine import Action, actions_for
from .events import history
from .models import Event
from .table import Workflow, workflow_of

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
    is_mine: bool
    path: list[PathStep]
    actions: list[Action]
    history: list[Event]
    returns: list[Event]

    @property
    def refused(self) -> list[Action]:
        return [action for action in self.actions if not action.enabled]


def case_page(case: Any, account: Actor) -> CasePage:
    """The case as this account sees it; a bounded number of queries."""
    workflow = workflow_of(case)
    events = _labelled(workflow, history(case))
    info = workflow.states[case.state]
    return CasePage(
        case=case,
        state_label=case.get_state_display(),
        meaning=info.meaning,
        turn=info.turn.label if info.turn else "",
        is_mine=bool(info.turn and info.turn.test(account, case)),
        path=path_of(workflow, case, events),
        actions=actions_for(case, account),
        history=events,
        returns=[event for event in events if event.return_items.all()],
    )


def edit_history(row: Any) -> list[Event]:
    """The events of something that has no workflow (a person, a unit), newest first, each with its `label`."""
    rows = list(history(row))
    for event in rows:
        event.label = EDIT_LABELS.get(event.name, event.name)  # type: ignore[attr-defined]
    return rows


def path_of(workflow: Workflow, case: Any, events: Sequence[Any]) -> list[PathStep]:
    """What happened (from the events), where the case stands, and what is still ahead (from the table)."""
    moved = [event for event in reversed(events) if event.transition]
    past = [_past(event) for event in moved[-PAST_STEPS:]]
    here = next((i for i, step in enumerate(workflow.path) if case.state in step.states), len(workflow.path))
    turn = workflow.states[case.state].turn
    ahead = [
        PathStep(step.label, "is-turn" if i == 0 and turn else "", step.who, current=i == 0 and turn is not None)
        for i, step in enumerate(step for step in workflow.path[here:] if step.applies(case))
    ]
    return past + ahead


def _past(event: Any) -> PathStep:
    items = len(event.return_items.all())
    meaning = "is-soon" if event.transition.returns else "is-done"
    who = event.actor.name if event.actor else "系统"
    return PathStep(event.label, meaning, who, event.at, f"{items} 处" if items else "")


def _labelled(workflow: Workflow, events: Any) -> list[Any]:
    table = {transition.name: transition for transition in workflow.transitions}
    rows = list(events)
    for event in rows:
        event.transition = table.get(event.name)
        event.label = event.transition.done if event.transition else EDIT_LABELS.get(event.name, event.name)
    return rows


# Events that change no state; apps add theirs in ready().
EDIT_LABELS: dict[str, str] = {
    "created": "建立草稿",
    "edited": "修改内容",
    "file_added": "添加材料",
    "file_removed": "移除材料",
}

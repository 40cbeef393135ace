"""What a case page shows, whatever the case type: state, path, actions, returns, history."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from luojiang_ce import clock
from luojiang_ce.access import DO_BUREAU_WORK, Actor
from luojiang_ce.id_shapes import mask_ids
from luojiang_ce.once import keeping
from luojiang_ce.workdays.badges import Badge
from luojiang_ce.workdays.deadlines import is_in_time
from luojiang_ce.workdays.services import terms_in_force

from .badges import case_badges, turn_of
from .case_kind import CaseKind, Passed, Step, Turn, Workflow, event_label, kind_of
from .changes import AUTOSAVED, summed_up
from .drafts import may_delete
from .engine import Action, actions_for, know_filings
from .events import history, returned_at, without_account
from .handlers import handler_of
from .models import Event
from .places import places_of, told_of

PAST_STEPS = 5  # older steps stay in the history; the path keeps to one line


@dataclass(frozen=True)
class PathStep:
    """One step as the path shows it; `meaning` is a class of the design, empty for what is still ahead."""

    label: str
    meaning: str = ""
    who: str = ""
    when: datetime | date | None = None
    note: str = ""
    current: bool = False


@dataclass(frozen=True)
class CasePage:
    """Everything that templates/case_base.html needs besides the case type's own panels.

    `handler`: the account to which the bureau gave the case by name; `may_give`: can the reader give it to another?
    """

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
    handler: Any
    may_give: bool
    leads: Sequence[tuple[str, str]] = ()
    deletable: bool = False

    @property
    def refused(self) -> list[Action]:
        return [action for action in self.actions if not action.enabled]


def published_page(case: Any, account: Actor, told: Collection[str]) -> CasePage:
    """A case of the bureau's own that everybody may read once it holds: to others without what it said to itself on the
    way. `told`: the events of which all hear."""
    page = case_page(case, account)
    if account.holds(*DO_BUREAU_WORK.roles):
        return page
    return replace(page, history=[event for event in page.history if event.name in told], returns=[], open_returns=[])


def case_page(case: Any, account: Actor) -> CasePage:
    """The case as this account sees it; a bounded number of queries."""
    kind = kind_of(case)
    assert kind.table is not None
    events = _labelled(kind.table, history(case))
    returns = [event for event in events if event.return_items.all()]
    info = kind.table.states[case.state]
    turn = turn_of(case, account)
    is_mine = bool(turn and turn.who.test(account, case))
    know_filings([case], events)
    with keeping():
        actions, deadlines = actions_for(case, account), case_badges(case, account)
    if deletable := may_delete(case, account):  # there is nothing to be taken back or cancelled
        actions = [action for action in actions if action.transition.style != "danger"]
    handled = kind.table.handled
    bureau = account.holds(*DO_BUREAU_WORK.roles)
    return CasePage(
        case=case,
        handler=handler_of(case) if handled else None,
        may_give=handled and bureau and case.state in kind.table.open_states,
        state_label=case.get_state_display(),
        meaning=info.meaning,
        turn=turn.who.label if turn else "",
        act=turn.act if turn else "",
        is_mine=is_mine,
        deadlines=deadlines,
        path=path_of(kind.table, case, events, turn),
        actions=actions,
        history=_autosaves_joined(events),
        open_returns=_with_places(case, [event for event in returns if _waits(case, event)], is_mine),
        returns=_with_places(case, [event for event in returns if not _waits(case, event)], False),
        leads=_leads(kind, case, turn, account),
        deletable=deletable,
    )


def _waits(case: Any, event: Event) -> bool:
    """Does the case stand returned with this return?"""
    return returned_at(case) == event.at and any(item.answered_at is None for item in event.return_items.all())


def _with_places(case: Any, returns: list[Event], is_mine: bool) -> list[Event]:
    """Returns, each of their points with what has become of its row and, for whose turn it is, the address where it
    is mended."""
    items = [item for event in returns for item in event.return_items.all()]
    for told in told_of(case, items, places_of(case) if items and is_mine else {}):
        told.item.url, told.item.now = told.url, told.now  # type: ignore[attr-defined]
    return returns


def _leads(kind: CaseKind, case: Any, turn: Turn | None, account: Actor) -> Sequence[tuple[str, str]]:
    """Where somebody goes on whose own last day is over: nothing that is overdue is a dead end."""
    if turn is None or turn.by is None or not turn.of_unit or not turn.who.test(account, case):
        return ()
    deadline = turn.by(case, terms_in_force())
    return () if deadline is None or is_in_time(deadline, clock.now()) else kind.leads(case)


def edit_history(row: Any) -> list[Event]:
    """The events of something that has no workflow (a person, a unit), newest first, each with its `label`."""
    rows = list(history(row))
    for event in rows:
        event.label = event_label(event.name)  # type: ignore[attr-defined]
        if hasattr(event, "note_row"):  # notes of before numbers in words were masked for the eyes beside a birth
            event.note_row.text = mask_ids(event.note_row.text)
    return rows


def _autosaves_joined(events: Sequence[Any]) -> list[Any]:
    """The events, newest first; what forms of one account saved by themselves on one day, with nothing between, as one
    entry: what it changed in all."""
    shown = []
    for _, run in groupby(events, _autosaves_of):
        newest, *others = rows = list(run)
        if AUTOSAVED in newest.data:
            newest.note_row.text = summed_up(event.note_row.text for event in reversed(rows))
            newest.label = f"{newest.label}（自动保存{f' {len(rows)} 次' if others else ''}）"
        shown.append(newest)
    return shown


def _autosaves_of(event: Event) -> tuple[Any, ...]:
    return (event.actor_id, clock.local(event.at).date()) if AUTOSAVED in event.data else (event.pk,)


def path_of(workflow: Workflow, case: Any, events: Sequence[Any], turn: Turn | None) -> list[PathStep]:
    """What happened (from the events), where the case stands, and what is still ahead (from the table)."""
    moved = [event for event in reversed(events) if event.transition]
    past = []
    for event in moved[-PAST_STEPS:]:
        items = len(event.return_items.all())
        meaning = "is-soon" if event.transition.returns else "is-done"
        who = event.actor.name if event.actor else without_account(event)
        past.append(PathStep(event.label, meaning, who, event.at, f"{items} 处" if items else ""))
    here = next((i for i, step in enumerate(workflow.path) if case.state in step.states), len(workflow.path))
    following = [step for step in workflow.path[here:] if step.applies(case)]
    ahead = [_ahead(step, step.passed(case), i == 0 and turn is not None) for i, step in enumerate(following)]
    if past and not ahead:  # what was refused or cancelled does not end in the colour of what is done
        past[-1] = replace(past[-1], meaning=workflow.states[case.state].meaning)
    return past + ahead


def _ahead(step: Step, passed: Passed | None, is_current: bool) -> PathStep:
    if passed is None:
        return PathStep(step.label, "is-turn" if is_current else "", step.who, current=is_current)
    return PathStep(step.label, passed.meaning, step.who, passed.when, passed.note)


def _labelled(workflow: Workflow, events: Any) -> list[Any]:
    table = {transition.name: transition for transition in workflow.transitions}
    rows = list(events)
    for event in rows:
        event.transition = table.get(event.name)
        event.label = event.transition.done if event.transition else event_label(event.name)
    return rows

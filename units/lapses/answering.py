"""The bureau's own clock: five working days after each submission to tell the filer, once, all that is missing.

At the end without an answer the case counts as received for processing (已受理): an event, never an approval
(Licensing Act 32, by analogy; domain.md §3).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.jobs.heartbeat import last_ended
from luojiang_ce.notices.services import notify
from luojiang_ce.once import keeping
from luojiang_ce.workdays.deadlines import Deadline, is_in_time
from luojiang_ce.workflow.case_kind import Workflow, kinds_with_a_table
from luojiang_ce.workflow.engine import SYSTEM
from luojiang_ce.workflow.events import event_since, record, with_returns
from luojiang_ce.workflow.models import Event
from units.extensions.reading import current_terms
from units.filed_case import REPLY, came_at, reply
from units.notify import clerks_of
from units.terms import Terms

RECEIVED = "deemed_received"
TASK = "units.lapses.tasks.deem_received"


@dataclass(frozen=True)
class Unanswered:
    """A submission that the bureau did not answer within its days; `at`: when it was filed (aware)."""

    model: type[Any]
    case_id: int
    at: datetime
    deadline: Deadline


def deem_received() -> int:
    """Write down every submission that the bureau left unanswered for too long, once each; how many."""
    with keeping():
        return _deem_received()


def _deem_received() -> int:
    now, terms = clock.now(), current_terms()
    received = 0
    for kind, table in kinds_with_a_table():
        # In these a case lies with the bureau and its reply clock runs.
        states = [name for name, info in table.states.items() if any(turn.by is reply for turn in info.turns)]
        if states:
            waiting = _waiting(kind.model, table, states, terms, now)
            for unit_id, unanswered in _by_unit([*waiting, *_answered_late(kind.model, table, states, terms)]):
                received += _receive(unit_id, unanswered)
    return received


def _waiting(
    model: type[Any], table: Workflow, states: Sequence[str], terms: Terms, now: datetime
) -> Iterator[Unanswered]:
    rows = model._base_manager.filter(state__in=states, submitted_at__isnull=False)
    for case in with_returns(_with_units(rows), table):
        came, deadline = came_at(case), reply(case, terms)
        if came and deadline and _lies_there(case, table, case.state) and not is_in_time(deadline, now):
            yield Unanswered(model, case.pk, came, deadline)


def _lies_there(case: Any, table: Workflow, state: str) -> bool:
    """Did, or does, the bureau's clock run in this state of the case? Some lie with another authority there."""
    return any(turn.by is reply and turn.when(case) for turn in table.states[state].turns)


def _with_units(rows: Any) -> Any:
    """A turn may ask for the unit: it comes with the case, where it has one at all."""
    return rows.select_related("unit") if any(each.name == "unit" for each in rows.model._meta.fields) else rows


def _answered_late(model: type[Any], table: Workflow, states: Sequence[str], terms: Terms) -> Iterator[Unanswered]:
    """What was answered after its time, while the worker slept: the days were over all the same. Of what is decided by
    now it means nothing any more that it was deemed received."""
    filings = {transition.name for transition in table.transitions if transition.files or transition.reopens}
    pairs = list(_answers(model._meta.label_lower, states, filings))
    cases = _with_units(model._base_manager.all()).in_bulk({filed.case_id for filed, _ in pairs})
    open_states = table.open_states
    for filed, answered in pairs:
        if cases[filed.case_id].state not in open_states:
            continue
        deadline = terms.due(REPLY, clock.local(filed.at).date())
        if not is_in_time(deadline, answered.at) and _lies_there(cases[filed.case_id], table, answered.source):
            yield Unanswered(model, filed.case_id, filed.at, deadline)


def _answers(case_type: str, states: Sequence[str], filings: Collection[str]) -> Iterator[tuple[Event, Event]]:
    """Since the last run (with a day to spare): the filing by which a case came to the bureau, and by which it left."""
    events = Event.objects.filter(case_type=case_type)
    left = events.filter(source__in=states).exclude(target__in=states)
    if last := last_ended(TASK):
        left = left.filter(at__gte=last - timedelta(days=1))
    came: dict[int, Event] = {}
    for event in events.filter(case_id__in=left.values("case_id")).order_by("pk"):
        if event.name in filings:
            came[event.case_id] = event
        elif event.source in states and event.target not in states and event.case_id in came:
            yield came.pop(event.case_id), event  # a step back in the office begins no new clock


def _by_unit(found: Sequence[Unanswered]) -> list[tuple[int, list[Unanswered]]]:
    """A unit files hundreds of declarations: what the bureau left lying is told to it in one notice."""
    units: dict[int, list[Unanswered]] = defaultdict(list)
    if found:
        rows = found[0].model._base_manager.filter(pk__in={each.case_id for each in found})
        of_case = dict(rows.values_list("pk", "unit_id"))
        for each in found:
            units[of_case[each.case_id]].append(each)
    return list(units.items())


def _receive(unit_id: int, found: Sequence[Unanswered]) -> int:
    """Write them down, all of one unit, and tell it; how many were not on record yet."""
    with transaction.atomic():
        received = [(case, each) for each in found if (case := _written_down(each))]
        if received:
            case, first = received[0]
            names = [case.public_title or case.called for case, _ in received]
            notify(
                clerks_of(unit_id),
                f"视为已受理：{names[0] if len(names) == 1 else f'{case.public_kind} {len(names)} 件'}",
                key=f"received-{case._meta.label_lower}-{case.pk}-{first.at.isoformat()}",
                text="\n".join([first.deadline.explanation, *(names if len(names) > 1 else [])]),
                case=case if len(names) == 1 else None,
            )
    return len(received)


def _written_down(unanswered: Unanswered) -> Any:
    """The case, where this was not on record yet."""
    case: Any = unanswered.model._base_manager.select_for_update().get(pk=unanswered.case_id)
    if event_since(case, RECEIVED, unanswered.at):
        return None
    record(case, RECEIVED, actor=SYSTEM, data={"due": unanswered.deadline.due})
    return case

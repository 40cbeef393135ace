"""The bureau's own clock: five working days after each submission to tell the filer, once, all that is missing.

At the end without an answer the case counts as received for processing (已受理): an event, never an approval
(Licensing Act 32, by analogy; domain.md §3).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.access.cases import case_models
from luojiang_ce.access.roles import Role
from luojiang_ce.deadlines.registry import Asked, open_deadlines
from luojiang_ce.jobs.heartbeat import last_ended
from luojiang_ce.notices.services import notify
from luojiang_ce.workdays.deadlines import Deadline, Kind, Rules, is_in_time
from luojiang_ce.workdays.services import current_rules
from luojiang_ce.workflow.engine import SYSTEM
from luojiang_ce.workflow.events import event_since, record
from luojiang_ce.workflow.models import Event
from units.notify import clerks_of

from .running import reply_clocks

RECEIVED = "deemed_received"
TASK = "units.terms.tasks.deem_received"


@dataclass(frozen=True)
class Unanswered:
    """A submission that the bureau did not answer within its days; `at`: when it was filed (aware)."""

    model: type[Any]
    case_id: int
    at: datetime
    deadline: Deadline


def deem_received() -> int:
    """Write down every submission that the bureau left unanswered for too long, once each; how many."""
    now = clock.now()
    rules = current_rules()
    return sum(_receive(each) for each in (*_waiting(rules, now), *_answered_late(rules)))


def _waiting(rules: Rules, now: datetime) -> Iterator[Unanswered]:
    for duty in open_deadlines(Asked(rules, now)):
        if duty.deadline.kind is Kind.REPLY and duty.role is Role.BUREAU_HANDLER and duty.is_late(now):
            assert duty.case is not None
            model = case_models()[duty.case[0]]
            filed: datetime = model._base_manager.values_list("submitted_at", flat=True).get(pk=duty.case[1])
            yield Unanswered(model, duty.case[1], filed, duty.deadline)


def _answered_late(rules: Rules) -> Iterator[Unanswered]:
    """What was answered after its time, while the worker slept: the days were over all the same."""
    for model, states in reply_clocks().items():
        for filed, answered in _answers(model._meta.label_lower, states):
            deadline = rules.reply(clock.local(filed.at).date())
            if not is_in_time(deadline, answered.at):
                yield Unanswered(model, filed.case_id, filed.at, deadline)


def _answers(case_type: str, states: Sequence[str]) -> Iterator[tuple[Event, Event]]:
    """Since the last run (with a day to spare): the event by which a case came to the bureau, and by which it left."""
    events = Event.objects.filter(case_type=case_type)
    left = events.filter(source__in=states).exclude(target__in=states)
    if last := last_ended(TASK):
        left = left.filter(at__gte=last - timedelta(days=1))
    came: dict[int, Event] = {}
    for event in events.filter(case_id__in=left.values("case_id")).order_by("pk"):
        if event.target in states and event.source not in states:
            came[event.case_id] = event
        elif event.source in states and event.target not in states and event.case_id in came:
            yield came[event.case_id], event


def _receive(unanswered: Unanswered) -> bool:
    deadline = unanswered.deadline
    with transaction.atomic():
        case: Any = unanswered.model._base_manager.select_for_update().get(pk=unanswered.case_id)
        if event_since(case, RECEIVED, unanswered.at):
            return False
        record(case, RECEIVED, actor=SYSTEM, data={"due": deadline.due})
        key = f"received-{case._meta.label_lower}-{case.pk}-{unanswered.at.isoformat()}"
        notify(clerks_of(case.unit_id), f"视为已受理：{case}", key=key, text=deadline.explanation, case=case)
    return True

"""How long the provider may answer what is intended: the bureau's figure.

The notice gives none, and without it no clock runs."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.workdays.deadlines import Deadline, DeadlineKind, Rules, working_days_after
from training.inspections.decisions.models import Decision

STATEMENT = DeadlineKind(
    "statement",
    "陈述申辩",
    "区人社局设定",
    working_days_after("告知", lambda settings: settings.statement_days or 0),
    in_working_days=True,
    public=False,
    filed=False,
)


def answered_by(case: Decision, terms: Rules) -> Deadline | None:
    """The last day to answer, by the figure of the day on which the provider was told; None where none was set."""
    told = clock.day_of(case.told_at)
    return terms.due(STATEMENT, told) if told and terms.settings_on(told).statement_days else None

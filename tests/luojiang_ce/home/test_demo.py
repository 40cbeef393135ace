"""The demo district: on any day of any year it loads, with a case in every state and work for every role."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.home.start import Todo
from luojiang_ce.papers.models import Paper
from luojiang_ce.proof.models import SigningKey
from luojiang_ce.workdays.badges import UNIT_SOON
from luojiang_ce.workdays.deadlines import working_days_left
from luojiang_ce.workdays.services import current_calendar
from luojiang_ce.workflow import chain
from luojiang_ce.workflow.case_kind import kinds_with_a_table
from tests.blank_papers import blank_papers
from tests.luojiang_ce.deadlines.dead_ends import dead_ends
from tests.luojiang_ce.deadlines.one_source import contradictions
from tests.todos import todos
from units.extensions.models import Lapse
from units.models import Account, Person, Unit

pytestmark = pytest.mark.thorough
# The last day of a year; the season of plans and verification, in a year whose days off are not announced yet.
EDGES = ("2026-12-31", "2027-02-11")
# With both edges fourteen days on which every place that names a day must name the same, and nothing lies where nobody
# can act.
DAYS_ON = (0, 1, 4, 8, 15, 32, 61)
# Whose cases have a last day. 监印人, 会签单位 and the three officers have none in the notice.
DEADLINES = (
    Role.UNIT_CLERK,
    Role.HEALTH_REVIEWER,
    Role.EDUCATION_REVIEWER,
    Role.BUREAU_HANDLER,
    Role.BUREAU_APPROVER,
)


@pytest.mark.django_db
@pytest.mark.parametrize("day", EDGES)
def test_it_loads_with_a_case_in_every_state_and_something_soon_and_late_for_every_role(
    day: str, settings: Any
) -> None:
    settings.DEMO = True
    with clock.at(datetime.fromisoformat(f"{day}T09:30:00+08:00")):
        call_command("load_reference", verbosity=0, stdout=StringIO())
        with blank_papers():  # set in type by tests/luojiang_ce/papers/test_gbt9704.py
            call_command("load_demo", verbosity=0, stdout=StringIO())
        assert (Unit.objects.count(), Person.objects.count()) >= (12, 300)
        assert missing_states() == set()
        for role in DEADLINES:
            left = working_days_of(role)
            assert any(days < 0 for days in left), f"nothing late for {role.label}"
            assert any(0 <= days <= UNIT_SOON for days in left), f"nothing due soon for {role.label}"
        assert todos_of(Role.SEAL_KEEPER)
        assert chain.check().problems == []
        oldest = Paper.objects.exclude(dated=None).earliest("dated").dated
        assert not SigningKey.objects.filter(started_at__date__gt=oldest).exists(), "a paper older than its key"
        assert [f"{days}: {said}" for days in DAYS_ON for said in contradictions_in(days)] == []


def contradictions_in(days: int) -> list[str]:
    with clock.at(clock.now() + timedelta(days=days)):
        return [*contradictions(), *dead_ends()]


def missing_states() -> set[tuple[str, str]]:
    """Case types and the states in which there is no case.

    No paper has failed. Before March nothing of the year is overdue yet but recognitions, which are proposed first.
    """
    wanted = {(kind.key, str(state)) for kind, table in kinds_with_a_table() for state in table.states}
    there = {
        (kind.key, state)
        for kind, _ in kinds_with_a_table()
        for state in kind.model._base_manager.values_list("state", flat=True).distinct().order_by()
    }
    wanted.discard((Paper._meta.label_lower, Paper.State.FAILED))
    if clock.today().month < 3:
        wanted.discard((Lapse._meta.label_lower, Lapse.State.RECORDED))
    return wanted - there


def todos_of(role: Role) -> list[Todo]:
    return [todo for account in Account.objects.holding(role) for todo in todos(account) if todo.mine]


def working_days_of(role: Role) -> list[int]:
    """Working days left of what the accounts of a role have to do; negative where it is overdue."""
    today, calendar = clock.today(), current_calendar()
    return [
        -1 if todo.due < today else working_days_left(calendar, today, todo.due) for todo in todos_of(role) if todo.due
    ]

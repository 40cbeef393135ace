"""A drill: the district from 20 February to 10 March 2026, with an injected clock.

Once with the worker on, once with it asleep until 9 March, once with every task run by two workers at the same moment.
What the district looks like afterwards, and what people were told of it, is the same each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from luojiang_ce import clock
from luojiang_ce.access.roles import Role
from luojiang_ce.notices.models import Notice
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.models import Event
from tests.conftest import District, in_parallel
from tests.factories import UnitFactory, account_with
from tests.training.factories import class_of
from tests.training.plans.factories import a_plan, an_item, with_scheme
from tests.units.terms.cases import with_evidence
from training.plans.models import Plan
from units.models import Unit
from units.terms import answering, lapsing, reminding, services
from units.terms.models import Lapse, Reminder

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_services]

FIRST, LAST, AWAKE = date(2026, 2, 20), date(2026, 3, 10), date(2026, 3, 9)
TASKS = (lapsing.record_overdue, reminding.remind, answering.deem_received)
WRONG = {"items": [{"where": "第 1 行", "wrong": "没有地点", "mend": "请补"}]}


def moment(day: date, at: time = time(9)) -> datetime:
    return datetime.combine(day, at, clock.SHANGHAI)


def days() -> Iterator[date]:
    day = FIRST
    while day <= LAST:
        yield day
        day += timedelta(days=1)


def run(task: Callable[[], Any], day: date) -> Any:
    with clock.at(moment(day)):
        return task()


def worker_on(day: date) -> None:
    for task in TASKS:
        run(task, day)


def worker_asleep(day: date) -> None:
    """It ran on the first day, and then not until 9 March."""
    if day == FIRST or day >= AWAKE:
        worker_on(day)


def two_workers(day: date) -> None:
    for task in TASKS:
        in_parallel([lambda task=task: run(task, day), lambda task=task: run(task, day)])


class Office:
    """The people of the drill and what they do, by day."""

    def __init__(self, district: District) -> None:
        self.district = district
        Unit.objects.filter(pk=district.neighbour_unit.pk).update(is_provider=True)
        self.silent = UnitFactory(name="洛江区从不报送的单位", is_provider=True)
        self.early, self.late = (self._ready(district.unit), self._ready(district.neighbour_unit))
        self.holder = UnitFactory(name="洛江区办过班的单位", is_provider=True)
        self.holders_clerk = account_with(Role.UNIT_CLERK, self.holder)
        self.course = class_of(self.holder, opens_on=date(2026, 1, 29), title="一月的班")
        Plan.objects.filter(unit=self.holder).update(first_submitted_at=clock.now())
        self.refusals = 0

    def _ready(self, unit: Unit) -> Plan:
        plan = a_plan(unit, 2026, Plan.State.DRAFT)
        an_item(plan)
        clerk = self.district.owner if unit == self.district.unit else self.district.neighbour
        return with_scheme(plan, clerk)

    def act(self, day: date) -> None:
        acts = {
            date(2026, 2, 27): self.file_early,
            date(2026, 2, 28): self.send_back,
            date(2026, 3, 1): self.try_too_late,
            date(2026, 3, 4): self.mend,
            date(2026, 3, 5): self.extend,
            date(2026, 3, 6): self.file_late,
        }
        if day in acts:
            acts[day]()

    def file_early(self) -> None:
        fire(self.early, "submit", actor=self.district.owner)

    def send_back(self) -> None:
        fire(self.early, "return", actor=self.district.handler, data=WRONG)

    def try_too_late(self) -> None:
        with suppress(Refused):
            fire(self.late, "submit", actor=self.district.neighbour)
            raise AssertionError("a late submission was accepted")
        self.refusals += 1

    def mend(self) -> None:
        fire(self.early, "resubmit", actor=self.district.owner, data={"answers": {}})

    def extend(self) -> None:
        own = services.duties_of(frozenset({self.district.neighbour_unit.pk}))
        duty = next(each for each in own if each.deadline.kind == "plan")
        due = date(2026, 3, 8)
        asked = services.ask_for(duty=duty, asked_due=due, reason="停电", actor=self.district.neighbour)
        with_evidence(self.district, asked)
        fire(asked, "submit", actor=self.district.neighbour)
        fire(asked, "check", actor=self.district.handler)
        fire(asked, "grant", actor=self.district.approver, data={"due": due, "document": ""})

    def file_late(self) -> None:
        fire(self.late, "submit", actor=self.district.neighbour)


@pytest.mark.parametrize("worker", [worker_on, worker_asleep, two_workers])
def test_the_end_is_the_same(district: District, worker: Callable[[date], None]) -> None:
    with clock.at(moment(FIRST, time(8))):
        office = Office(district)
    for day in days():
        with clock.at(moment(day, time(8))):
            office.act(day)
        worker(day)
    assert office.refusals == 1
    assert final_state(office) == {
        "plans": {("early", "submitted"), ("late", "submitted")},
        "lapses": {
            ("plan", office.silent.name, "recorded", date(2026, 2, 28)),
            ("plan", district.neighbour_unit.name, "lifted", date(2026, 2, 28)),
            ("recognition", office.holder.name, "proposed", date(2026, 3, 2)),
        },
        "lapsed": 3,
        "received": 0,
        "told": {
            ("holder", f"申报学时认定：{office.course}：3月2日 截止，已逾期"),
            ("owner", f"{office.early}：退回补正"),
            ("neighbour", "报送 2026 年度培训办班计划：2月28日 截止，已逾期"),
            ("neighbour", "准予延期至 2026年3月8日 周日：报送 2026 年度培训办班计划"),
        },
    }
    skipped = Reminder.objects.filter(state=Reminder.State.SKIPPED)
    assert skipped.exists() is (worker is worker_asleep)
    assert reminded_at_most_once_a_day(district)


def final_state(office: Office) -> dict[str, Any]:
    """The district after the drill; when the worker wrote something down is left out, what it wrote is not."""
    people = {
        office.district.owner.pk: "owner",
        office.district.neighbour.pk: "neighbour",
        office.holders_clerk.pk: "holder",
    }
    outcomes = Notice.objects.exclude(key__startswith="reminder-").filter(recipient__in=people)
    plans = {"early": office.early, "late": office.late}
    return {
        "plans": {(name, Plan.objects.get(pk=plan.pk).state) for name, plan in plans.items()},
        "lapses": set(Lapse.objects.values_list("kind", "unit__name", "state", "due")),
        "lapsed": Event.objects.filter(name="lapsed").count(),
        "received": Event.objects.filter(name=answering.RECEIVED).count(),
        "told": {(people[pk], title) for pk, title in outcomes.values_list("recipient_id", "title")},
    }


def reminded_at_most_once_a_day(district: District) -> bool:
    keys = list(Notice.objects.filter(key__startswith="reminder-").values_list("recipient_id", "key"))
    return len(keys) == len(set(keys))

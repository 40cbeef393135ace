"""A drill: the district from 20 February to 10 March 2026, with an injected clock.

Once with the worker on, once with it asleep until 9 March, once with every task run by two workers at the same moment.
The workers are processes of their own, fed through the broker with the whole schedule of the system.
What the district looks like afterwards, and what people were told of it, is the same each time.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.celery import app
from luojiang_ce.jobs.recording import scheduled
from luojiang_ce.notices.models import Notice
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.drills import worker
from tests.factories import UnitFactory, account_with
from tests.processes import broker_of, environment, wait_for
from tests.training.factories import class_of
from tests.training.plans.factories import a_plan, an_item, with_scheme
from tests.units.extensions.cases import with_evidence
from training.plans.models import Plan
from units.extensions import services
from units.extensions.models import Lapse, Reminder
from units.lapses import answering
from units.models import Unit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_services, pytest.mark.thorough]

FIRST, LAST, AWAKE = date(2026, 2, 20), date(2026, 3, 10), date(2026, 3, 9)
WRONG = {"items": [{"where": "第 1 行", "wrong": "没有地点", "mend": "请补"}]}


def moment(day: date, at: time = time(9)) -> datetime:
    return datetime.combine(day, at, clock.SHANGHAI)


def days() -> Iterator[date]:
    day = FIRST
    while day <= LAST:
        yield day
        day += timedelta(days=1)


class Workers:
    """Some workers, each a process with a queue of its own: every task goes to all of them at the same moment."""

    def __init__(self, number: int, env: dict[str, str], folder: Path) -> None:
        self.queues = [f"drill-{folder.name}-{n}" for n in range(number)]
        self.folder, self.sent = folder, 0
        self.processes = [worker.start(queue, env, folder) for queue in self.queues]
        self.broker = broker_of(folder)

    def work(self, day: date) -> None:
        """The whole schedule of the system, once, at nine o'clock of the day; returns when all have done it."""
        (self.folder / "clock").write_text(moment(day).isoformat())
        # A broker of files may hand out a message that is still being written: nobody reads meanwhile.
        self._tell(signal.SIGSTOP)
        for task, queue in product(scheduled(), self.queues):
            app.send_task(task, queue=queue, connection=self.broker)
        self._tell(signal.SIGCONT)
        self.sent += len(scheduled())
        wait_for(lambda: all(len(self.done(queue)) == self.sent for queue in self.queues), self.processes)

    def done(self, queue: str) -> list[str]:
        """What a worker did so far: task and how it ended."""
        file = self.folder / queue
        return file.read_text().splitlines() if file.exists() else []

    def _tell(self, what: signal.Signals) -> None:
        for process in self.processes:
            process.send_signal(what)

    def stop(self) -> None:
        """They have done everything; a worker that is asked to go thinks about it for five seconds."""
        for process in self.processes:
            process.kill()
            process.wait()
        self.broker.close()


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Callable[[int], Workers]]:
    """`workers(number)` starts them on the test's database, with a VAR_DIR of their own."""
    running: list[Workers] = []

    def start(number: int) -> Workers:
        running.append(Workers(number, environment(connection, tmp_path), tmp_path))
        return running[-1]

    yield start
    for each in running:
        each.stop()


def always(day: date) -> bool:
    return True


def asleep_until_9_march(day: date) -> bool:
    """It ran on the first day, and then not until 9 March."""
    return day == FIRST or day >= AWAKE


class Office:
    """The people of the drill and what they do, by day."""

    def __init__(self, district: District) -> None:
        self.district = district
        Unit.objects.filter(pk=district.neighbour_unit.pk).update(is_provider=True)
        self.silent = UnitFactory(name="洛江区从不报送的单位", is_provider=True)
        self.early, self.late = (self._ready(district.unit), self._ready(district.neighbour_unit))
        self.slow_unit = UnitFactory(name="洛江区等了很久的单位", is_provider=True)
        self.slow_clerk = account_with(Role.UNIT_CLERK, self.slow_unit)
        self.slow = self._ready(self.slow_unit)
        self.holder = UnitFactory(name="洛江区办过班的单位", is_provider=True)
        self.holders_clerk = account_with(Role.UNIT_CLERK, self.holder)
        self.course = class_of(self.holder, opens_on=date(2026, 1, 29), title="一月的班")
        Plan.objects.filter(unit=self.holder).update(first_submitted_at=clock.now())
        self.refusals = 0

    def _ready(self, unit: Unit) -> Plan:
        plan = a_plan(unit, 2026, Plan.State.DRAFT)
        an_item(plan)
        clerks = {self.district.unit: self.district.owner, self.district.neighbour_unit: self.district.neighbour}
        return with_scheme(plan, clerks.get(unit) or self.slow_clerk)

    def act(self, day: date) -> None:
        acts = {
            date(2026, 2, 24): self.file_slow,
            date(2026, 2, 27): self.file_early,
            date(2026, 2, 28): self.send_back,
            date(2026, 3, 1): self.try_too_late,
            date(2026, 3, 4): self.mend,
            date(2026, 3, 7): self.answer_too_late,
            date(2026, 3, 5): self.extend,
            date(2026, 3, 6): self.file_late,
        }
        if day in acts:
            acts[day]()

    def file_slow(self) -> None:
        fire(self.slow, "submit", actor=self.slow_clerk)

    def answer_too_late(self) -> None:
        """The bureau's five working days after 24 February are over on 3 March: received by then, whoever slept."""
        fire(self.slow, "return", actor=self.district.handler, data=WRONG)

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
        duty = next(each for each in own if each.deadline.kind.code == "plan")
        due = date(2026, 3, 8)
        asked = services.ask_for(duty=duty, asked_due=due, reason="停电", actor=self.district.neighbour)
        with_evidence(self.district, asked)
        fire(asked, "submit", actor=self.district.neighbour)
        fire(asked, "check", actor=self.district.handler)
        fire(asked, "grant", actor=self.district.approver, data={"due": due, "document": ""})

    def file_late(self) -> None:
        fire(self.late, "submit", actor=self.district.neighbour)


@pytest.mark.parametrize(
    ("number", "awake"), [(1, always), (1, asleep_until_9_march), (2, always)], ids=["on", "asleep", "two at once"]
)
def test_the_end_is_the_same(
    district: District, workers: Callable[[int], Workers], number: int, awake: Callable[[date], bool]
) -> None:
    with clock.at(moment(FIRST, time(8))):
        office = Office(district)
    crew = workers(number)
    for day in days():
        with clock.at(moment(day, time(8))):
            office.act(day)
        if awake(day):
            crew.work(day)
    assert {line.split()[1] for queue in crew.queues for line in crew.done(queue)} == {"SUCCESS"}
    assert office.refusals == 1
    assert final_state(office) == {
        "plans": {("early", "submitted"), ("late", "submitted")},
        "lapses": {
            ("plan", office.silent.name, "recorded", date(2026, 2, 28)),
            ("plan", district.neighbour_unit.name, "lifted", date(2026, 2, 28)),
            ("recognition", office.holder.name, "proposed", date(2026, 3, 2)),
        },
        "lapsed": 3,
        "received": 1,
        "told": {
            ("holder", f"申报学时认定：{office.course}：3月2日 截止，已逾期"),
            ("owner", f"培训计划退回补正：{office.early}"),
            ("slow", f"视为已受理：{office.slow}"),
            ("slow", f"培训计划退回补正：{office.slow}"),
            ("neighbour", "报送 2026 年度培训办班计划：2月28日 截止，已逾期"),
            ("neighbour", "准予延期至 2026年3月8日 周日：报送 2026 年度培训办班计划"),
        },
    }
    skipped = Reminder.objects.filter(state=Reminder.State.SKIPPED)
    assert skipped.exists() is (awake is asleep_until_9_march)
    assert reminded_at_most_once_a_day(district)


def final_state(office: Office) -> dict[str, Any]:
    """The district after the drill; when the worker wrote something down is left out, what it wrote is not."""
    people = {
        office.district.owner.pk: "owner",
        office.district.neighbour.pk: "neighbour",
        office.holders_clerk.pk: "holder",
        office.slow_clerk.pk: "slow",
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

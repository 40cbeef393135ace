"""A drill: a whole class signs within a minute, and somebody guesses ten thousand numbers meanwhile.

Two gunicorn workers, as a small server has them, on the test's database: 500 phones on PostgreSQL, 60 on SQLite. Each
phone is new: it scans, is asked who holds it, and signs; every tenth is tapped twice at once. All signs are there once.
How long it took is printed (`-s`): a busy machine may take any time, so nothing is asked of it.
"""

from __future__ import annotations

import random
import re
import resource
import statistics
import subprocess
import sys
import time as stopwatch
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.db import connection

from luojiang_ce import clock
from luojiang_ce.refusals import NotPossible
from tests.conftest import District
from tests.factories import person_in
from tests.processes import environment, wait_for
from tests.run import free_port
from tests.training.attendance.phone.phones import Phone, said, shown
from tests.training.factories import class_of, enrol
from training.attendance.models import Sign
from training.attendance.phone.guessing import Claim, trainee_of
from training.attendance.phone.screen import address_of
from training.attendance.timetable import slots_of_class
from training.classes.models import ClassApplication, TimetableRow
from training.half_days import Slot
from units.models import Person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough]
WITHIN = 50  # seconds over which the phones come
TICKET = re.compile(r'name="ticket" value="([^"]+)"')
GUESSES = 10_000
LETTERS = "甲乙丙丁戊己庚辛壬癸"


@pytest.fixture
def course(district: District) -> ClassApplication:
    """A class whose one half-day is all of today; the day does not end during the drill."""
    while clock.local(clock.now()).time() > time(23, 56):
        stopwatch.sleep(5)
    made = class_of(district.unit, opens_on=clock.today(), days=1, half_days=())
    facts = {"course": "检测技术", "hours": Decimal(4), "starts_at": time(0, 0), "ends_at": time(23, 59)}
    TimetableRow.objects.create(application=made, date=clock.today(), half_day="morning", **facts)
    return made


def trainees(district: District, course: ClassApplication, number: int) -> list[Person]:
    people = []
    for n in range(number):
        people.append(
            person_in(district.neighbour_unit, f"学{LETTERS[n // 100]}{LETTERS[n // 10 % 10]}{LETTERS[n % 10]}")
        )
        enrol(course, people[-1])
    return people


@pytest.fixture
def server(tmp_path: Path) -> Iterator[int]:
    """The port of two sync workers on the test's database."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "luojiang_ce.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    process = subprocess.Popen([*command, "--log-level", "error"], env=environment(connection, tmp_path))
    wait_for(lambda: answers(port), [process])
    yield port
    process.terminate()
    process.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    sys.stdout.write(f"of the processor the workers used {used.ru_utime + used.ru_stime:.0f} s\n")


def answers(port: int) -> bool:
    try:
        return asked(port, "GET", "/check/")[0] == 200
    except OSError:
        return False


def asked(port: int, method: str, path: str, body: str = "", cookie: str = "") -> tuple[int, str, str]:
    """Status, cookie and text of one request."""
    to = HTTPConnection("127.0.0.1", port, timeout=300)
    headers = {"Content-Type": "application/x-www-form-urlencoded"} | ({"Cookie": cookie} if cookie else {})
    to.request(method, path, body or None, headers)
    got = to.getresponse()
    answer = (got.status, (got.getheader("Set-Cookie") or "").partition(";")[0], got.read().decode())
    to.close()
    return answer


@dataclass
class Crowd:
    """Phones that come within a minute, and how long each request and each sign took."""

    port: int
    course: ClassApplication
    slot: Slot
    requests: list[float] = field(default_factory=list)
    signs: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def come(self, person: Any, twice: bool, after: float) -> None:
        """One phone: it scans what the screen shows at that moment and signs."""
        stopwatch.sleep(after)
        begun = stopwatch.perf_counter()
        path = urlsplit(address_of(self.course, self.slot, "in", clock.now())).path
        status, cookie, page = self._asked("GET", path)
        ticket = TICKET.search(page)
        if status != 200 or ticket is None:
            self.refused.append(f"{status}: {page[-400:]}")
            return
        name, number = person
        body = urlencode({"ticket": ticket[1], "name": name, "number": number})
        with ThreadPoolExecutor(2) as taps:
            got = list(
                taps.map(lambda _: self._asked("POST", f"/s/{self.course.pk}/sign/", body, cookie), range(1 + twice))
            )
        self.signs.append(stopwatch.perf_counter() - begun)
        self.refused += [text[-600:] for status, _, text in got if status != 200]

    def _asked(self, *what: str) -> tuple[int, str, str]:
        begun = stopwatch.perf_counter()
        answer = asked(self.port, *what)
        self.requests.append(stopwatch.perf_counter() - begun)
        return answer


@pytest.mark.real_services
def test_a_whole_class_signs_within_a_minute(district: District, course: ClassApplication, server: int) -> None:
    number = 500 if connection.vendor == "postgresql" else 60
    people = [(person.name, person.id_number[-6:]) for person in trainees(district, course, number)]
    crowd, dice = Crowd(server, course, slots_of_class(course)[0]), random.Random(12)
    begun = stopwatch.perf_counter()
    with ThreadPoolExecutor(number) as phones:
        for n, person in enumerate(people):
            phones.submit(crowd.come, person, n % 10 == 0, dice.uniform(0, WITHIN))
    took = stopwatch.perf_counter() - begun
    sys.stdout.write(
        f"\n{number} sign-ins on {connection.vendor} in {took:.0f} s: of a request p50 {p(crowd.requests, 50)}, "
        f"p95 {p(crowd.requests, 95)}; of scan and sign together p95 {p(crowd.signs, 95)}\n"
    )
    assert crowd.refused == []
    per_person = Counter(Sign.objects.filter(kind="in", source="phone").values_list("enrolment", flat=True))
    assert set(per_person.values()) == {1}
    assert len(per_person) == number


def p(seconds: list[float], part: int) -> str:
    """That percentile, in milliseconds."""
    return f"{statistics.quantiles(seconds, n=100)[part - 1] * 1000:.0f} ms"


def test_ten_thousand_guesses_and_the_class_goes_on(district: District, course: ClassApplication) -> None:
    """The guesser has a current code, a new phone for each guess, twenty addresses, all names, and in time every right
    end of a number; at times whole numbers. None is taken; everybody else goes on signing."""
    people, slot, dice = trainees(district, course, 40), slots_of_class(course)[0], random.Random(12)
    known = Phone(course)
    assert "签到成功" in said(known.scan_and_sign(shown(course, slot, "in"), **typed(people[0])))
    taken, signed = [], 1
    begun = stopwatch.perf_counter()
    for n in range(GUESSES):
        person = people[n % len(people)]
        number = guess(person, n, dice)
        claim = Claim(person.name, number, f"guesser-{n}", f"198.51.100.{n % 20}")
        with suppress(NotPossible):
            taken.append(trainee_of(application=course, key=slot.key, claim=claim))
        if n % 500 == 250:
            signed += 1
            trainee = people[signed]
            answer = Phone(course, "203.0.113.5").scan_and_sign(
                shown(course, slot, "in"), name=trainee.name, number=trainee.id_number
            )
            assert "签到成功" in said(answer)
    sys.stdout.write(f"\n{GUESSES} guesses in {stopwatch.perf_counter() - begun:.0f} s, none taken\n")
    assert taken == []
    assert Sign.objects.count() == signed
    assert "已签到" in said(known.scan_and_sign(shown(course, slot, "in")))


def typed(person: Person) -> dict[str, str]:
    return {"name": person.name, "number": person.id_number[-6:]}


def guess(person: Person, n: int, dice: random.Random) -> str:
    """Wrong ends first, then each name's right end again and again; each fifth guess is a whole number of some day."""
    if n % 5 == 4:
        day = datetime.fromordinal(dice.randint(715_000, 730_000))
        return f"350504{day:%Y%m%d}{dice.randint(0, 9999):04d}"
    if n > 1000:
        return person.id_number[-6:]
    return next(f"{m:06d}" for m in range(n, n + 2) if f"{m:06d}" != person.id_number[-6:])

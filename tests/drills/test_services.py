"""A drill: what the system stands on goes away and comes back, while clerks save and an approver has papers made.

Web, worker and beat run as deploy/Procfile has them, on the test's database, with a Redis and a mail server of the
drill's: a worker that loses its Redis amid its work ends, and is begun again. Afterwards everything that was answered
as saved is there once; what was answered 503 came back with its text, was sent again from there, and is there once; the
papers are made and the mails sent, once; nothing is missing from the log. The long form does it again and again.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from luojiang_ce.jobs.models import Job
from luojiang_ce.notices.models import Delivery
from luojiang_ce.papers.models import Paper, Seal
from tests.conftest import District
from tests.drills import measured, times
from tests.drills.clerks import Office, act, saving
from tests.drills.races.papers import gaps_of_writers
from tests.luojiang_ce.notices.conftest import PostOffice
from tests.luojiang_ce.notices.conftest import post_office as post_office
from tests.luojiang_ce.notices.conftest import redis as redis
from tests.processes import Running, deployed, environment, wait_for
from tests.run import _postgres_bin, free_port, listens
from tests.verification.batches.samples import a_seal
from tests.verification.record.cases import attestation_of
from verification.record.models import Attestation

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_services, pytest.mark.thorough]
SETTINGS = "tests.drills.services_settings"


@dataclass(frozen=True)
class Site:
    """The running system: its port, its processes, its Redis."""

    port: int
    crew: Running
    broker: subprocess.Popen[bytes]

    def until(self, done: Callable[[], Any]) -> None:
        self.crew.until(done)


@pytest.fixture
def site(tmp_path: Path, redis: Any, post_office: PostOffice, settings: Any) -> Iterator[Site]:
    port, broker = free_port(), redis()
    env = {**environment(connection, tmp_path, SETTINGS), "BROKER_URL": redis.url, "PORT": str(port)}
    env["EMAIL_URL"] = f"smtp://127.0.0.1:{settings.EMAIL_PORT}"
    with deployed(env) as crew:
        crew.until(lambda: listens(port))
        yield Site(port, crew, broker)


def issue(site: Site, district: District, number: int = 2) -> list[Attestation]:
    """The approver has papers made, over the web; the clerk whose they are has an address."""
    if not Seal.objects.exists():
        a_seal(district.bureau)
    cases = [attestation_of(district, "submitted") for _ in range(number)]
    for case in cases:
        act(site.port, district.approver, case, "issue")
    return cases


def caught_up(site: Site, post_office: PostOffice, cases: list[Attestation]) -> None:
    """Waits until nothing waits any more; everything was done once."""
    keys = [case.pk for case in cases]
    papers = Paper.objects.filter(case_type=Attestation._meta.label_lower, case_id__in=keys)
    site.until(lambda: papers.filter(state=Paper.State.ISSUED).count() == len(cases))
    site.until(lambda: not Delivery.objects.filter(state=Delivery.State.WAITING).exists())
    site.until(lambda: not Job.objects.exclude(state=Job.State.DONE).exists())
    assert papers.count() == len(cases)
    assert [paper.seal_uses.count() for paper in papers] == [1] * len(cases)
    sent = [mail["message-id"] for mail in post_office.taken]
    assert len(sent) == len(set(sent)) == Delivery.objects.filter(state=Delivery.State.SENT).count() > 0
    assert gaps_of_writers() == []


def said(what: str, office: Office) -> None:
    measured(
        f"{what} on {connection.vendor}: {office.number} saved, {office.came_back} pages came back with their text"
    )


def test_redis_is_stopped(site: Site, redis: Any, post_office: PostOffice, district: District) -> None:
    broker = site.broker
    with saving(site.port, district.unit) as office:
        cases = issue(site, district, 1)
        for _ in range(times(1, 5)):
            broker.terminate()
            broker.wait()
            cases += issue(site, district, 1)
            office.until_more_is_saved()
            broker = redis()
            caught_up(site, post_office, cases)
    assert office.came_back == 0, "a bell that cannot be rung is no reason to refuse"
    said("Redis stopped", office)


@contextmanager
def away() -> Iterator[None]:
    """The database: stopped as by a power cut, or on SQLite held by somebody else."""
    if connection.vendor == "postgresql":
        with stopped():
            yield
        return
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, timeout=600)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def stopped() -> Iterator[None]:
    """The throw-away cluster of this run."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        data = Path(cursor.fetchone()[0])
    assert data.parent.name.startswith("luojiang-ce-services-"), f"{data} is no throw-away cluster: not stopped"
    options = (data / "postmaster.opts").read_text().strip().split(maxsplit=3)[3].replace('"', "")  # after -D folder
    connection.close()
    pg_ctl(data, "-m", "immediate", "stop")
    try:
        yield
    finally:
        pg_ctl(data, "-o", options, "-l", str(data / "log"), "start")


def pg_ctl(data: Path, *args: str) -> None:
    owner = data.stat()
    who: dict[str, Any] = {}
    if os.getuid() != owner.st_uid:
        who = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    command = [str(_postgres_bin() / "pg_ctl"), "-D", str(data), "-w", "-t", "600", *args]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **who)


def test_the_database_is_away(site: Site, post_office: PostOffice, district: District) -> None:
    cases: list[Attestation] = []
    with saving(site.port, district.unit) as office:
        for _ in range(times(1, 5)):
            cases += issue(site, district, 1)
            before = office.came_back
            with away():
                office.until(lambda before=before: office.came_back > before)
            office.until_more_is_saved()
        caught_up(site, post_office, cases)
    said("database away", office)


def test_the_mail_server_refuses(site: Site, post_office: PostOffice, district: District) -> None:
    """For now (4xx): every mail is sent later, once."""
    number = times(2, 20)
    with saving(site.port, district.unit) as office:
        post_office.answers = ["451 busy, come back later"] * number
        cases = issue(site, district, number)
        wait_for(lambda: len(post_office.seen) >= number)
        office.until_more_is_saved()
        assert Delivery.objects.filter(state=Delivery.State.WAITING, attempts__gte=1).exists()
        caught_up(site, post_office, cases)
    said("mail refused", office)

"""A drill: what the system stands on goes away and comes back, while clerks save and an approver has papers made.

Web, worker and beat run as deploy/Procfile has them, on the test's database, with a Redis and a mail server of the
drill's: a worker that loses its Redis amid its work ends, and is begun again. Afterwards everything that was answered
as saved is there once; what was answered 503 came back with its text, was sent again from there, and is there once; the
papers are made and the mails sent, once; nothing is missing from the log. The long form does it again and again.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as own_settings
from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse
from kombu import Connection

from luojiang_ce import clock
from luojiang_ce.celery import app
from luojiang_ce.files.models import Attachment
from luojiang_ce.health.probes import WATCH, troubles
from luojiang_ce.jobs.heartbeat import last_heartbeat
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import MAX_ATTEMPTS
from luojiang_ce.notices.models import Delivery, Notice
from luojiang_ce.papers.models import Paper, Seal
from luojiang_ce.workflow import chain
from tests.conftest import District
from tests.drills import measured, times
from tests.drills.clerks import Browser, Office, act, saving
from tests.drills.races.papers import gaps_of_writers
from tests.luojiang_ce.notices.conftest import PostOffice
from tests.luojiang_ce.notices.conftest import post_office as post_office
from tests.luojiang_ce.notices.conftest import redis as redis
from tests.processes import Running, deployed, environment, wait_for
from tests.run import _postgres_bin, free_port, listens
from tests.training.plans.factories import a_plan, a_scan
from tests.verification.batches.samples import a_seal
from tests.verification.record.cases import attestation_of
from units.opinions.models import Opinion
from verification.record.models import Attestation

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_services, pytest.mark.thorough]
SETTINGS = "tests.drills.services_settings"
WRONG_CLOCK = "运行状况：系统时钟"


@dataclass(frozen=True)
class Site:
    """The running system: its port, its processes, its Redis."""

    port: int
    crew: Running
    broker: subprocess.Popen[bytes]

    def until(self, done: Callable[[], Any]) -> None:
        self.crew.until(done)

    def begin_behind_anew(self) -> None:
        """Worker and beat end, and are started again by what keeps them running."""
        for keeper in self.crew.processes[1:]:
            kept = Path(f"/proc/{keeper.pid}/task/{keeper.pid}/children")
            self.until(kept.read_text)  # it has just been started itself
            before = kept.read_text()
            os.kill(int(before), signal.SIGTERM)
            self.until(lambda before=before, kept=kept: kept.read_text() not in ("", before))


@contextmanager
def running(var: Path, redis: Any, **behind: str) -> Iterator[Site]:
    """All of it, with this folder; `behind`: what the environment of worker and beat has besides."""
    port, broker = free_port(), redis()
    env = {**environment(connection, var, SETTINGS), "BROKER_URL": redis.url, "PORT": str(port)}
    env["TMPDIR"] = str(var)  # most machines have one disk
    env["EMAIL_URL"] = f"smtp://127.0.0.1:{own_settings.EMAIL_PORT}"
    with deployed(env, behind) as crew:
        crew.until(lambda: listens(port))
        yield Site(port, crew, broker)


@pytest.fixture
def site(tmp_path: Path, redis: Any, post_office: PostOffice) -> Iterator[Site]:
    with running(tmp_path, redis) as site:
        yield site


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
    site.until(lambda: papers_of(cases, Paper.State.ISSUED).count() == len(cases))
    site.until(lambda: not Delivery.objects.filter(state=Delivery.State.WAITING).exists())
    site.until(lambda: not Job.objects.exclude(state=Job.State.DONE).exists())
    papers = papers_of(cases)
    assert len(papers) == len(cases)
    assert [paper.seal_uses.count() for paper in papers] == [1] * len(cases)
    sent = [mail["message-id"] for mail in post_office.taken]
    assert len(sent) == len(set(sent)) == Delivery.objects.filter(state=Delivery.State.SENT).count() > 0


def papers_of(cases: list[Attestation], *states: str) -> QuerySet[Paper]:
    keys = [case.pk for case in cases]
    rows = Paper.objects.filter(case_type=Attestation._meta.label_lower, case_id__in=keys)
    return rows.filter(state__in=states) if states else rows


def said(what: str, office: Office) -> None:
    assert gaps_of_writers() == []
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


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """16 MB, mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "none", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("nothing may be mounted here (this needs root), so no disk can be filled")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Not a byte more."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as out, suppress(OSError):
        while True:
            out.write(bytes(65536))
    try:
        yield
    finally:
        ballast.unlink()


def test_the_disk_of_the_files_is_full(
    small_disk: Path, redis: Any, post_office: PostOffice, district: District
) -> None:
    """What needs no room goes on; a job waits for room, however often it is tried; of a file that finds none the text
    beside it comes back."""
    cases: list[Attestation] = []
    district.neighbour_unit.supervisor = district.unit
    district.neighbour_unit.save()
    with running(small_disk, redis) as site, saving(site.port, district.unit) as office, ThreadPoolExecutor(1) as pool:
        for n in range(times(1, 5)):
            plan = a_plan(district.neighbour_unit, 2027 + n, state="submitted", first_submitted_at=clock.now())
            clerk, path = (
                Browser(site.port, district.owner),
                reverse("opinions:give", args=["training_plans.plan", plan.pk]),
            )
            with full(small_disk):
                cases += issue(site, district, 1)
                scan = {"file": ("意见.png", a_scan().read())}
                given = pool.submit(clerk.save, path, scan, result="agreed", text="同意，请按计划组织")
                site.until(lambda given=given, clerk=clerk: given.done() or clerk.came_back)
                tries = tries_of(cases[-1])
                site.until(lambda tries=tries: tries() > MAX_ATTEMPTS)
                office.until_more_is_saved()
            given.result()
            opinion = Opinion.objects.get(case_type=plan._meta.label_lower, case_id=plan.pk)
            assert opinion.text == "同意，请按计划组织"
            assert Attachment.objects.of(opinion).count() == 1
            caught_up(site, post_office, cases)
        assert strays(small_disk / "files") == set()
        assert office.came_back == 0, "a row of a plan needs no room on this disk"
    said("disk full", office)


def tries_of(case: Attestation) -> Callable[[], int]:
    """How often the job of its paper, once it is asked for, has been begun, as far as was seen."""
    paper, begun = Paper.objects.filter(case_type=case._meta.label_lower, case_id=case.pk), set()

    def seen() -> int:
        of_it = Job.objects.filter(pk__in=paper.values("job_id"), started_at__isnull=False)
        begun.update(of_it.values_list("started_at", flat=True))
        return len(begun)

    return seen


def strays(files: Path) -> set[str]:
    """Files that belong to nothing: half written, or made again."""
    there = {str(each.relative_to(files)) for each in files.rglob("*") if each.is_file()}
    return (
        there
        - set(Paper.objects.values_list("file", flat=True))
        - set(Attachment.objects.values_list("file", flat=True))
    )


class Clock:
    """That of worker and beat, by libfaketime: `env` is what their environment has for it."""

    def __init__(self, folder: Path, library: Path) -> None:
        self._file = folder / "clock"
        # Read as a process begins: what measures durations would jump along in the midst of them.
        rules = {"FAKETIME_TIMESTAMP_FILE": str(self._file), "FAKETIME_CACHE_DURATION": "1000000"}
        self.env = {"LD_PRELOAD": str(library), **rules}

    def set(self, hours: int) -> None:
        """So many hours ahead, from when they begin."""
        self._file.write_text(f"{hours * 3600:+d}")


@pytest.fixture
def wrong(tmp_path: Path) -> Clock:
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if library is None:
        pytest.skip("libfaketime is not installed: `make test` installs it")
    return Clock(tmp_path, library)


def test_the_clock_of_the_worker_is_wrong(
    wrong: Clock, tmp_path: Path, redis: Any, post_office: PostOffice, district: District
) -> None:
    """An hour back, an hour ahead, right again: papers are made all the while, those who mend the system are told, and
    the log says it of itself and takes it for no alteration. In the end health has nothing more to say of clocks."""
    cases: list[Attestation] = []
    wrong.set(0)
    with running(tmp_path, redis, **wrong.env) as site, saving(site.port, district.unit) as office:
        site.until(last_heartbeat)
        for hours in times(1, 3) * (-1, 1):
            wrong.set(hours)
            site.begin_behind_anew()
            Notice.objects.filter(title=WRONG_CLOCK).delete()
            cases.extend(issue(site, district, 1))
            site.until(lambda: papers_of(cases, Paper.State.ISSUED).count() == len(cases))
            office.until_more_is_saved()
            ask_to_look(redis.url)
            site.until(clock_is_told)
        wrong.set(0)
        site.begin_behind_anew()
        cases.extend(issue(site, district, 1))
        caught_up(site, post_office, cases)
        ask_to_look(redis.url)
        site.until(lambda: not seen_from_here() & {"clock", "worker"})
    told = chain.check().backwards
    assert told
    assert gaps_of_writers() == []
    assert office.came_back == 0
    measured(f"clock moved on {connection.vendor}: {office.number} saved, told by the log in {len(told)} lines")


def ask_to_look(broker: str) -> None:
    """The worker looks whether all is well and tells administrators, as beat has it do every ten minutes."""
    app.send_task(WATCH, connection=Connection(broker))


def clock_is_told() -> bool:
    """By a look from here, or by the worker's own."""
    return "clock" in seen_from_here() or Notice.objects.filter(title=WRONG_CLOCK).exists()


def seen_from_here() -> set[str]:
    return {each.probe.name for each in troubles()}

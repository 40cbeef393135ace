"""What `make test` runs, side by side: every test on SQLite, those with the browser, and the checks followed by what
needs PostgreSQL and Redis. Each waits for processes and pages now and then: together they leave no core idle, and how
fast a test goes is no part of it. What would be muddled with the dots of the first is shown when it has ended.

`make quick` leaves out the browser, the services, and what is marked `thorough`. `make drills` runs the long form of
tests/drills alone, one after the other, with what they measure.
At the end it says what was not run, and why. Ports and folders are its own, so a running system is not touched.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PYTEST = (str(ROOT / ".venv" / "bin" / "python"), "-m", "pytest")
ON_BOTH_CORES = ("-n", "2", "--dist", "worksteal")
LEFT_OUT = (
    "the browser, PostgreSQL and Redis, and what is marked thorough: every URL with every role and with rubbish, "
    "every transition by everybody, the demo, workers that are killed, long papers"
)
# What is set for a running system; and that nothing compiled is kept, for then each process begins with eight seconds.
NOT_TAKEN_ON = {"DATABASE_URL", "BROKER_URL", "VAR_DIR", "DEMO", "PORT", "DRILLS", "PYTHONDONTWRITEBYTECODE"}
CLEAN = {name: value for name, value in os.environ.items() if name not in NOT_TAKEN_ON}


def main() -> int:
    report = Report()
    side_by_side = SIDE_BY_SIDE[sys.argv[1] if sys.argv[1:] else "test"]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda work: work(report), side_by_side))
    for line in report.not_run:
        print(f"not run: {line}")
    print(f"FAILED: {', '.join(report.failed)}" if report.failed else "all checks and tests that were run passed")
    return len(report.failed)


@dataclass
class Report:
    """What is said at the end."""

    failed: list[str] = field(default_factory=list)
    not_run: list[str] = field(default_factory=list)

    def run(self, name: str, *command: str, shown: bool = True, **env: str) -> None:
        """Run a command; what it says is shown as it comes, or where that would be muddled, when it has ended."""
        title = f"\n=== {' '.join(command).replace(f'{ROOT}/', '')}\n"
        if shown:
            print(title, end="", flush=True)
        pipe = {} if shown else {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        ended = subprocess.run(command, cwd=ROOT, env={**CLEAN, **env}, check=False, text=True, **pipe)
        if not shown:
            print(f"{title}{ended.stdout}", end="", flush=True)
        if ended.returncode:
            self.failed.append(name)


def quick(report: Report) -> None:
    report.run("quick tests", *PYTEST, *ON_BOTH_CORES, "-m", "not browser and not thorough")
    report.not_run.append(f"make quick leaves out {LEFT_OUT}; make test runs it all")


def on_sqlite(report: Report) -> None:
    report.run("tests on SQLite", *PYTEST, *ON_BOTH_CORES, "-m", "not browser")


def in_the_browser(report: Report) -> None:
    if os.environ.get("CHROMIUM") or any(map(shutil.which, BROWSERS)):
        report.run("browser tests", *PYTEST, *ON_BOTH_CORES, "-m", "browser", shown=False)
    else:
        report.not_run.append("browser tests: Chromium is not installed (apt-get install chromium)")


def checks_and_services(report: Report) -> None:
    check(report)
    with services(report.not_run) as env:
        if env:
            report.run("tests on PostgreSQL and Redis", *PYTEST, "-m", "real_services", shown=False, **env)


def drills(report: Report) -> None:
    """Nothing runs beside them: they measure. On PostgreSQL all of them too, whatever `make test` leaves to SQLite."""
    command = (*PYTEST, "-s", "-v", "-n", "0", "tests/drills")
    report.run("drills on SQLite", *command, DRILLS="1")
    with services(report.not_run) as env:
        if env:
            report.run("drills on PostgreSQL and Redis", *command, DRILLS="1", **env)


def check(report: Report) -> None:
    with tempfile.TemporaryDirectory(prefix="luojiang-ce-check-") as var:
        report.run("make check", "make", "--no-print-directory", "check", shown=False, VAR_DIR=var)


@contextmanager
def services(not_run: list[str]) -> Iterator[dict[str, str]]:
    """A PostgreSQL and a Redis of our own on free ports; nothing and a reason where one cannot be had."""
    with tempfile.TemporaryDirectory(prefix="luojiang-ce-services-") as folder:
        os.chmod(folder, 0o755)
        try:
            postgres, redis = Postgres(Path(folder)), Redis(Path(folder))
        except Missing as missing:
            not_run.append(f"tests on PostgreSQL and Redis: {missing}")
            yield {}
            return
        try:
            yield {"DATABASE_URL": postgres.start(), "BROKER_URL": redis.start()}
        finally:
            postgres.stop()
            redis.stop()


class Missing(Exception):
    """A program that is not installed here."""


class Postgres:
    """A throw-away cluster; initdb refuses root, so root lends it to an unprivileged account."""

    def __init__(self, folder: Path) -> None:
        self.bin = _postgres_bin()
        self.data, self.port = folder / "postgres", free_port()
        self.data.mkdir()
        self.user = _unprivileged()
        if self.user:
            shutil.chown(self.data, self.user.pw_uid, self.user.pw_gid)

    def start(self) -> str:
        self._do("initdb", "-D", str(self.data), "-U", "tests", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        options += " -c max_connections=300"  # two hundred book at once
        self._do("pg_ctl", "-D", str(self.data), "-o", options, "-w", "-l", str(self.data / "log"), "start")
        return f"postgres://tests@127.0.0.1:{self.port}/postgres"

    def stop(self) -> None:
        self._do("pg_ctl", "-D", str(self.data), "-m", "immediate", "stop")

    def _do(self, program: str, *args: str) -> None:
        who = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}
        subprocess.run([self.bin / program, *args], check=True, stdout=subprocess.DEVNULL, cwd="/", **who)


class Redis:
    """A throw-away Redis, in memory only."""

    def __init__(self, folder: Path) -> None:
        if not shutil.which("redis-server"):
            raise Missing("redis-server is not installed (apt-get install redis-server)")
        self.folder, self.port = folder, free_port()

    def start(self) -> str:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        self.process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
        self._wait()
        return f"redis://127.0.0.1:{self.port}/0"

    def _wait(self) -> None:
        while self.process.poll() is None:
            if listens(self.port):
                return
            time.sleep(0.1)
        raise RuntimeError(f"redis-server ended before it listened on port {self.port}")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


def listens(port: int) -> bool:
    """Does anybody, on this machine?"""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _postgres_bin() -> Path:
    found = shutil.which("initdb")
    candidates = [Path(found)] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not candidates:
        raise Missing("PostgreSQL is not installed (apt-get install postgresql)")
    return candidates[-1].parent


def _unprivileged() -> pwd.struct_passwd | None:
    if os.getuid():
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Missing("PostgreSQL cannot run as root, and there is no account postgres or nobody")


SIDE_BY_SIDE = {
    "test": (on_sqlite, in_the_browser, checks_and_services),
    "quick": (quick, check),
    "drills": (drills,),
}


if __name__ == "__main__":
    sys.exit(main())

"""What `make test` runs: the checks, every test on SQLite, then what needs real services on PostgreSQL and Redis.

At the end it says what could not be run, and why. Ports and folders are its own, so a running system is not touched.
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
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PYTHON = str(ROOT / ".venv" / "bin" / "python")
CLEAN = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "BROKER_URL", "VAR_DIR", "DEMO", "PORT"}}


def main() -> int:
    failed, not_run = [], []
    with tempfile.TemporaryDirectory(prefix="luojiang-ce-check-") as var:
        if run(["make", "--no-print-directory", "check"], VAR_DIR=var):
            failed.append("make check")
    if run([PYTHON, "-m", "pytest", "-n", "2", "--dist", "loadgroup", "-m", "not browser"]):
        failed.append("tests on SQLite")
    if not os.environ.get("CHROMIUM") and not any(map(shutil.which, BROWSERS)):
        not_run.append("browser tests: Chromium is not installed (apt-get install chromium)")
    elif run([PYTHON, "-m", "pytest", "-m", "browser"]):
        failed.append("browser tests")
    with services(not_run) as env:
        if env and run([PYTHON, "-m", "pytest", "-m", "real_services"], **env):
            failed.append("tests on PostgreSQL and Redis")
    for line in not_run:
        print(f"not run: {line}")
    print(f"FAILED: {', '.join(failed)}" if failed else "all checks and tests passed")
    return len(failed)


def run(command: list[str], **env: str) -> int:
    print(f"\n=== {' '.join(command).replace(str(ROOT) + '/', '')}", flush=True)
    return subprocess.run(command, cwd=ROOT, env={**CLEAN, **env}, check=False).returncode


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
        _wait_for(self.port)
        return f"redis://127.0.0.1:{self.port}/0"

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"nothing listens on port {port}")


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


if __name__ == "__main__":
    sys.exit(main())

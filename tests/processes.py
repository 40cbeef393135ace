"""Processes of their own that work on the database of the test that starts them."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings as own_settings
from kombu import Connection

from luojiang_ce.celery import app


def environment(connection: Any, var: Path, settings: str = "tests.settings") -> dict[str, str]:
    """The environment of such a process; `var` is its VAR_DIR. The test must not be inside a transaction."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": settings,
        "DATABASE_URL": _url(connection.settings_dict),
        "VAR_DIR": str(var),
    }


def _url(settings: Any) -> str:
    if settings["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{settings['NAME']}"
    user = f"{settings['USER']}:{settings['PASSWORD']}@" if settings["USER"] else ""
    return f"postgres://{user}{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"


@dataclass(frozen=True)
class Running:
    """Processes that work for a test."""

    processes: list[subprocess.Popen[bytes]]

    def kill(self) -> None:
        """All at once, as a power cut does."""
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def until(self, done: Callable[[], Any]) -> None:
        """Wait for what they are to do, however slow the machine is; fails when one of them ends before."""
        wait_for(done, self.processes)


@contextmanager
def worker_and_beat(env: Mapping[str, str]) -> Iterator[Running]:
    """Worker and beat as deploy/Procfile starts them."""
    commands = (_command("worker"), _command("beat"))
    running = Running(
        [subprocess.Popen(each, env=env, cwd=own_settings.BASE_DIR, start_new_session=True) for each in commands]
    )
    try:
        yield running
    finally:
        running.kill()


def wait_for(done: Callable[[], Any], alive: Iterable[subprocess.Popen[bytes]] = ()) -> None:
    """No clock ends this, since a busy machine may take any time; it fails when one of the `alive` has ended."""
    while not done():
        assert all(process.poll() is None for process in alive), "a process died"
        time.sleep(0.05)


@contextmanager
def deployed(env: Mapping[str, str], behind: Mapping[str, str]) -> Iterator[Running]:
    """Web, worker and beat as deploy/Procfile starts them, and starts them again when they end. `behind`: what the
    environment of worker and beat has besides."""
    envs = {"web": env, "worker": {**env, **behind}, "beat": {**env, **behind}}
    running = Running(
        [subprocess.Popen(["sh", "-c", _line(name)], env=own, cwd=own_settings.BASE_DIR) for name, own in envs.items()]
    )
    try:
        yield running
    finally:
        for process in running.processes:
            process.terminate()
        for process in running.processes:
            process.wait()


def procfile(name: str) -> str:
    """How deploy/Procfile starts it, without what starts it again when it ends: a test wants to see that."""
    return _line(name).partition(" deploy/keep_running.py ")[2]


def _line(name: str) -> str:
    lines = (Path(own_settings.BASE_DIR) / "deploy" / "Procfile").read_text().splitlines()
    return next(line for line in lines if line.startswith(f"{name}:")).removeprefix(f"{name}:")


def broker_of(var: Path) -> Connection:
    """The broker of the processes whose VAR_DIR this is: where it is a folder, it is one of theirs."""
    options = dict(app.conf.broker_transport_options)
    folders = {"data_folder_in": "broker", "data_folder_out": "broker", "processed_folder": "broker-done"}
    own = {key: var / name for key, name in folders.items() if key in options}
    for folder in own.values():
        folder.mkdir(parents=True, exist_ok=True)
    options |= {key: str(folder) for key, folder in own.items()}
    return Connection(app.conf.broker_url, transport_options=options)


def _command(name: str) -> list[str]:
    program, *options = shlex.split(procfile(name))
    assert program.endswith("/celery")
    return [sys.executable, "-m", "celery", *options]

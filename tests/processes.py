"""Processes of their own that work on the database of the test that starts them."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings as own_settings

PATIENCE = 60  # seconds; what is waited for takes three or four


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


@contextmanager
def worker_and_beat(env: Mapping[str, str]) -> Iterator[Callable[[], None]]:
    """Worker and beat as deploy/Procfile starts them; what is given kills both at once, as a power cut does."""
    running = [
        subprocess.Popen(command, env=env, cwd=own_settings.BASE_DIR, start_new_session=True)
        for command in (_command("worker"), _command("beat"))
    ]

    def kill() -> None:
        for process in running:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    try:
        yield kill
    finally:
        kill()


def wait_for(what: Callable[[], Any]) -> None:
    """Until it is true; fails when that takes too long."""
    until = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.2)


def _command(name: str) -> list[str]:
    lines = (Path(own_settings.BASE_DIR) / "deploy" / "Procfile").read_text().splitlines()
    line = next(line for line in lines if line.startswith(f"{name}:"))
    program, *options = shlex.split(line.partition(":")[2])
    assert program.endswith("/celery")
    return [sys.executable, "-m", "celery", *options]

"""`make run`, started for real: whatever of it is killed comes back, and when it is told to end nothing is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.migrated import migrated_copy
from tests.processes import wait_for
from tests.run import CLEAN, free_port

pytestmark = pytest.mark.thorough
ROOT = Path(__file__).resolve().parents[2]


class Run:
    """What runs in a VAR_DIR of its own."""

    def __init__(self, var: Path) -> None:
        self.var, self.port = var, free_port()
        own = ("SECRET_KEY", "ID_LOOKUP_KEY", "EVENT_LOG_KEY", "ID_ENCRYPTION_KEY", "SIGNING_SECRET", "VAR_DIR_OF")
        env = {name: value for name, value in CLEAN.items() if name not in {*own, "DJANGO_SETTINGS_MODULE"}}
        self.said = (var / "said").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "deploy/start.py"],
            cwd=ROOT,
            env={**env, "VAR_DIR": str(var), "PORT": str(self.port), "DEMO": "1"},
            stdout=self.said,
            stderr=subprocess.STDOUT,
        )

    def answers(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/health/live", timeout=5) as answer:
                return answer.status == 200
        except (URLError, OSError):
            return False

    def pids(self, *words: str) -> list[int]:
        """Of its processes, those whose command has all these words."""
        return [pid for pid, command in self._running() if all(word in command for word in words)]

    def _running(self) -> Iterator[tuple[int, str]]:
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if f"VAR_DIR={self.var}\0" in (folder / "environ").read_text(errors="replace") + "\0":
                    command = (folder / "cmdline").read_text().replace("\0", " ")
                    if command:  # a zombie has none
                        yield int(folder.name), command
            except OSError:
                continue

    def until(self, done: Callable[[], object]) -> None:
        wait_for(done, [self.process])


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    (tmp_path / "demo").touch()  # it is loaded already, as far as the start can tell
    with migrated_copy(tmp_path / "db.sqlite3"):
        started = Run(tmp_path)
        try:
            yield started
        finally:
            for pid in started.pids():
                os.kill(pid, signal.SIGKILL)
            started.process.wait()
            started.said.close()


def test_what_is_killed_comes_back_and_nothing_is_left_behind(run: Run) -> None:
    run.until(run.answers)
    keeper = ("keep_running.py", "gunicorn")
    # A worker of the web, the web, the worker of the tasks; then what keeps the web running.
    for words in (("gunicorn", "luojiang_ce.wsgi"), ("celery", " worker ")):
        run.until(lambda words=words: set(run.pids(*words)) - set(run.pids("keep_running.py")))
        before = set(run.pids(*words)) - set(run.pids("keep_running.py"))
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        run.until(lambda words=words, before=before: set(run.pids(*words)) - set(run.pids("keep_running.py")) - before)
        run.until(run.answers)
    before = run.pids(*keeper)
    os.kill(before[0], signal.SIGKILL)
    run.until(lambda: set(run.pids(*keeper)) - set(before))
    run.until(run.answers)
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait() == 0
    until = time.monotonic() + 30
    while run.pids() and time.monotonic() < until:
        time.sleep(0.1)
    assert run.pids() == []
    said = Path(run.said.name).read_text()
    assert "gunicorn 已退出（-9），1 秒后重新启动" in said
    assert "celery 已退出（-9），1 秒后重新启动" in said
    assert "有进程意外终止，1 秒后全部重新启动" in said

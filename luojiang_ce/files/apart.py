"""What is risky to read is read in a process of its own, which may take so much memory and time: packed a thousandfold,
a file of a megabyte becomes gigabytes, and a crafted one keeps its readers turning for ever. What becomes of the
process is then nothing to the worker.

The process is asked in lines of JSON and answers in such; its module imports neither settings nor models.
"""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from luojiang_ce.children import bare_environment

ROOT = Path(__file__).resolve().parents[2]


# By these somebody else has ended it (a stop of the service, the machine out of memory): no word against what was read.
_FROM_OUTSIDE = frozenset({-signal.SIGTERM, -signal.SIGKILL, -signal.SIGINT, -signal.SIGHUP})


class Stopped(Exception):
    """The process was ended from outside, over whatever it was reading: it can be read again."""


class Apart:
    """Asks the process of a module one thing after the other; where it did not survive one, another is begun."""

    module: str

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._end()

    def ask(self, question: Any) -> Any:
        """The answer; None where the process has ended over the question. Raises Stopped."""
        process = self._process = self._process or begun("-m", self.module)
        answer = asked(process, question)
        if answer:
            return json.loads(answer)
        code = process.wait()
        self._end()
        if code in _FROM_OUTSIDE:
            raise Stopped
        return None

    def _end(self) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None


def begun(*arguments: str) -> subprocess.Popen[str]:
    """A process of Python that is asked and answers in lines."""
    return subprocess.Popen(  # noqa: S603  modules of ours alone
        [sys.executable, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env=bare_environment(),
    )


def asked(process: subprocess.Popen[str], question: Any) -> str:
    """A line of JSON; empty where the process has ended over the question."""
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(BrokenPipeError):
        process.stdin.write(f"{json.dumps(question)}\n")
        process.stdin.flush()
    return process.stdout.readline()


def answer_all(answer: Callable[[Any], Any], *, memory: int, patience: int) -> None:
    """In the process: answer whatever is asked, until nobody asks. `memory` in bytes; `patience`: seconds for one
    answer, after which the process ends."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    for question in sys.stdin:
        signal.alarm(patience)
        sys.stdout.write(f"{json.dumps(answer(json.loads(question)))}\n")
        sys.stdout.flush()
        signal.alarm(0)

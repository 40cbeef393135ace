"""What strangers send is read in a process of its own, which stands by: to begin one for each file would take longer
than to read it. It may take so much time of a processor, so much time in all and so much memory for one file, and gives
way to pages. What becomes of it is nothing to whoever asks: the next question finds a new one.

One file is read at a time in each server process, and few wait: whatever is sent, threads are left for everybody else.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import IO, Any, NamedTuple

from django.conf import settings

from luojiang_ce.children import bare_environment

ROOT = Path(__file__).resolve().parents[2]
MODULE = "luojiang_ce.uploads.answering"
MOST_AT_ONCE = 3  # of a server process' threads (deploy: four), that read or wait to
MOST_ANSWERS = 500  # of one process; then another begins, whatever this one has gathered


@dataclass(frozen=True)
class Budget:
    """What one file may take: seconds of a processor, bytes of memory, seconds in all (0: as in a request; others may
    have the processor meanwhile); and bytes of what is said of it, and of what is made of it, which whoever asks has to
    hold."""

    cpu: float
    memory: int
    wall: float = 0
    answer: int = 60_000_000


# A photograph takes a tenth of a second, 40 megapixels in colour half of one and 250 MB.
ONE_FILE = Budget(cpu=2, memory=500_000_000)


class Answer(NamedTuple):
    """What was said of a file, and what was made of it."""

    said: Any
    content: bytes


class Busy(Exception):
    """As many files are being read as may be; nothing was read."""


class TooMuch(Exception):
    """The process ended over the file: it asks for more than its budget, or breaks its readers."""


class Reader:
    """The process of one server process, for all its threads."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._answers = 0
        self._one, self._waiting = Lock(), BoundedSemaphore(MOST_AT_ONCE)

    def ask(self, function: str, content: bytes, budget: Budget = ONE_FILE, patience: float = 0, **told: Any) -> Answer:
        """What `module:function` says of a file. Raises Busy after `patience` (seconds; 0: longer than a page's file
        may take, so that one crafted file turns nobody else's away), TooMuch."""
        with self._turn(patience or settings.READER_SECONDS + 1):
            if self._answers >= MOST_ANSWERS or self._owner != os.getpid():
                self.end()
            if self._process is None:
                self._owner, self._process = os.getpid(), begun()
            try:
                return asked(self._process, function, content, budget, **told)
            except BaseException:  # else the rest of this answer would be the next one's
                self.end()
                raise

    def end(self) -> None:
        """End the process; another one begins with the next question. A fork leaves its parent's alone."""
        process, self._process, self._answers = self._process, None, 0
        if process and self._owner == os.getpid():
            process.kill()
            process.communicate()

    @contextmanager
    def _turn(self, patience: float) -> Iterator[None]:
        if not self._waiting.acquire(blocking=False):
            raise Busy
        try:
            if not self._one.acquire(timeout=patience):
                raise Busy
            try:
                self._answers += 1
                yield
            finally:
                self._one.release()
        finally:
            self._waiting.release()


# --- the process and the line to it -----------------------------------------------------------------------------------


def begun() -> subprocess.Popen[bytes]:
    """A process that waits for questions."""
    return subprocess.Popen(  # noqa: S603  fixed
        [sys.executable, "-m", MODULE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env=bare_environment(),
    )


def asked(process: subprocess.Popen[bytes], function: str, content: bytes, budget: Budget, **told: Any) -> Answer:
    """What `module:function` says of a content within the budget. Raises TooMuch: the process is of no use then."""
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(BrokenPipeError):
        limits = asdict(replace(budget, wall=budget.wall or settings.READER_SECONDS))
        send(process.stdin, {"function": function, "told": told, **limits}, content)
    if (answer := received(process.stdout, budget.answer)) is None:
        raise TooMuch
    return Answer(*answer)


def send(line: IO[bytes], said: Any, content: bytes) -> None:
    """A line of JSON and bytes behind it."""
    line.write(json.dumps([said, len(content)]).encode() + b"\n")
    line.write(content)
    line.flush()


def received(line: IO[bytes], most: int = sys.maxsize) -> tuple[Any, bytes] | None:
    """What `send` sent; None where the other one ended before all of it had come, or either part is of more than `most`
    bytes."""
    head = line.readline(most)
    if not head.endswith(b"\n"):
        return None
    said, size = json.loads(head)
    if size > most:
        return None
    content = line.read(size)
    return (said, content) if len(content) == size else None


READER = Reader()
atexit.register(READER.end)

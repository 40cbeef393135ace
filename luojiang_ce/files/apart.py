"""What is stored, or handed in by anybody, and risky to read is read in a process of its own, which may take so much
memory and time: packed a thousandfold, a file of a megabyte becomes gigabytes, and a crafted one keeps its readers
turning for ever. What becomes of the process is then nothing to the worker.

The process is that of `luojiang_ce.uploads`, shut in before it knows what it is to read. Here it lives as long as a
block has files to read, and is nobody else's.
"""

from __future__ import annotations

import signal
import subprocess
from contextlib import suppress
from typing import Any, Self

from luojiang_ce.uploads.reader import Answer, Budget, TooMuch, asked, begun

# By these somebody else has ended it (a stop of the service, the machine out of memory): no word against what was read.
_FROM_OUTSIDE = frozenset({-signal.SIGTERM, -signal.SIGKILL, -signal.SIGINT, -signal.SIGHUP})
_ENDS_WITHIN = 10  # seconds


class Stopped(Exception):
    """The process was ended from outside, over whatever it was reading: it can be read again."""


class Apart:
    """Asks `module:function` about one content after the other; where the process did not survive one, another is
    begun. The module imports neither settings nor models."""

    function: str
    budget: Budget

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._end()

    def ask(self, content: bytes, **told: Any) -> Answer | None:
        """The answer; None where the process has ended over the content. Raises Stopped."""
        process = self._process = self._process or begun()
        try:
            return asked(process, self.function, content, self.budget, **told)
        except TooMuch:
            with suppress(subprocess.TimeoutExpired):  # what says too much has not ended
                process.wait(_ENDS_WITHIN)
            code = process.returncode
            self._end()
        if code in _FROM_OUTSIDE:
            raise Stopped
        return None

    def _end(self) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None

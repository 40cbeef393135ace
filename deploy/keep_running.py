"""keep_running.py COMMAND…: runs it, and again whenever it ends, until this is told to stop.

So a worker that was killed, or a clock that stumbled, is back in a moment and takes nobody else down.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

# Seconds before it is started again: doubled each time, and short again after it has run for a minute.
FIRST, LONGEST = 1, 30
RAN_WELL = 60
TOLD = (signal.SIGTERM, signal.SIGINT)  # to stop
PR_SET_PDEATHSIG = 1  # of Linux (prctl)
_PATIENCE = 4  # honcho kills after five


class _Stop(Exception):
    """We were told to stop."""


def main(command: list[str]) -> int:
    """Returns only when told to stop."""
    for number in TOLD:
        signal.signal(number, _stop)
    pause = FIRST
    child: subprocess.Popen[bytes] | None = None
    try:
        while True:
            started = time.monotonic()
            # In a session of its own: a signal to all of us would end the worker's helpers amid their work.
            # Told to stop amid this, we would leave one behind whom we do not know yet.
            signal.pthread_sigmask(signal.SIG_BLOCK, TOLD)
            try:
                child = subprocess.Popen(command, start_new_session=True, preexec_fn=_begins)  # noqa: S603
            finally:
                signal.pthread_sigmask(signal.SIG_UNBLOCK, TOLD)
            code = child.wait()
            pause = FIRST if time.monotonic() - started > RAN_WELL else pause
            said = f"{Path(command[0]).name} 已退出（{code}），{pause} 秒后重新启动"
            print(said, file=sys.stderr, flush=True)
            time.sleep(pause)
            pause = min(pause * 2, LONGEST)
    except _Stop:
        return _end(child)


def _begins() -> None:
    # In the child, which hears what we do not hear now.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, TOLD)
    # Where we are killed, it is told to end, or it would hold the port that its successor is to have.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _stop(number: int, frame: FrameType | None) -> None:
    # Once: told again while the command ends, it goes on waiting for it.
    for each in TOLD:
        signal.signal(each, signal.SIG_IGN)
    raise _Stop


def _end(child: subprocess.Popen[bytes] | None) -> int:
    if child is not None and child.poll() is None:
        child.terminate()
        try:
            child.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

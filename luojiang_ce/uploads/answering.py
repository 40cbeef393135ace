"""In the process beside the server (`reader`) or the worker (`files/apart`): one question after the other, each within
its budget. The kernel ends the process over what asks for more, in the middle of whatever library it is in. Whatever
else is raised ends it too.
"""

from __future__ import annotations

import logging
import os
import resource
import signal
import sys
from importlib import import_module
from typing import Any

from luojiang_ce.children import shut_in
from luojiang_ce.uploads.reader import received, send

GIVES_WAY = 5  # of 19: pages come first
# Seconds beyond the budget: a second clock of the kernel's, which counts whole ones of the whole process.
_ROUNDS_UP = 2


def answer_all() -> None:
    """Answer until nobody asks any more."""
    os.nice(GIVES_WAY)
    logging.disable()  # nobody would read it
    shut_in()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    while question := received(sys.stdin.buffer):
        asked, content = question
        module, _, name = asked["function"].partition(":")
        function = getattr(import_module(module), name)  # on a slow machine this takes longer than many a file
        _limit(asked)
        send(answers, *function(content, **asked["told"]))
        _limit(None)


def _limit(budget: dict[str, Any] | None) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu, wall = (budget["cpu"], budget["wall"]) if budget else (0, 0)
    # Both end the process where nothing catches them, and nothing does.
    signal.setitimer(signal.ITIMER_PROF, cpu)
    signal.setitimer(signal.ITIMER_REAL, wall)
    if budget:
        most = int(used.ru_utime + used.ru_stime + cpu) + _ROUNDS_UP
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))
        resource.setrlimit(resource.RLIMIT_AS, (budget["memory"], resource.getrlimit(resource.RLIMIT_AS)[1]))


if __name__ == "__main__":
    answer_all()

"""A Celery worker as a process of its own whose clock the drill sets: `python -m tests.drills.worker QUEUE`.

Before each task it reads the moment from `clock` in the folder DRILL; after each it adds a line to `QUEUE` there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

from celery.signals import task_postrun, task_prerun, task_unknown

from luojiang_ce import clock
from luojiang_ce.celery import app


def start(queue: str, env: dict[str, str], drill: Path) -> subprocess.Popen[bytes]:
    """The process."""
    return subprocess.Popen([sys.executable, "-m", __name__, queue], env={**env, "DRILL": str(drill)})


def main(queue: str) -> None:
    folder, day = Path(os.environ["DRILL"]), ExitStack()

    def set_clock(**told: Any) -> None:
        day.enter_context(clock.at(datetime.fromisoformat((folder / "clock").read_text())))

    def say_done(**told: Any) -> None:
        day.close()
        with (folder / queue).open("a") as done:
            done.write(f"{told['task'].name} {told['state']}\n")

    def give_up(**told: Any) -> None:
        os._exit(1)  # whoever waits for a task that the worker does not know would wait for ever

    task_unknown.connect(give_up, weak=False)
    task_prerun.connect(set_clock, weak=False)
    task_postrun.connect(say_done, weak=False)
    app.conf.broker_transport_options = {**app.conf.broker_transport_options, "polling_interval": 0.05}
    alone = ["--pool", "solo", "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"]
    app.worker_main(["worker", "--queues", queue, "--hostname", f"{queue}@%h", *alone])


if __name__ == "__main__":
    main(sys.argv[1])

"""A worker process of its own, for tests that kill one or let two work at once: `python -m … JOB_ID [--never-ends]`.

It takes the job's papers without asking for the lease, as a worker does that was thought dead and was only slow.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import django

from tests.processes import environment


def start(job_id: int, connection: Any, var: Path, *, never_ends: bool = False) -> subprocess.Popen[bytes]:
    """The process, working on the test's database; it stores files under `var`/files.

    One that never ends stops before its last chunk and waits to be killed, so that it cannot be quicker than the test.
    """
    options = ["--never-ends"] if never_ends else []
    return subprocess.Popen([sys.executable, "-m", __name__, str(job_id), *options], env=environment(connection, var))


def main(job_id: int, *, never_ends: bool) -> None:
    django.setup()
    from luojiang_ce.jobs.models import Job
    from luojiang_ce.papers.issuing import CHUNK, issue_papers
    from tests.luojiang_ce.papers.samples import register_samples

    register_samples()

    def progress(done: int, total: int) -> None:
        if never_ends and done + CHUNK >= total:
            signal.pause()

    issue_papers(Job.objects.get(pk=job_id), progress)


if __name__ == "__main__":
    main(int(sys.argv[1]), never_ends="--never-ends" in sys.argv)

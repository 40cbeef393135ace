"""A worker process of its own, for tests that kill one or let two work at once: `python -m … JOB_ID`.

It takes the job's papers without asking for the lease, as a worker does that was thought dead and was only slow.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import django

from tests.processes import environment


def start(job_id: int, connection: Any, var: Path) -> subprocess.Popen[bytes]:
    """The process, working on the test's database; it stores files under `var`/files."""
    return subprocess.Popen([sys.executable, "-m", __name__, str(job_id)], env=environment(connection, var))


def main(job_id: int) -> None:
    django.setup()
    from luojiang_ce.jobs.models import Job
    from luojiang_ce.papers.issuing import issue_papers
    from tests.luojiang_ce.papers.samples import register_samples

    register_samples()
    issue_papers(Job.objects.get(pk=job_id), lambda done, total: None)


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""A worker that is killed (kill -9) in the middle of a package."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as own_settings
from django.db import connection

from luojiang_ce import clock
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import sweep
from tests.conftest import District
from tests.processes import environment, wait_for
from tests.units.archive.years import asked, file_of, two_leaves
from units.archive import packing
from units.archive.checking import check

pytestmark = [pytest.mark.thorough, pytest.mark.django_db(transaction=True)]


def test_a_killed_worker_leaves_no_half_package_and_the_next_one_makes_it_whole(
    district: District, tmp_path: Path, settings: Any
) -> None:
    # The process has its files below VAR_DIR, as an installation has.
    settings.MEDIA_ROOT = tmp_path / "files"
    two_leaves(district)
    year = clock.today().year
    next_year = clock.now().replace(year=year + 1)
    with clock.at(next_year):
        package = asked(district, year=year)
    assert package.job
    command = [sys.executable, "-m", "tests.units.archive.slow_packer", str(package.job.pk)]
    process = subprocess.Popen(
        command, env=environment(connection, tmp_path), cwd=own_settings.BASE_DIR, start_new_session=True
    )
    half = packing.folder() / f"{package.uid.hex}.1.part"
    wait_for(lambda: half.exists() and half.stat().st_size > 0, [process])
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    package.refresh_from_db()
    assert (package.state, half.exists()) == ("making", True)

    over = clock.now() - timedelta(seconds=1)
    Job.objects.filter(pk=package.job.pk).update(leased_until=over)
    assert package.job.pk in sweep()
    package.refresh_from_db()
    assert package.state == "complete"
    assert [path.name for path in packing.folder().iterdir()] == [package.file]
    assert check(file_of(package)).passed

"""A year with something of everything: a stamped batch with its papers, an approved leave with a file, one still open.

The year is that of the batch; it is packed in the next.
"""

from __future__ import annotations

import zipfile
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from luojiang_ce import clock
from luojiang_ce.files.models import Attachment
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import run
from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow.engine import fire
from tests.conftest import District
from tests.luojiang_ce.proof.papers import publish
from tests.units.cases import leave_of, with_evidence
from tests.verification.batches.samples import YEAR, staff, stamped
from units.archive import services
from units.archive.models import Package
from units.archive.packing import CHECK, path_of
from units.models import Leave
from verification.batches.models import Batch


@dataclass
class Year:
    """What was closed in it, and what was not."""

    batch: Batch
    closed: Leave
    open: Leave

    @property
    def evidence(self) -> Attachment:
        return Attachment.objects.of(self.closed).get()

    @property
    def papers(self) -> list[Paper]:
        return list(Paper.objects.of(self.batch).order_by("pk"))


def next_year() -> AbstractContextManager[None]:
    """When the year is over."""
    return clock.at(datetime(YEAR + 1, 3, 15, 9, 30, tzinfo=clock.SHANGHAI))


def a_year(district: District) -> Year:
    batch = stamped(district, staff(district.unit, 2))
    publish()
    return Year(batch, *two_leaves(district))


def two_leaves(district: District) -> tuple[Leave, Leave]:
    """One approved, one filed; each with a file."""
    closed, waiting = leave_of(district), leave_of(district)
    for leave in (closed, waiting):
        with_evidence(district, leave)
        fire(leave, "submit", actor=district.owner)
    fire(closed, "approve", actor=district.approver)
    return closed, waiting


def asked(district: District, *, year: int = YEAR, supplement: bool = False) -> Package:
    """As an officer asks who waits for nothing."""
    confirmed = {"without_open": True, "anyway": True, "why": "今日移交档案馆"}
    return services.ask(year=year, actor=district.handler, supplement=supplement, **confirmed)


def packed(district: District, *, supplement: bool = False, checked: bool = True) -> Package:
    """The package of the year, as the worker makes and checks it."""
    with next_year():
        package = asked(district, supplement=supplement)
        assert package.job
        run(package.job.pk)
        for check in Job.objects.filter(kind=CHECK, state=Job.State.QUEUED) if checked else ():
            run(check.pk)
    package.refresh_from_db()
    return package


def inside(package: Package) -> dict[str, bytes]:
    """Every file by its path below data/."""
    with zipfile.ZipFile(file_of(package)) as archive:
        return {name.partition("/data/")[2] or name: archive.read(name) for name in archive.namelist()}


def file_of(package: Package) -> Path:
    return path_of(package)

"""A closed year becomes a package that says what it holds, what it lacks and what was left out."""

from __future__ import annotations

import hashlib
import zipfile
from io import BytesIO

import pytest
from lxml import etree
from openpyxl import load_workbook

from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import run
from tests.conftest import District
from tests.units.archive.years import Year, file_of, packed
from units.archive.models import Package

pytestmark = pytest.mark.django_db


def inside(package: Package) -> dict[str, bytes]:
    """Every file by its path below the root."""
    with zipfile.ZipFile(file_of(package)) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def test_a_year_is_packed(district: District, year: Year) -> None:
    package = packed(district)
    assert package.job
    assert (package.state, package.job.message, package.problems) == ("complete", package.job.message, [])
    assert package.passed, package.report
    files = inside(package)
    print("\n".join(files))
    print(files["data/说明文件.TXT"].decode())
    raise SystemExit

"""The archive is the bureau's; the audit officer reads what was packed and what checks found."""

from __future__ import annotations

from typing import Any

from luojiang_ce import clock
from tests.conftest import District
from tests.luojiang_ce.access.matrix import AUDIT_ADMIN, BUREAU, NOBODY, Row
from units.archive.bag import Bag
from units.archive.models import Package
from units.archive.packing import folder, path_of
from units.archive.report import Property, Report
from units.archive.year import archived_kinds

READERS = BUREAU | AUDIT_ADMIN
APPROVER = frozenset({"approver"})


def last_year(district: District) -> dict[str, Any]:
    return {"year": clock.today().year - 1}


def a_package(district: District) -> dict[str, Any]:
    """One that was made and checked; its file holds nothing."""
    report = Report("归档包.zip", clock.local(clock.now()))
    report.add(Property.SAFE, "文件路径", "没有指向包外的路径")
    facts = {"state": "complete", "file": "sample.zip", "report": report.as_json(), "passed": True}
    package = Package.objects.create(year=clock.today().year - 1, number=1, made_by=district.handler, **facts)
    with Bag(path_of(package), package.root) as bag:
        bag.close({}, lambda payload: payload)
    assert folder().exists()
    return {"uid": package.uid}


def one_that_failed(district: District) -> dict[str, Any]:
    facts = {"year": clock.today().year - 1, "number": 1, "state": "failed"}
    return {"uid": Package.objects.create(made_by=district.handler, **facts).uid}


ROWS = [
    Row("archive:years", READERS),
    Row("archive:year", READERS, last_year),
    Row("archive:year", NOBODY, lambda district: {"year": clock.today().year + 1}),
    Row("archive:pack", BUREAU, last_year, method="post", status=302),
    Row("archive:package", READERS, a_package),
    Row("archive:report", READERS, a_package),
    Row("archive:report", NOBODY, one_that_failed),
    Row("archive:download", BUREAU, a_package),
    Row("archive:download", NOBODY, one_that_failed),
    Row("archive:check", BUREAU, a_package, method="post", status=302),
    Row("archive:retention", READERS),
    Row("archive:set_retention", APPROVER, lambda district: [archived_kinds()[0].key]),
    Row("archive:set_retention", NOBODY, lambda district: ["no.kind"]),
]

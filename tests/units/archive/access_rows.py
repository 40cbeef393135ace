"""The archive is the bureau's; the audit officer reads what was packed and what checks found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from luojiang_ce import clock
from luojiang_ce.jobs.models import Job
from tests.conftest import District
from tests.luojiang_ce.access.matrix import AUDIT_ADMIN, BUREAU, NOBODY, Row
from tests.verification.declarations.cases import declaration_of
from units.archive.bag import Bag
from units.archive.models import Package
from units.archive.packing import PACK, folder, path_of
from units.archive.report import Property, Report
from units.archive.year import archived_kinds

READERS = BUREAU | AUDIT_ADMIN
APPROVER = frozenset({"approver"})


def last_year(district: District) -> dict[str, Any]:
    return {"year": clock.today().year - 1}


def last_year_with_a_case(district: District) -> dict[str, Any]:
    """Closed, so that nothing is to be confirmed."""
    year = last_year(district)
    declaration_of(district.unit, state="withdrawn", first_submitted_at=clock.now(), **year)
    return year


def a_package(district: District) -> dict[str, Any]:
    """One that was made and checked; its file holds nothing."""
    report = Report("归档包.zip", clock.local(clock.now()))
    report.add(Property.SAFE, "文件路径", "没有指向包外的路径")
    facts = {
        "state": "complete",
        "made_at": clock.now(),
        "head": "2025年12月31日 5120 条",
        "file": "sample.zip",
        "report": report.as_json(),
        "passed": True,
    }
    package = Package.objects.create(year=clock.today().year - 1, number=1, made_by=district.handler, **facts)
    with Bag(path_of(package), package.root) as bag:
        bag.close({}, lambda payload: payload)
    assert folder().exists()
    return {"uid": package.uid}


def one_that_failed(district: District) -> dict[str, Any]:
    job = Job.objects.create(kind=PACK, title="封装", owner=district.handler, state="failed", message="磁盘空间不够")
    facts = {"year": clock.today().year - 1, "number": 1, "state": "failed", "job": job}
    return {"uid": Package.objects.create(made_by=district.handler, **facts).uid}


def one_that_waits(district: District) -> dict[str, Any]:
    job = Job.objects.create(kind=PACK, title="封装", owner=district.handler)
    facts = {"year": clock.today().year - 1, "number": 1, "job": job}
    return {"uid": Package.objects.create(made_by=district.handler, **facts).uid}


def one_that_lacks(district: District) -> dict[str, Any]:
    """Something was not in the store, and cases came after it, closed and open."""
    made = a_package(district)
    problems = [f"2026/units-leave/{n:06d} 长期外出或病假：材料“证明.pdf”缺失：文件不在存储里" for n in range(60)]
    report = Report("归档包.zip", clock.local(clock.now()))
    report.add(Property.WHOLE, "与清单相符", "", [f"data/电子档案/{n:06d}/材料-001.pdf：缺少" for n in range(60)])
    report.tell(Property.AUTHENTIC, "没有收录证明的文书", "封装时还没有收录进树根", ["data/电子档案/文书-001.pdf"])
    facts = {"state": "lacking", "problems": problems, "report": report.as_json(), "passed": False}
    Package.objects.filter(**made).update(**facts, packed=60, left=1)
    package = Package.objects.get(**made)
    package.items.create(case_type="units.leave", case_id=1, title="长期外出或病假", reason="状态是“待审核”")
    for state in ("withdrawn", "submitted"):
        declaration_of(district.unit, state=state, year=package.year, first_submitted_at=clock.now())
    return made


def year_of(make: Callable[[District], dict[str, Any]]) -> Callable[[District], dict[str, Any]]:
    """The year of a package that is made before."""

    def made(district: District) -> dict[str, Any]:
        make(district)
        return last_year(district)

    return made


def nothing_but(make: Callable[[District], dict[str, Any]]) -> Callable[[District], list[Any]]:
    """The same for a page without arguments."""

    def made(district: District) -> list[Any]:
        make(district)
        return []

    return made


STATES = {"packed": a_package, "waits": one_that_waits, "failed": one_that_failed, "lacks": one_that_lacks}


ROWS = [
    Row("archive:years", READERS),
    Row("archive:year", READERS, last_year),
    *(Row("archive:years", READERS, nothing_but(make), state=state) for state, make in STATES.items()),
    *(Row("archive:year", READERS, year_of(make), state=state) for state, make in STATES.items()),
    *(Row("archive:package", READERS, make, state=state) for state, make in STATES.items()),
    Row("archive:year", NOBODY, lambda district: {"year": clock.today().year + 1}),
    Row("archive:pack", BUREAU, last_year),
    Row("archive:pack", BUREAU, last_year_with_a_case, method="post", status=302),
    Row("archive:pack", NOBODY, lambda district: {"year": 0}, method="post"),
    Row("archive:pack", NOBODY, lambda district: {"year": 1999}, method="post"),
    Row("archive:report", READERS, a_package),
    Row("archive:report", NOBODY, one_that_failed),
    Row("archive:download", BUREAU, a_package),
    Row("archive:download", NOBODY, one_that_failed),
    Row("archive:check", BUREAU, a_package, method="post", status=302),
    Row("archive:retention", READERS),
    Row("archive:set_retention_of_many", APPROVER),
    Row("archive:set_retention", APPROVER, lambda district: [archived_kinds()[0].key]),
    Row("archive:set_retention", NOBODY, lambda district: ["no.kind"]),
]

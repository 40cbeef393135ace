"""A file that is gone, a full disk, a power cut, a killed worker, two at once, what goes on while a year is packed."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from luojiang_ce import clock
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import LEASE, MAX_ATTEMPTS, sweep
from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from tests.conftest import District, in_parallel
from tests.queries import statements
from tests.units.archive.years import YEAR, Year, a_year, asked, file_of, inside, next_year, packed, two_leaves
from tests.units.cases import leave_of
from tests.verification.declarations.cases import declaration_of
from units.archive import packing, services
from units.archive.bag import Bag
from units.archive.models import Package
from units.archive.report import Outcome, Report
from units.models import Leave

pytestmark = pytest.mark.django_db


def readme(package: Package) -> str:
    return inside(package)["说明文件.TXT"].decode()


class TestFiles:
    def test_one_that_is_gone_is_named_and_the_package_is_not_called_complete(
        self, district: District, year: Year
    ) -> None:
        Path(year.evidence.file.path).unlink()
        package = packed(district)
        assert package.state == "lacking"
        assert len(package.problems) == 1
        assert f"{year.closed}" in package.problems[0]
        assert "材料“证明.pdf”缺失：文件不在存储里" in package.problems[0]
        assert package.passed is False
        told = Notice.objects.get(recipient=district.handler, title__contains="检测不合格")
        assert told.url == package.get_absolute_url()
        assert "不完整。以下材料封装时缺失" in readme(package)

    def test_one_that_may_not_be_read_is_the_same(
        self, district: District, year: Year, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As after a virus scanner took it away."""
        opened = type(year.evidence.file).open
        name = year.evidence.file.name

        def refuse(file: Any, mode: str = "rb") -> Any:
            if file.name == name:
                raise PermissionError(errno.EACCES, "quarantined")
            return opened(file, mode)

        monkeypatch.setattr(type(year.evidence.file), "open", refuse)
        package = packed(district)
        assert package.state == "lacking"
        assert "文件不允许读取" in package.problems[0]

    def test_a_paper_that_was_changed_in_the_store_is_named_and_packed_without_a_proof(
        self, district: District, year: Year
    ) -> None:
        with year.papers[0].file.open() as file:
            content = file.read()
        Path(year.papers[0].file.path).write_bytes(content + b"\n")  # plain in place of the sealed one
        package = packed(district)
        assert package.state == "lacking"
        assert "与登记的 SHA-256 不符" in package.problems[0]
        [altered] = package.altered_papers
        assert str(year.papers[0].number) in altered
        assert package.waiting_papers == []
        assert f"文件被改动、没有收录证明的文书 1 份：\n  1. {altered}" in readme(package).replace("\r\n", "\n")
        [told] = [each for each in Report.from_json(package.report).items if each.name == "没有收录证明的文书"]
        assert (told.outcome, len(told.where)) == (Outcome.TOLD, 1)
        assert f"/文书-{year.papers[0].number}" in told.where[0]

    def test_a_file_that_does_not_open_is_named(self, district: District, year: Year) -> None:
        path = Path(year.evidence.file.path)
        path.write_bytes(path.read_bytes()[:-1])
        package = packed(district)
        assert package.state == "lacking"
        assert "文件打不开，密文被改动、截断" in package.problems[0]


class TestDisk:
    def test_space_is_asked_for_before(self, district: District, year: Year, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(packing, "free_bytes", lambda folder: 1000)
        package = packed(district)
        assert package.state == "failed"
        assert package.job
        assert "磁盘空间不够，没有开始封装" in package.job.message
        assert list(packing.folder().iterdir()) == []
        assert not package.items.exists()

    def test_a_disk_that_fills_up_leaves_nothing(
        self, district: District, year: Year, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Bag, "add", raising(OSError(errno.ENOSPC, "no space")))
        package = packed(district)
        assert package.state == "failed"
        assert package.job
        assert "磁盘写满" in package.job.message
        assert list(packing.folder().iterdir()) == []
        monkeypatch.undo()

    def test_it_lies_on_the_disk_before_anything_says_that_it_is_there(
        self, district: District, year: Year, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A power cut after the name was given and before the content was written would leave an empty package."""
        done: list[tuple[str, str, str]] = []
        written, named = os.fsync, os.replace

        def fsync(opened: int) -> None:
            done.append(("written", Path(os.readlink(f"/proc/self/fd/{opened}")).suffix, state()))
            written(opened)

        def replace(old: Path, new: Path) -> None:
            done.append(("named", new.suffix, state()))
            named(old, new)

        def state() -> str:
            return str(Package.objects.values_list("state", flat=True).get())

        monkeypatch.setattr(packing.os, "fsync", fsync)
        monkeypatch.setattr(packing.os, "replace", replace)
        packed(district, checked=False)
        assert done == [
            ("written", ".part", "making"), ("named", ".zip", "complete"), ("written", "", "complete"),
        ]  # fmt: skip


def raising(error: Exception) -> Callable[..., Any]:
    def refuse(*args: Any, **named: Any) -> Any:
        raise error

    return refuse


class TestWorker:
    def test_whoever_was_killed_leaves_no_half_package(
        self, district: District, year: Year, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What a kill leaves: a running job, half a file, rows of half a list. The sweep begins it again."""
        with next_year():
            package = asked(district)
            assert package.job
            half = packing.folder() / f"{package.uid.hex}.1.part"
            half.write_bytes(b"PK half")
            package.items.create(number=1, case_type="units.leave", case_id=year.open.pk, title="半件")
            over = clock.now() - LEASE - timedelta(seconds=1)
            Job.objects.filter(pk=package.job.pk).update(state="running", attempts=1, leased_until=over)
            assert package.job.pk in sweep()
        package.refresh_from_db()
        assert package.state == "complete"
        assert not half.exists()
        assert package.items.packed().filter(case_id=year.open.pk, case_type="units.leave").count() == 0

    def test_one_who_lost_the_lease_finishes_nothing(
        self, district: District, year: Year, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Another worker took the job over while this one was writing."""
        wrote = Bag.close

        def taken_over(bag: Bag, *args: Any, **named: Any) -> str:
            Job.objects.filter(kind=packing.PACK).update(attempts=2)
            return wrote(bag, *args, **named)

        monkeypatch.setattr(Bag, "close", taken_over)
        package = packed(district)
        assert package.state == "making"
        assert list(packing.folder().iterdir()) == []

    def test_one_killed_when_the_package_was_whole_is_not_told_as_failed(self, district: District, year: Year) -> None:
        """Between the package and the word that its job is done there is nothing left to be made."""
        package = packed(district, checked=False)
        assert package.job
        said, made = package.job.message, file_of(package).stat().st_mtime_ns
        over = clock.now() - LEASE - timedelta(seconds=1)
        Job.objects.filter(pk=package.job.pk).update(state="running", message="", leased_until=over, ended_at=None)
        assert package.job.pk in sweep()
        job = Job.objects.get(pk=package.job.pk)
        assert (job.state, job.message, job.result_url) == ("done", said, package.get_absolute_url())
        assert said.startswith(f"{YEAR} 年度 {package.packed} 件已封装，1 件未归档")
        assert file_of(package).stat().st_mtime_ns == made

    def test_what_was_given_up_can_be_asked_for_again(self, district: District, year: Year) -> None:
        with next_year():
            first = asked(district)
            assert first.job
            with pytest.raises(NotPossible, match="正在封装"):
                asked(district)
            Job.objects.filter(pk=first.job.pk).update(state="failed", attempts=MAX_ATTEMPTS)
            second = asked(district)
        first.refresh_from_db()
        assert (first.state, second.number) == ("failed", 2)


def test_what_is_taken_up_again_or_gone_while_a_year_is_packed_is_left_out(
    district: District, year: Year, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Packing takes long: between the list and the writing of a case it may go on."""
    gone = declaration_of(district.unit, state="withdrawn", year=YEAR, first_submitted_at=clock.now())
    chosen = packing.select

    def meanwhile(*args: Any) -> None:
        chosen(*args)
        gone.delete()
        Leave.objects.filter(pk=year.closed.pk).update(state="submitted")

    key = gone.pk
    monkeypatch.setattr(packing, "select", meanwhile)
    package = packed(district)
    left = {item.case_type: item for item in package.items.left_out().filter(case_id__in=[key, year.closed.pk])}
    assert left["verification_declarations.declaration"].reason == "封装期间被删除"
    assert left["units.leave"].reason.startswith("状态是“")
    files = inside(package)
    records = [name for name in files if name.endswith("/元数据.xml")]
    assert package.packed == len(records) == package.items.packed().count()
    assert package.left == package.items.left_out().count() == 3
    assert f"件数：{package.packed} 件；属于本年度而未归档的 3 件" in readme(package)
    assert (package.state, package.passed) == ("complete", True)


@pytest.mark.real_services
@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_make_one_package(district: District) -> None:
    two_leaves(district)

    def ask() -> str:
        with next_year():
            try:
                return str(asked(district).number)
            except NotPossible as refused:
                return str(refused)

    assert sorted(in_parallel([ask, ask])) == ["1", f"{YEAR} 年度正在封装，请等它完成后再试"]


class TestAsking:
    def test_a_year_that_is_not_over_is_not_packed(self, district: District) -> None:
        with pytest.raises(NotPossible, match="还没有结束"):
            services.ask(year=clock.today().year, actor=district.handler)

    def test_a_year_of_before_the_system_is_not_packed(self, district: District) -> None:
        with pytest.raises(NotPossible, match="最早归档 2000 年度"):
            services.ask(year=1999, actor=district.handler)

    def test_only_whoever_keeps_the_archive(self, district: District) -> None:
        for account in (district.owner, district.audit_admin, district.keeper):
            with pytest.raises(PermissionDenied):
                services.ask(year=YEAR - 1, actor=account)

    def test_a_supplement_needs_a_package(self, district: District, year: Year) -> None:
        with next_year(), pytest.raises(NotPossible, match="还没有归档包"):
            services.ask(year=YEAR, actor=district.handler, supplement=True)


def test_the_number_of_queries_does_not_grow_with_every_case(district: District) -> None:
    """Ten leaves more cost less than a query each."""
    year = a_year(district)
    counts = []
    for _ in range(2):
        with statements() as made:
            packed(district, checked=False)
        counts.append(len(made))
        for _ in range(10):
            leave_of(district, "approved")
    assert year.batch
    assert counts[1] - counts[0] < 10 * 2, counts

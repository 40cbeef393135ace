"""What a package would hold is told before it is asked for, and what it would lack is to be confirmed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.jobs.services import sweep
from luojiang_ce.papers.leaves import ISSUED
from luojiang_ce.papers.models import Paper
from luojiang_ce.proof.models import Leaf
from luojiang_ce.proof.tree import publish_head, seal
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.events import history
from tests.conftest import District
from tests.queries import statements
from tests.stored import store_anew
from tests.units.archive.years import YEAR, Year, inside, next_year, packed, two_leaves
from tests.units.cases import leave_of
from tests.units.views.helpers import browser
from tests.verification.batches.samples import staff, stamped
from units.archive import outlook as rules
from units.archive import services
from units.archive.models import Package
from units.archive.outlook import cases_by_year, forget, outlook
from units.archive.year import archived_kinds, belonging

pytestmark = pytest.mark.django_db
UNPUBLISHED = "还没有收录进公布的树根"


def of_each(year: int) -> list[Any]:
    return [each for kind in archived_kinds() for each in belonging(kind, year)]


def page_of(account: Any, name: str, **sent: str) -> str:
    client, url = browser(account), reverse(f"archive:{name}", args=[YEAR] if name != "years" else [])
    response = client.post(url, sent) if sent else client.get(url)
    return re.sub(r"\s+", " ", str(response.content.decode()))


def test_it_counts_as_the_package_will(district: District, year: Year) -> None:
    with next_year():
        told, each = outlook(YEAR), of_each(YEAR)
        assert (told.cases, told.open) == (len(each), len([one for one in each if one.reason]))
        assert told.waiting == 0
        page = page_of(district.handler, "year")
    package = packed(district)
    assert (package.packed, package.left) == (told.packed, told.open)
    assert f"<dt>要封装</dt><dd>{told.packed} 件</dd>" in page
    assert f"<dt>未办结</dt><dd>{told.open} 件，不装入" in page


def test_rows_of_an_open_case_and_unmade_papers_are_open(district: District, year: Year) -> None:
    """They are in a closed state themselves."""
    Paper.objects.filter(pk=year.papers[0].pk).update(state="pending")
    type(year.batch).objects.filter(pk=year.batch.pk).update(state="submitted")
    with next_year():
        told, each = outlook(YEAR), of_each(YEAR)
    assert told.open == len([one for one in each if one.reason]) >= 1 + year.batch.records.count()


def test_more_than_are_looked_at_one_by_one_are_told_as_at_least(
    district: District, year: Year, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "LOOKED_AT", 3)
    for _ in range(4):
        leave_of(district, "submitted")
    told = outlook(YEAR)
    assert (told.open_said, told.more) == ("3 件以上", True)


def test_open_cases_are_confirmed(district: District, year: Year) -> None:
    with next_year():
        assert "有 1 件还没有办结，不会装入" in page_of(district.handler, "pack", why="")
        assert not Package.objects.exists()
        browser(district.handler).post(reverse("archive:pack", args=[YEAR]), {"without_open": "on"})
    assert "；1 件未办结的不装入" in history(Package.objects.get()).get(name="archive_asked").note_row.text
    sweep()
    page = page_of(district.handler, "year")
    assert "包内齐全" in page
    assert "另有 1 件未办结" in page


class TestPapersWithoutProof:
    """The head that held them is not there yet."""

    @pytest.fixture
    def waiting(self, district: District) -> int:
        batch = stamped(district, staff(district.unit, 2))
        two_leaves(district)
        return Paper.objects.of(batch).count()

    def test_it_is_told_and_the_default_is_to_wait(self, district: District, waiting: int) -> None:
        with next_year():
            assert outlook(YEAR).waiting == waiting
            assert f"{waiting} 份文书{UNPUBLISHED}" in page_of(district.handler, "year")
            refused = page_of(district.handler, "pack", without_open="on")
            assert f"有 {waiting} 份文书{UNPUBLISHED}" in refused
            assert "明天早上公布树根后再封装" in refused
            assert "请写明为什么不等" in page_of(district.handler, "pack", without_open="on", anyway="on")
            with pytest.raises(NotPossible, match=UNPUBLISHED):
                services.ask(year=YEAR, actor=district.handler, without_open=True, why="没有勾选")
        assert not Package.objects.exists()

    def test_who_does_not_wait_says_why_on_record(self, district: District, waiting: int) -> None:
        sent = {"without_open": "on", "anyway": "on", "why": "今日移交"}
        with next_year():
            assert browser(district.handler).post(reverse("archive:pack", args=[YEAR]), sent).status_code == 302
        [asked] = history(Package.objects.get()).filter(name="archive_asked")
        assert f"{waiting} 份文书{UNPUBLISHED}，仍要现在封装：今日移交" in asked.note_row.text


def test_the_package_names_them_by_their_cause(district: District) -> None:
    """The file of one was altered in the store, the last ones came after the head."""
    altered, held, *waiting = Paper.objects.of(stamped(district, staff(district.unit, 3))).order_by("pk")
    while not Leaf.objects.filter(source=ISSUED, ref=held.pk).exists():
        assert seal(1)
    publish_head()
    with altered.file.open() as file:
        content = file.read()
    store_anew(altered.file, content + b"\n")
    package = packed(district, checked=False)
    assert [line.partition(" ")[0] for line in package.altered_papers] == [altered.number]
    assert [line.partition(" ")[0] for line in package.waiting_papers] == [paper.number for paper in waiting]
    page = str(browser(district.handler).get(package.get_absolute_url()).content.decode())
    for line in (*package.altered_papers, *package.waiting_papers):
        assert line in page
    assert f"{UNPUBLISHED}、没有收录证明的文书 {len(waiting)} 份" in inside(package)["说明文件.TXT"].decode()


def test_a_year_in_which_nothing_happened_is_not_offered(district: District, year: Year) -> None:
    with next_year():
        assert cases_by_year()[YEAR] == len(of_each(YEAR))
        quiet = reverse("archive:year", args=[YEAR - 1])
        page = str(browser(district.handler).get(quiet).content.decode())
        assert "这一年没有件，不需要归档" in page
        assert "封装整年" not in page
        with pytest.raises(NotPossible, match="没有件，不需要封装"):
            services.ask(year=YEAR - 1, actor=district.handler)
        assert f"尚未归档，共 {cases_by_year()[YEAR]} 件" in page_of(district.handler, "years")


def test_its_queries_do_not_grow_with_cases(district: District, year: Year) -> None:
    counts = []
    for _ in range(2):
        forget()
        with statements() as made:
            outlook(YEAR)
            cases_by_year()
        counts.append(len(made))
        for _ in range(27):
            leave_of(district, "submitted")
    assert counts[0] == counts[1]
    assert clock.today().year == YEAR

"""Numbers without gaps or doubles, whoever asks at the same time."""

import re
from pathlib import Path

import pytest
from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.papers.issuing import reserve
from luojiang_ce.papers.models import NumberFormat, NumberSeries, Paper
from luojiang_ce.papers.numbering import allocate, next_number, pattern_of
from luojiang_ce.papers.services import request_paper, request_papers
from tests.conftest import in_parallel
from tests.factories import person_in
from tests.luojiang_ce.papers.samples import made

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.django_db
def test_numbers_run_on_per_series_and_year():
    assert list(allocate("a", 2026, 3)) == [1, 2, 3]
    assert list(allocate("a", 2026)) == [4]
    assert list(allocate("a", 2027)) == [1]
    assert list(allocate("b", 2026)) == [1]


@pytest.mark.django_db(transaction=True)
def test_numbers_of_a_transaction_that_fails_are_given_again():
    with transaction.atomic():
        allocate("a", 2026, 5)
        transaction.set_rollback(True)
    with transaction.atomic():
        assert list(allocate("a", 2026)) == [1]


@pytest.mark.django_db(transaction=True)
def test_numbers_are_refused_outside_a_transaction():
    with pytest.raises(transaction.TransactionManagementError):
        allocate("a", 2026)


@pytest.mark.real_services
@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_different_numbers_without_gaps():
    def ten_documents() -> list[int]:
        got = []
        for size in (1, 2, 1, 3, 1, 2):
            with transaction.atomic():
                got += allocate("document", 2026, size)
        return got

    numbers = [n for result in in_parallel([ten_documents] * 6) for n in result]
    assert sorted(numbers) == list(range(1, 61))
    assert NumberSeries.objects.get(series="document", year=2026).last == 60


@pytest.mark.django_db
def test_the_bureau_may_change_a_format_and_the_numbers_go_on():
    assert next_number("s", 2026, seed="甲〔{year}〕{seq}号", title="文书") == "甲〔2026〕1号"
    NumberFormat.objects.filter(series="s").update(pattern="乙〔{year}〕{seq:04d}号")
    assert next_number("s", 2026, seed="甲〔{year}〕{seq}号", title="文书") == "乙〔2026〕0002号"
    assert pattern_of("s", seed="丙", title="") == "乙〔{year}〕{seq:04d}号"


@pytest.mark.django_db
def test_a_number_that_another_paper_has_is_passed_over(district):
    """Typed by hand, or left from an older pattern: the worker takes the next one instead of breaking off."""
    people = [person_in(district.unit, f"王{n}") for n in range(2)]
    year = clock.today().year
    request_paper("sample.typed", district.bureau, actor=district.handler, number=f"洛人社验〔{year}〕00002号")
    papers = request_papers("sample.page", district.unit, actor=district.keeper, subjects=people)
    made(papers[0])
    assert [paper.number for paper in Paper.objects.filter(kind="sample.page").order_by("pk")] == [
        f"洛人社验〔{year}〕00001号",
        f"洛人社验〔{year}〕00003号",
    ]


@pytest.mark.django_db
def test_a_pattern_without_an_order_is_an_error_and_no_endless_loop(district):
    NumberFormat.objects.create(series="sample.page", title="验证证明", pattern="洛人社验〔{year}〕号")
    paper = request_paper("sample.page", district.unit, actor=district.keeper, subject=person_in(district.unit, "王明"))
    with pytest.raises(ValueError, match="all be the same"):
        reserve([paper.pk])


def test_no_two_kinds_of_cases_have_numbers_that_look_alike():
    """A number is how people name a case to each other; each kind begins it differently."""
    sources = (path.read_text() for app in ("units", "training", "verification") for path in (ROOT / app).rglob("*.py"))
    seeds = [seed for source in sources for seed in re.findall(r'seed="([^"]+)"', source)]
    assert len(seeds) > 5
    assert len(seeds) == len(set(seeds))

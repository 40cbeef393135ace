"""发文字号: form, year, used once, in the order of the dates; the next free one proposed."""

from __future__ import annotations

from datetime import date

import pytest

from luojiang_ce.papers.document_numbers import gaps, gaps_said, last_code, next_free, parse, problems, written
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.services import request_paper, revoke_papers
from luojiang_ce.refusals import NotPossible
from tests.conftest import District

pytestmark = pytest.mark.django_db
MARCH = date(2026, 3, 20)


def sent(district: District, number: str, dated: date, unit: str = "unit") -> None:
    request_paper("sample.typed", getattr(district, unit), actor=district.handler, number=number, dated=dated)


@pytest.mark.parametrize(
    "typed",
    [
        *("泉洛政人社〔2026〕15号", " 泉洛政人社 〔2026〕 15 号", "泉洛政人社[2026]15号", "泉洛政人社（2026）15号"),
        *("泉洛政人社【2026】15号", "泉洛政人社〔２０２６〕１５号", "泉洛政人社［2026］15号"),
    ],
)
def test_brackets_and_digits_of_any_keyboard_are_written_as_the_standard_wants(typed: str) -> None:
    assert written(typed) == "泉洛政人社〔2026〕15号"
    assert list(problems(typed, MARCH)) == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("泉洛政人社2026-15", "不是完整的文号"),
        ("〔2026〕15号", "不是完整的文号"),
        ("泉洛政人社〔26〕15号", "不是完整的文号"),
        ("泉洛政人社〔2026〕十五号", "不是完整的文号"),
        ("泉洛政人社〔2026〕015号", "应写作 泉洛政人社〔2026〕15号"),
        ("泉洛政人社〔2026〕第15号", "应写作 泉洛政人社〔2026〕15号"),
        ("泉洛政人社〔2025〕15号", "文号的年份是 2025，发文日期在 2026 年"),
    ],
)
def test_a_number_of_another_form_or_year_is_refused_with_what_is_right(typed: str, said: str) -> None:
    assert any(said in problem for problem in problems(typed, MARCH))


def test_a_number_that_no_qr_code_can_state_is_told_where_it_is_typed(district: District) -> None:
    typed = f"{'泉洛政人社' * 5}〔2026〕15号"
    (said,) = problems(typed, MARCH)
    assert "文号有 34 个字，最多 30 个字" in said
    with pytest.raises(NotPossible, match="最多 30 个字"):
        sent(district, typed, MARCH)
    assert not Paper.objects.exists()


def test_everything_wrong_is_said_at_once() -> None:
    assert len(list(problems("泉洛政人社〔2025〕第007号", MARCH))) == 2


def test_a_number_is_used_once_even_when_its_paper_was_withdrawn(district: District) -> None:
    sent(district, "泉洛政人社〔2026〕15号", MARCH)
    (said,) = problems("泉洛政人社[2026]15号", MARCH)
    assert "已用于" in said
    assert "下一个未用的是 泉洛政人社〔2026〕16号" in said
    revoke_papers([Paper.objects.get()], actor=district.approver, reason="日期有误")
    assert any("已用于" in said for said in problems("泉洛政人社〔2026〕15号", MARCH))


def test_numbers_follow_the_dates_and_may_be_left_out(district: District) -> None:
    sent(district, "泉洛政人社〔2026〕15号", MARCH)
    assert list(problems("泉洛政人社〔2026〕40号", date(2026, 3, 20))) == []
    (late,) = problems("泉洛政人社〔2026〕16号", date(2026, 3, 19))
    assert "泉洛政人社〔2026〕15号 的发文日期是 2026年3月20日" in late
    (early,) = problems("泉洛政人社〔2026〕14号", date(2026, 3, 21))
    assert "不能晚于这一天" in early
    # Another body's numbers, and another year's, are rows of their own.
    assert list(problems("泉洛教〔2026〕1号", date(2026, 6, 1))) == []
    assert list(problems("泉洛政人社〔2027〕1号", date(2027, 1, 4))) == []


def test_a_number_of_a_wrong_year_is_refused_with_what_is_free(district: District) -> None:
    sent(district, "泉洛政人社〔2026〕3号", MARCH)
    (said,) = problems("泉洛政人社〔2025〕15号", MARCH)
    assert "文号的年份是 2025，发文日期在 2026 年" in said
    assert "2026 年下一个未用的是 泉洛政人社〔2026〕4号，中间没有用过的有 1至2号" in said


def test_numbers_that_nothing_has_are_named_in_runs(district: District) -> None:
    assert gaps("泉洛政人社", 2026) == []
    for seq, unit in ((2, "unit"), (7, "neighbour_unit"), (9, "bureau")):
        sent(district, f"泉洛政人社〔2026〕{seq}号", MARCH, unit)
    assert gaps("泉洛政人社", 2026) == [(1, 1), (3, 6), (8, 8)]
    assert gaps_said("泉洛政人社", 2026) == "1号、3至6号、8号"
    (said,) = problems("泉洛政人社〔2026〕7号", MARCH)
    assert "下一个未用的是 泉洛政人社〔2026〕10号，中间没有用过的有 1号、3至6号、8号" in said


def test_the_next_free_one_is_proposed(district: District) -> None:
    assert str(next_free("泉洛政人社", 2026)) == "泉洛政人社〔2026〕1号"
    assert last_code(2026, default="泉洛政人社") == "泉洛政人社"
    sent(district, "泉洛人社〔2026〕9号", MARCH)
    sent(district, "泉洛人社〔2026〕10号", date(2026, 3, 21), "neighbour_unit")
    assert str(next_free(last_code(2026, default="泉洛政人社"), 2026)) == "泉洛人社〔2026〕11号"
    assert parse("泉洛人社〔2026〕11") is None

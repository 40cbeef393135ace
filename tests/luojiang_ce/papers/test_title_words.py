"""Where the lines of a title end."""

from __future__ import annotations

import time
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luojiang_ce.papers.title_words import LINE, pieces, title_lines, width_of
from luojiang_ce.reference import shipped_rows

LONG = (
    "关于准予“洛江区农业农村系统数据分析与人工智能应用及农产品质量安全追溯平台操作实务高级研修培训班（第12期）”"
    "开班的通知（变更后）"
)


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("授课证明", ["授课证明"]),
        (
            "关于“危大工程专项方案编审培训班（第2期）”监督检查的拟作处理告知",
            ["关于“危大工程专项方案编审培训班", "（第2期）”监督检查的拟作处理告知"],
        ),
        ("", []),
    ],
)
def test_a_title_is_broken_between_its_words(title: str, lines: list[str]) -> None:
    assert title_lines(title) == lines


def test_a_title_of_more_than_60_characters_ends_its_lines_between_words_and_has_no_waist() -> None:
    lines = title_lines(LONG)
    ends = set(accumulate(len(piece) for piece in pieces(LONG)))
    assert set(accumulate(len(line) for line in lines)) <= ends
    widths = [width_of(line) for line in lines]
    assert not [1 for a, b, c in zip(widths, widths[1:], widths[2:], strict=False) if a > b < c]
    assert len(lines) == 4


@given(st.text(st.sampled_from("农业技术培训班安全的与“”（）第1期通知Python甲乙"), max_size=200))
def test_nothing_is_lost_and_no_line_is_too_long(title: str) -> None:
    begun = time.process_time()
    lines = title_lines(title)
    assert "".join(lines) == title
    assert all(width_of(line) <= LINE for line in lines)
    assert time.process_time() - begun < 2


def test_no_known_word_is_parted() -> None:
    for row in shipped_rows("title_words"):
        title = f"关于举办“甲{row['word']}培训班”的通知以及有关工作的若干事项安排"
        assert any(row["word"] in line for line in title_lines(title)), title

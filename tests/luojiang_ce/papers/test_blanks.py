"""A figure stands beside its measure word on every paper (luojiang_ce/papers/blanks.py)."""

import pytest

from luojiang_ce.papers.blanks import closed_up_figures
from tests.luojiang_ce.papers.list_papers import LIST_PAPERS


@pytest.mark.parametrize(
    ("said", "closed"),
    [
        ("公共科目 30 学时，合计 94.5 学时", "公共科目30学时，合计94.5学时"),
        ("2026 年度（第 1 批）共 1,200 人", "2026年度（第1批）共1,200人"),
        ("“初任班” 30 学时，林𬭎 2 人", "“初任班”30学时，林𬭎2人"),
        ("2027 年 1 月 7 日 24:00", "2027年1月7日 24:00"),
        ("区人社局 2 号窗口，3 × 4 课时", "区人社局2号窗口，3 × 4课时"),
        ("张三 2 学时；李四 3 学时", "张三2学时；李四3学时"),
    ],
)
def test_figures_stand_beside_their_words(said: str, closed: str) -> None:
    assert closed_up_figures(said) == closed
    assert closed_up_figures(f"<body><p>{said}</p></body>") == f"<body><p>{closed}</p></body>"


@pytest.mark.parametrize(
    "said",
    [
        "林知秋 0595-0000-0126",
        "0595 2263 0000 王老师，0595-2263 0000 人事科",
        "电话 0595-2263 0000 转8号",
        "2026年10月20日 周二 15:00 到场",
        "2026-10-20 日程，15:00 人工窗口",
        "编号 2026-C-0001 收悉",
        "欧阳 明，Python 3 入门",
        "1. 人员名单",
        "2024 2025 年",
        '<i class="who">张三</i> 2学时；<i class="who">李四</i> 3学时',
        "<b>30</b> 学时，共 <b>3</b>",
        "30\n学时",
    ],
)
def test_any_other_blank_is_kept(said: str) -> None:
    assert closed_up_figures(said) == said
    assert closed_up_figures(f"<body><p>{said}</p></body>") == f"<body><p>{said}</p></body>"


def test_tags_and_the_head_of_a_sheet_are_left_alone() -> None:
    html = '<title>共 3 人</title><body><p title="共 3 人">甲</p></body>'
    assert closed_up_figures(html) == html


def test_a_paper_is_printed_so() -> None:
    (printable,) = LIST_PAPERS["verification_person"](2)
    assert "公共科目30学时，专业科目64.5学时，合计94.5学时" in printable.html()

"""Chinese characters and figures stand beside each other on every paper (luojiang_ce/papers/blanks.py)."""

import pytest

from luojiang_ce.papers.blanks import closed_up_figures
from tests.luojiang_ce.papers.list_papers import LIST_PAPERS


@pytest.mark.parametrize(
    ("said", "closed"),
    [
        ("公共科目 30 学时，合计 94.5 学时", "公共科目30学时，合计94.5学时"),
        ("2026 年度（第 1 批）共 1,200 人", "2026年度（第1批）共1,200人"),
        ("1. 继续教育证书", "1.继续教育证书"),
        ("林知秋 0595-0000-0126", "林知秋 0595-0000-0126"),
        ("2026年10月20日 周二 15:00 到场", "2026年10月20日 周二 15:00 到场"),
        ("编号 2026-C-0001 收悉", "编号 2026-C-0001 收悉"),
        ("欧阳 明，Python 3 入门", "欧阳 明，Python 3入门"),
    ],
)
def test_figures_stand_beside_their_words(said: str, closed: str) -> None:
    assert closed_up_figures(f"<body><p>{said}</p></body>") == f"<body><p>{closed}</p></body>"


def test_tags_and_the_head_of_a_sheet_are_left_alone() -> None:
    html = '<title>共 3 人</title><body><p title="共 3 人">甲</p></body>'
    assert closed_up_figures(html) == html


def test_a_paper_is_printed_so() -> None:
    (printable,) = LIST_PAPERS["verification_person"](2)
    assert "公共科目30学时，专业科目64.5学时，合计94.5学时" in printable.html()

"""The level of a lecturer's title by its words."""

from __future__ import annotations

import pytest

from training.classes.changes.levels import ASSOCIATE, JUNIOR, MIDDLE, SENIOR, is_no_lower, level_of


@pytest.mark.parametrize(
    ("title", "level"),
    [
        *(
            (title, SENIOR)
            for title in ("教授", "研究员", "主任医师", "主任护师", "正高级教师", "正高级工程师", "编审")
        ),
        *(
            (title, ASSOCIATE)
            for title in ("副教授", "副研究员", "副主任医师", "高级工程师", "中学高级教师", "高级讲师")
        ),
        *(
            (title, MIDDLE)
            for title in ("讲师", "助理研究员", "主治医师", "主管护师", "工程师", "小学一级教师", "农艺师")
        ),
        *((title, JUNIOR) for title in ("助教", "助理工程师", "住院医师", "二级教师", "护师", "研究实习员")),
        *((title, None) for title in ("", "高级技师", "技师", "高级工", "院长", "特约讲解", "党校教员")),
        ("高级工程师、教授", SENIOR),
        ("工程师/高级技师", MIDDLE),
    ],
)
def test_levels(title: str, level: int | None) -> None:
    assert level_of(title) == level


def test_what_is_not_known_is_never_the_same() -> None:
    assert is_no_lower("教授", "副教授")
    assert is_no_lower("副教授", "高级工程师")
    assert not is_no_lower("讲师", "副教授")
    assert not is_no_lower("院长", "讲师")
    assert not is_no_lower("教授", "")
    assert not is_no_lower("", "")

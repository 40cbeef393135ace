"""Whose evidence a file is, told by its name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verification.declarations.matching import How, Match, Somebody, match

PEOPLE = [
    Somebody(1, "温知故", "0034"),
    Somebody(2, "王芳", "5012"),
    Somebody(3, "王芳", "771X"),
    Somebody(4, "欧阳明", "2026"),
    Somebody(5, "阳明", "8808"),
    Somebody(6, "阿依古丽·买买提", "1203"),
]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("温知故 结业证书.pdf", Match(How.SURE, (1,))),
        ("0034.jpg", Match(How.SURE, (1,))),
        ("证书_0034_扫描.jpg", Match(How.SURE, (1,))),
        ("温知故/IMG_1203.jpg", Match(How.SURE, (1,))),  # the camera's count, though it is somebody's end
        ("温知故/1203.jpg", Match(How.ASKED, (1, 6))),
        ("IMG_1203.jpg", Match(How.ASKED, (6,))),
        ("王芳 学时证明.pdf", Match(How.ASKED, (2, 3))),
        ("王芳5012.pdf", Match(How.SURE, (2,))),
        ("王芳（771x）.pdf", Match(How.SURE, (3,))),
        ("欧阳明.pdf", Match(How.SURE, (4,))),
        ("阳明.pdf", Match(How.SURE, (5,))),
        ("欧阳明、阳明.pdf", Match(How.ASKED, (4, 5))),
        ("2026年学时证明.pdf", Match(How.ASKED, (4,))),  # a year, or the end of a number
        ("2026年 温知故.pdf", Match(How.SURE, (1,))),
        ("阿依古丽•买买提 证书.pdf", Match(How.SURE, (6,))),
        ("扫描件.pdf", Match(How.NOBODY)),
        ("99999919850312500034.pdf", Match(How.NOBODY)),  # longer than any number
        ("999999198503120034.pdf", Match(How.SURE, (1,))),  # the whole number
        ("20260511上午.pdf", Match(How.NOBODY)),
        ("", Match(How.NOBODY)),
    ],
)
def test_by_name_by_the_last_four_or_asked(path: str, expected: Match) -> None:
    assert match(path, PEOPLE) == expected


def test_a_namesake_by_half_who_is_not_to_have_it_is_not_taken_for_somebody_else() -> None:
    assert match("王芳芳 结业证.pdf", PEOPLE[1:2]).how is How.SURE
    assert match("王芳芳 结业证.pdf", PEOPLE[1:2], ["王芳芳", "温知故"]) == Match(How.NOBODY)


@given(st.text(max_size=40))
def test_nobody_is_sure_of_whom_neither_name_nor_end_stands_there(path: str) -> None:
    found = match(path, PEOPLE)
    if found.how is How.SURE:
        [somebody] = [each for each in PEOPLE if each.key == found.keys[0]]
        assert somebody.name.replace("·", "") in path.replace("·", "").replace("•", "") or (
            somebody.end.casefold() in path.casefold()
        )


@given(st.permutations(PEOPLE), st.sampled_from(["王芳", "温知故0034", "2026", "欧阳明、阳明", "x"]))
def test_the_order_of_the_people_does_not_matter(people: list[Somebody], path: str) -> None:
    assert match(path, people) == match(path, PEOPLE)

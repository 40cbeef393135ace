"""Cleaning, rule by rule of the roster contract."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luojiang_ce.sheets.cells import clean_id, clean_name, clean_text, clean_title, without_blanks

MESSY = st.text(
    alphabet=st.one_of(
        st.sampled_from(" \t\n\u3000\u00a0\u200b\ufeff王明买提·•．.*:：－-'’Ａ１xX（必填）"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=20,
)


@pytest.mark.parametrize(
    ("given_text", "cleaned"),
    [
        ("\u3000 王 明\t\u00a0", "王 明"),
        ("１２３ＡＢｃｄ", "123ABcd"),
        ("a\u200bb\u200ec\u202ad\u202ee\u2060f\ufeffg", "abcdefg"),
        ("\ufeff\u200b", ""),
        ("（ＡＢ）", "（AB）"),
        ("𬭎䶮㛃", "𬭎䶮㛃"),
        ("\n\r\x0b", ""),
    ],
)
def test_text(given_text: str, cleaned: str) -> None:
    assert clean_text(given_text) == cleaned


@pytest.mark.parametrize(
    ("given_text", "cleaned"),
    [
        ("王　明", "王明"),
        ("王 \n 小\u00a0明", "王小明"),
        ("买买提 · 古丽", "买买提·古丽"),
        ("John   Smith", "John Smith"),
        ("John\nSmith", "John Smith"),
        ("王 John", "王John"),
        ("'王明", "王明"),
        (" ‘王明", "王明"),
        ("’ 王明", "王明"),
        ("O'Neil", "O'Neil"),
        ("Ｊｅａｎ-Luc", "Jean-Luc"),
        *((f"买买提{dot}例", "买买提·例") for dot in "•‧・･．∙⋅·\u0387\u2e31\ua78f"),
        ("阿不都.例", "阿不都.例"),
        ("'", ""),
        ("李𬭎", "李𬭎"),
        ("𠀀 𠀁", "𠀀𠀁"),
    ],
)
def test_names(given_text: str, cleaned: str) -> None:
    assert clean_name(given_text) == cleaned


@pytest.mark.parametrize(
    ("given_text", "cleaned"),
    [
        ("99999919850312 012x", "99999919850312012X"),
        ("'９９９999198503120１2ｘ\t", "99999919850312012X"),
        ("999 999\u30001985\u00a00312\n012X", "99999919850312012X"),
        ("\u200e999999\u200b", "999999"),
    ],
)
def test_ids(given_text: str, cleaned: str) -> None:
    assert clean_id(given_text) == cleaned


@pytest.mark.parametrize(
    "title",
    [
        "姓 名",
        "姓\n名",
        "姓\u3000\u00a0名：",
        "姓名:",
        "*姓名",
        "姓名*",
        "姓名（必填）",
        "姓名(必填)",
        "*姓名（必填）：",
        "姓名：（必填）*",
        "\ufeff姓名",
    ],
)
def test_titles(title: str) -> None:
    assert clean_title(title) == "姓名"


@pytest.mark.parametrize("title", ["姓名1", "（姓名）", "姓名、性别", "姓:名"])
def test_the_whole_cell_must_be_the_title(title: str) -> None:
    assert clean_title(title) != "姓名"


@given(MESSY)
def test_cleaning_what_is_clean_changes_nothing(text: str) -> None:
    for clean in (clean_text, without_blanks, clean_title):
        assert clean(clean(text)) == clean(text)


@given(MESSY.filter(lambda text: sum(text.count(mark) for mark in "'‘’") < 2))
def test_cleaning_clean_names_and_ids_changes_nothing(text: str) -> None:
    for clean in (clean_name, clean_id):
        assert clean(clean(text)) == clean(text)


@given(MESSY)
def test_no_cleaning_leaves_blanks_at_the_ends_or_invisible_marks(text: str) -> None:
    for clean in (clean_text, without_blanks, clean_title, clean_name, clean_id):
        cleaned = clean(text)
        assert cleaned == cleaned.strip()
        assert not set(cleaned) & set("\u200b\u200e\u202a\u2060\ufeff")

"""Cleaning, rule by rule of the roster contract."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luojiang_ce.sheets.cells import clean_id, clean_name, clean_text, clean_title, without_blanks
from luojiang_ce.sheets.characters import name_key

# Format characters and fillers that no font shows, control characters and noncharacters.
INVISIBLE = "\xad\u061c\u200b\u200f\u202a\u202e\u2060\u2066\u2067\u2068\u2069\u180e\u3164"
INVISIBLE += "\uffa0\ufeff\ufff9\ufffa\ufffb\uffff\ufe0f\U000e0100\x00\x02\x7f\x9d"
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
        *((f"{mark}王{mark}明{mark}", "王明") for mark in INVISIBLE),
        ("e\u0301", "é"),
        ("\uf979", "凉"),
        ("\U0002f800", "丽"),
        ("⾼⼀⽂⻢⼥⿓⻚", "高一文马女龍页"),
        ("ﬁne", "fine"),
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
        *((f"买买提{dot}例", "买买提·例") for dot in "•‧・･．∙⋅·\u0387\u2e31\ua78f﹒｡●▪∘˙。°․◦⚫⸰⸳"),
        *((f"Ａnna {dot} Ｌi", "Anna · Li") for dot in "•．。"),
        ("王明。", "王明。"),
        ("Jean‐Luc", "Jean-Luc"),
        ("Jean－Luc", "Jean-Luc"),
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
        assert not set(cleaned) & set(INVISIBLE)


@given(MESSY)
def test_what_is_cleaned_is_canonical_and_holds_no_radical(text: str) -> None:
    for clean in (clean_text, without_blanks, clean_name):
        cleaned = clean(text)
        assert unicodedata.is_normalized("NFC", cleaned)
        assert not any("\u2e80" <= character <= "\u2fd5" for character in cleaned if unicodedata.name(character, ""))


@pytest.mark.parametrize("place", [*range(0x2E80, 0x2EF4), *range(0x2F00, 0x2FD6)])
def test_every_radical_is_the_character_it_looks_like(place: int) -> None:
    radical = chr(place)
    if unicodedata.name(radical, ""):
        assert unicodedata.category(clean_text(radical)) == "Lo" or radical == "⺀"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("买买提·例", "买买提.例", True),
        ("买买提 · 例", "买买提·例", True),
        ("Anna. Li", "Anna·Li", True),
        ("O’Neil", "O'Neil", True),
        ("Jean-Luc SHILI", "Jean–Luc Shili", True),
        ("买买提·例", "买买提例", False),
        ("王明", "王朋", False),
        ("Anna Li", "AnnaLi", False),
    ],
)
def test_names_are_the_same_whatever_dot_they_have(one: str, other: str, same: bool) -> None:
    assert (name_key(clean_name(one)) == name_key(clean_name(other))) is same

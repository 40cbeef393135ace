"""How each of many years ended, in letters and in words; the page is held to the same table (tests/browser)."""

from __future__ import annotations

import pytest

from luojiang_ce.proof.words import OUTCOMES
from luojiang_ce.proof.years import coded, said, without_amounts

SAID = {
    "2023U": "2023 未达标",
    "2023UMM": "2023 未达标，2024 达标，2025 达标",
    "2015NWUP": "2015 未判定，2016 经审批同意通过验证，2017 未达标，2018 进行中",
    "2023MQ": "2023 达标，2024 Q",  # a letter that came later is shown, not guessed
    "2023U24M30c25Mc25P0": "2023 未达标（取得 24 学时），2024 达标（取得 30 学时、25 学分），"
    "2025 达标（取得 25 学分），2026 进行中（取得 0 学时）",
    "2023M90.25Q1": "2023 达标（取得 90.25 学时），2024 Q（取得 1 学时）",
    "2023M30c": "2023M30c",
    "2023M٣": "2023M٣",
    "2023": "2023",
    "M": "M",
    "": "",
    "２０２３M": "２０２３M",
}


@pytest.mark.parametrize("code", SAID)
def test_letters_are_said_in_words(code: str) -> None:
    assert said(code) == SAID[code]


@pytest.mark.parametrize("code", ["2023U", "2023UMM", "2023U24M30c25Mc25P0", f"2007{'MUPNW' * 4}"])
def test_words_come_back_from_their_letters(code: str) -> None:
    facts = "，".join(f"{each[:4]} 年度{each[5:]}" for each in said(code).split("，"))
    assert coded(facts) == code


def test_words_frozen_with_papers_of_before_have_the_same_letters() -> None:
    facts = "2023 年度未达标 24 学时，2024 年度达标 30 学时、25 学分，2025 年度达标 25 学分，2026 年度进行中 0 学时"
    assert coded(facts) == "2023U24M30c25Mc25P0"


@pytest.mark.parametrize(
    "text",
    ["", "达标", "2023 年度好", "2023 年度达标，2025 年度达标", "2024 年度达标，2023 年度达标", "2023 年度达标，另有"],
)
def test_what_has_no_letters_stays_as_it_is(text: str) -> None:
    assert coded(text) == text


@pytest.mark.parametrize(("code", "alone"), [("2023U24M30c25Mc25", "2023UMM"), ("2023UM", "2023UM"), ("达标", "达标")])
def test_outcomes_stand_alone_where_there_is_no_room(code: str, alone: str) -> None:
    assert without_amounts(code) == alone


def test_no_word_has_two_letters() -> None:
    assert len(set(OUTCOMES.values())) == len(OUTCOMES)

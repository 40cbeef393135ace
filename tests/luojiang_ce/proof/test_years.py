"""How each of many years ended, in letters and in words; the page is held to the same table (tests/browser)."""

from __future__ import annotations

import pytest

from luojiang_ce.proof.words import OUTCOMES
from luojiang_ce.proof.years import coded, said

SAID = {
    "2023U": "2023 未达标",
    "2023UMM": "2023 未达标，2024 达标，2025 达标",
    "2015NWUP": "2015 未判定，2016 经审批同意通过验证，2017 未达标，2018 进行中",
    "2023MQ": "2023 达标，2024 Q",  # a letter that came later is shown, not guessed
    "2023": "2023",
    "M": "M",
    "": "",
    "２０２３M": "２０２３M",
}


@pytest.mark.parametrize("code", SAID)
def test_letters_are_said_in_words(code: str) -> None:
    assert said(code) == SAID[code]


@pytest.mark.parametrize("code", ["2023U", "2023UMM", "2015NWUP", f"2007{'MUPNW' * 4}"])
def test_words_come_back_from_their_letters(code: str) -> None:
    facts = "，".join(f"{each[:4]} 年度{each[5:]}" for each in said(code).split("，"))
    assert coded(facts) == code


@pytest.mark.parametrize(
    "text",
    ["", "达标", "2023 年度好", "2023 年度达标，2025 年度达标", "2024 年度达标，2023 年度达标", "2023 年度达标，另有"],
)
def test_what_has_no_letters_stays_as_it_is(text: str) -> None:
    assert coded(text) == text


def test_no_word_has_two_letters() -> None:
    assert len(set(OUTCOMES.values())) == len(OUTCOMES)

"""How each of many years ended, in few letters: 2023UMM is 2023 未达标，2024 达标，2025 达标.

A QR code has no room for the words of twenty years. static/js/proof/statement.js says the same of the letters.
"""

from __future__ import annotations

import re

from .words import OUTCOMES

_LETTERS = {word: letter for letter, word in OUTCOMES.items()}
_TOLD = re.compile(r"(\d{4}) 年度(.+)")
_CODED = re.compile(r"([0-9]{4})([A-Z]+)")


def coded(text: str) -> str:
    """2023 年度未达标，2024 年度达标 in letters; any other text stays as it is, so that nothing of it is lost."""
    told = [_TOLD.fullmatch(each) for each in text.split("，")]
    found = [(int(each[1]), _LETTERS.get(each[2], "")) for each in told if each]
    first = found[0][0] if found else 0
    if len(found) < len(told) or not all(letter for _, letter in found):
        return text
    if [year for year, _ in found] != list(range(first, first + len(found))):
        return text
    return f"{first}{''.join(letter for _, letter in found)}"


def said(code: str) -> str:
    """The letters in words; what is none of ours as it is."""
    found = _CODED.fullmatch(code)
    if not found:
        return code
    first = int(found[1])
    return "，".join(f"{first + nth} {OUTCOMES.get(letter, letter)}" for nth, letter in enumerate(found[2]))

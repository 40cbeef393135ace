"""How each of many years ended and with how much, in few letters: 2023U24M30c25 is 2023 未达标（取得 24 学时），
2024 达标（取得 30 学时、25 学分）. Papers of before say the outcomes alone (2023UM), and so does one for whose amounts
a code has no room. 取得 is said: 未达标 24 学时 alone reads as if 24 were missing.

A QR code has no room for the words of twenty years. static/js/proof/statement.js says the same of the letters.
"""

from __future__ import annotations

import re

from .words import OUTCOMES

_LETTERS = {word: letter for letter, word in OUTCOMES.items()}
_TOLD = re.compile(  # what was frozen with papers of before has a blank in place of the bracket
    r"(\d{4}) 年度(?P<word>[^ （]+)"
    r"(?:(?: |（取得 )(?=[0-9])(?:(?P<hours>[0-9.]+) 学时)?(?:、?(?P<credits>[0-9.]+) 学分)?）?)?"
)
_YEAR = re.compile(r"(?P<letter>[A-Z])(?P<hours>[0-9.]*)(?:c(?P<credits>[0-9.]+))?")
_CODED = re.compile(r"([0-9]{4})((?:[A-Z][0-9.]*(?:c[0-9.]+)?)+)")


def coded(text: str) -> str:
    """2023 年度未达标（取得 24 学时），2024 年度达标 in letters; any other text as it is: nothing of it is lost."""
    told = [_TOLD.fullmatch(each) for each in text.split("，")]
    found = [(int(each[1]), _letters(each)) for each in told if each]
    first = found[0][0] if found else 0
    if len(found) < len(told) or not all(letters for _, letters in found):
        return text
    if [year for year, _ in found] != list(range(first, first + len(found))):
        return text
    return f"{first}{''.join(letters for _, letters in found)}"


def _letters(told: re.Match[str]) -> str:
    credits = f"c{told['credits']}" if told["credits"] else ""
    letter = _LETTERS.get(told["word"])
    return f"{letter}{told['hours'] or ''}{credits}" if letter else ""


def said(code: str) -> str:
    """The letters in words; what is none of ours as it is."""
    found = _CODED.fullmatch(code)
    if not found:
        return code
    first = int(found[1])
    return "，".join(f"{first + nth} {_said(each)}" for nth, each in enumerate(_YEAR.finditer(found[2])))


def _said(year: re.Match[str]) -> str:
    amounts = ((year["hours"], "学时"), (year["credits"], "学分"))
    told = "、".join(f"{amount} {measure}" for amount, measure in amounts if amount)
    return with_amounts(OUTCOMES.get(year["letter"], year["letter"]), told)


def with_amounts(outcome: str, amounts: str) -> str:
    """未达标（取得 24 学时）: how a year ended and with how much; the outcome alone where no amounts are known."""
    return f"{outcome}（取得 {amounts}）" if amounts else outcome


def without_amounts(code: str) -> str:
    """The outcomes alone; what is none of ours as it is."""
    found = _CODED.fullmatch(code)
    return f"{found[1]}{re.sub('[^A-Z]', '', found[2])}" if found else code

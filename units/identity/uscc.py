"""统一社会信用代码 (GB 32100-2015): 18 characters, the last one a check digit."""

from __future__ import annotations

import re

from stdnum.cn import uscc

from luojiang_ce.sheets.cells import without_blanks

# The package wants eight digits first; the army (A), agricultural collectives (N) and others (Y) begin with a letter.
_WITH_LETTER = re.compile(r"[ANY][0-9A-Z][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")


# Eighteen of its characters in their places, whatever the last one is.
_SHAPE = re.compile(r"(?:[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}|[ANY][0-9A-Z][0-9]{6})[0-9A-HJ-NPQRTUWXY]{10}")


def tidy(code: str) -> str:
    """The code without blanks and hyphens, in ordinary capitals."""
    return uscc.compact(without_blanks(code)).upper()


def is_sound(code: str) -> bool:
    """Has the code the right shape and check digit?"""
    if uscc.is_valid(code):
        return True
    return bool(_WITH_LETTER.fullmatch(code)) and uscc.calc_check_digit(code[:17]) == code[17]


def why_refused(code: str, reason: str) -> str:
    """What is wrong with a code; nothing for a sound one, nor for one whose check character is explained.

    Codes whose check character does not fit are in use: they stand like that on the certificate.
    """
    if is_sound(code) or (reason and _SHAPE.fullmatch(code)):
        return ""
    if _SHAPE.fullmatch(code):
        return "校验不符，请对照证书逐位核对；证书上确实如此的，请在“校验不符的说明”里写明"
    return "校验不符：应为 18 位，不含 I、O、S、V、Z，请对照证书逐位核对"

"""统一社会信用代码 (GB 32100-2015): 18 characters, the last one a check digit."""

from __future__ import annotations

import re

from stdnum.cn import uscc

# The package wants eight digits first; the army (A), agricultural collectives (N) and others (Y) begin with a letter.
_WITH_LETTER = re.compile(r"[ANY][0-9A-Z][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")


def tidy(code: str) -> str:
    """The code without blanks and hyphens, in capitals."""
    return uscc.compact(code)


def is_sound(code: str) -> bool:
    """Has the code the right shape and check digit?"""
    if uscc.is_valid(code):
        return True
    return bool(_WITH_LETTER.fullmatch(code)) and uscc.calc_check_digit(code[:17]) == code[17]

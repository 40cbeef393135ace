"""What people type from a paper, its number or its check code, as it is compared. Pure.

static/js/proof/verdict.js reads the same; tests/luojiang_ce/proof/cases.py and tests/browser/test_verify.py hold both
to it.
"""

from __future__ import annotations

import re
from unicodedata import normalize

# Crockford's base 32: no I, L, O or U, so that nothing on a printed page can be read as something else.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12  # 12 × 5 bits = 60 bits: at a million papers a guess still hits once in 10^12
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
# Blanks, and what pasted text brings along unseen; then the dashes and dots that people put between.
_BLANK = r"\s\u200b-\u200f\u202a-\u202e\u2060\ufeff"
_AROUND = re.compile(f"^[{_BLANK}]+|[{_BLANK}]+$")
_BLANKS, _BETWEEN = re.compile(f"[{_BLANK}]"), re.compile(rf"[{_BLANK}\-\u2010-\u2015\u2212.·•]")
_BRACKETS = str.maketrans("[](){}【】「」『』〖〗《》〈〉<>", "〔〕" * 10)
_NUMBER = re.compile(r"(?P<word>[^〔〕]+)〔(?P<year>[0-9]{4})〕第?0*(?P<nth>[0-9]+)号?")


def without_blanks(text: str) -> str:
    """A text without blanks and without the unseen marks that come with what is pasted."""
    return _BLANKS.sub("", text)


def trimmed(typed: str) -> str:
    """What was typed, as it is told again."""
    return _AROUND.sub("", typed)


def plain(typed: str) -> str:
    """A number or a code as it is compared. Of a number its parts, with any keyboard's brackets, zeros in front or not,
    号 or not; of all else the letters: full-width characters, small letters, missing or odd dashes and I, L, O, U are
    forgiven."""
    bare = _BETWEEN.sub("", normalize("NFKC", typed).upper())
    number = _NUMBER.fullmatch(bare.translate(_BRACKETS))
    return f"{number['word']}〔{number['year']}〕{number['nth']}号" if number else bare.translate(_READ_AS)


def is_code(letters: str) -> bool:
    """Can these letters, as `plain` has them, be a check code?"""
    return len(letters) == LENGTH and set(letters) <= set(ALPHABET)


def is_read(letters: str) -> bool:
    """Is what was typed, as `plain` has it, a whole number or a code: can it be another paper's?"""
    return is_code(letters) or _NUMBER.fullmatch(letters) is not None

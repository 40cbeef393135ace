"""The code printed on a paper, by which anyone opens its check page: short to type, not to be guessed."""

from __future__ import annotations

import secrets

# Crockford's base 32: no I, L, O or U, so that nothing on a printed page can be read as something else.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12  # 12 × 5 bits = 60 bits: at a million papers a guess still hits once in 10^12
GROUP = 4
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
_SEPARATORS = str.maketrans("", "", "-—–－ \u3000\u00a0.·")


def new_code() -> str:
    """A fresh random code, grouped: XXXX-XXXX-XXXX."""
    return _group("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))


def normalise(typed: str) -> str | None:
    """A typed code as it is stored, None when it cannot be a code.

    What `plain` forgives is forgiven.
    """
    letters = plain(typed)
    if len(letters) != LENGTH or set(letters) - set(ALPHABET):
        return None
    return _group(letters)


def plain(typed: str) -> str:
    """The letters of what was typed: full-width characters, small letters, missing or odd dashes and I, L, O, U are
    forgiven."""
    half_width = "".join(chr(ord(c) - 0xFEE0) if "\uff01" <= c <= "\uff5e" else c for c in typed)
    return half_width.upper().translate(_SEPARATORS).translate(_READ_AS)


def _group(letters: str) -> str:
    return "-".join(letters[i : i + GROUP] for i in range(0, LENGTH, GROUP))

"""What is printed on a slip: its address and its code, in the letters that cannot be misread (papers.codes)."""

from __future__ import annotations

import secrets

from luojiang_ce.papers.codes import ALPHABET, plain

ADDRESS, CODE = 16, 8  # letters of five bits each
_HALF = CODE // 2


def new_address() -> str:
    """80 bits: what stands in the QR, or is typed where no camera reads it."""
    return _letters(ADDRESS)


def new_code() -> str:
    """40 bits, more than anybody tries over a network: XXXX-XXXX."""
    return _grouped(_letters(CODE))


def normalise(typed: str) -> str | None:
    """A typed code as it was printed, None when it cannot be one; forgives what codes of papers forgive."""
    letters = plain(typed)
    return _grouped(letters) if len(letters) == CODE and not set(letters) - set(ALPHABET) else None


def _letters(count: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(count))


def _grouped(letters: str) -> str:
    return f"{letters[:_HALF]}-{letters[_HALF:]}"

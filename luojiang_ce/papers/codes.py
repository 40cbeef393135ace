"""The code printed on a paper, by which anyone opens its check page: short to type, not to be guessed."""

from __future__ import annotations

import secrets

from luojiang_ce.proof.typed import ALPHABET, LENGTH, is_code, plain

__all__ = ["ALPHABET", "LENGTH", "new_code", "normalise", "plain"]
GROUP = 4


def new_code() -> str:
    """A fresh random code, grouped: XXXX-XXXX-XXXX."""
    return _group("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))


def normalise(typed: str) -> str | None:
    """A typed code as it is stored, None when it cannot be a code.

    What `plain` forgives is forgiven.
    """
    letters = plain(typed)
    return _group(letters) if is_code(letters) else None


def _group(letters: str) -> str:
    return "-".join(letters[i : i + GROUP] for i in range(0, LENGTH, GROUP))

"""One-time passwords: shown once on screen or printed once, changed at the first sign-in."""

from __future__ import annotations

import secrets

# Without 0 O 1 l I: the password is read from a screen or a slip of paper.
_UPPER, _LOWER, _DIGITS = "ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnpqrstuvwxyz", "23456789"
GROUPS, GROUP_LENGTH = 4, 4


def one_time_password() -> str:
    """Four groups of four, each with a capital, a small letter and a digit: Kx7m-pQ9d-4RtW-h8Ns."""
    return "-".join(_group() for _ in range(GROUPS))


def _group() -> str:
    every = _UPPER + _LOWER + _DIGITS
    signs = [secrets.choice(kind) for kind in (_UPPER, _LOWER, _DIGITS)]
    signs += [secrets.choice(every) for _ in range(GROUP_LENGTH - len(signs))]
    secrets.SystemRandom().shuffle(signs)
    return "".join(signs)

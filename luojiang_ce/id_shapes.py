"""Whole ID numbers in typed text: found by their shape and masked, wherever words are kept or travel (domain.md §6).

The blocks know no person: what a number says, and how it is sealed, is units/identity/id_numbers.py.

Whoever knows the district knows the first six of most numbers in it. First six, birth month and last four leave about
three numbers; so beside a birth month at most the last two are shown, which leave some 270, and a birth date with its
day is never shown beside any of the number (tests/luojiang_ce/access/test_id_ends.py counts them on every page).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# GB 11643: area, a birth date that can be, sequence, check digit. The check digit is not tried: a number with one digit
# mistyped gives a person away all the same. A 统一社会信用代码 has no such date.
_WHOLE = re.compile(
    r"(?<![0-9])([1-9][0-9]{5})(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])([0-9]{3}[0-9Xx])(?![0-9])"
)
# As `mask` makes them of eighteen.
_MASKED = re.compile(r"(?<![0-9])[1-9][0-9]{5}\*{8}[0-9]{3}[0-9Xx](?![0-9])")
_HIDDEN = 3  # of any number at least: a thousand remain possible


def mask_ids(text: str) -> str:
    """The text with every ID number in it, whole or masked, as it may stand beside a birth: words go anywhere."""
    return _MASKED.sub(lambda found: beside_birth(found[0]), _WHOLE.sub(lambda found: beside_birth(found[0]), text))


def mask(number: str) -> str:
    """A number as it is shown where nobody's birth is: first six and last four of eighteen; of any other at most the
    last four."""
    if len(number) == 18:
        return f"{number[:6]}********{number[-4:]}"
    shown = min(4, len(number) - _HIDDEN) if len(number) > 4 else 0
    return "*" * max(len(number) - shown, 4) + number[len(number) - shown :]


def beside_birth(number: str) -> str:
    """A number, whole or masked, as it is shown where a birth month may stand beside it: at most its last two."""
    return "*" * (len(number) - 2) + number[-2:] if len(number) > 4 else "****"


def last_four_of_ids(text: str) -> str:
    """The text with every whole ID number cut to its last four, by which people are searched."""
    return _WHOLE.sub(lambda found: found[2], text)


def without_ids(value: Any) -> Any:
    """What was typed into a form, texts masked at any depth; anything else as it is."""
    if isinstance(value, str):
        return mask_ids(value)
    if isinstance(value, Mapping):
        return {key: without_ids(each) for key, each in value.items()}
    if type(value) in (list, tuple):
        return type(value)(without_ids(each) for each in value)
    return value

"""No full ID number leaves an import, whichever cell it stood in."""

import re

from luojiang_ce.id_shapes import mask

from .cells import Value, as_text

# What Excel makes of long numbers, left in a text.
SCIENTIFIC = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?[Ee][+-]?[0-9]+")
# 15 digits and more, even with blanks or hyphens between them: an ID of either length, perhaps broken.
_LONG_NUMBER = re.compile(r"[0-9](?:[\s-]?[0-9]){13,}[\s-]?[0-9Xx]")
_EXCEL_DIGITS = 1e11
_LONGEST_TEXT = 100
_LONGEST_ID = 40


def mask_text(text: str) -> str:
    """The text with every number in it that could be an ID masked, and cut: a cell may hold pages."""
    masked = _LONG_NUMBER.sub(lambda found: mask_id(re.sub(r"[\s-]", "", found[0])), text)
    return masked if len(masked) <= _LONGEST_TEXT else masked[: _LONGEST_TEXT - 1] + "…"


def mask_id(text: str) -> str:
    """What stands in an ID cell, masked."""
    return mask(text[-_LONGEST_ID:])


def shown_value(value: Value | None, *, is_id: bool = False) -> str:
    """A cell as the user sees it in the sheet, masked: long numbers in scientific notation, as Excel shows them."""
    if isinstance(value, float) and abs(value) >= _EXCEL_DIGITS:
        return f"{value:.5E}"
    text = as_text(value).strip()
    if is_id and isinstance(value, str) and text and not SCIENTIFIC.fullmatch(text):
        return mask_id(text)
    return mask_text(text)

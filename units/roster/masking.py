"""No full ID number leaves the import, whichever cell it stood in."""

import re

from luojiang_ce.sheets.cells import Value, as_text
from units import id_numbers

# 15 digits and more, even with blanks or hyphens between them: an ID of either length, perhaps broken.
_LONG_NUMBER = re.compile(r"[0-9](?:[\s-]?[0-9]){13,}[\s-]?[0-9Xx]")
_EXCEL_DIGITS = 1e11


def mask_text(text: str) -> str:
    """The text with every number in it that could be an ID masked."""
    return _LONG_NUMBER.sub(lambda found: id_numbers.mask(re.sub(r"[\s-]", "", found[0])), text)


def shown_value(value: Value | None, *, is_id: bool = False) -> str:
    """A cell as the user sees it in the sheet, masked: long numbers in scientific notation, as Excel shows them."""
    if isinstance(value, float) and abs(value) >= _EXCEL_DIGITS:
        return f"{value:.5E}"
    text = as_text(value).strip()
    return id_numbers.mask(text) if is_id and text and isinstance(value, str) and "E+" not in text else mask_text(text)

"""No full ID number leaves an import, whichever cell it stood in."""

import re

from luojiang_ce.id_shapes import beside_birth, mask

from .cells import Value, as_text
from .definitions import Kind, SheetForm
from .months import from_serial, read_month

# What Excel makes of long numbers, left in a text.
SCIENTIFIC = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?[Ee][+-]?[0-9]+")
# 15 digits and more, even with blanks or hyphens between them: an ID of either length, perhaps broken.
_LONG_NUMBER = re.compile(r"[0-9](?:[\s-]?[0-9]){13,}[\s-]?[0-9Xx]")
_EXCEL_DIGITS = 1e11
_DAY = re.compile(
    r"(?<![0-9])((?:19|20)[0-9]{2})(?:[-./年]([0-9]{1,2})[-./月][0-9]{1,2}日?|([0-9]{2})[0-9]{2})(?![0-9])"
)
_LONGEST_TEXT = 100
_LONGEST_ID = 40


def mask_text(text: str) -> str:
    """The text with every number in it that could be an ID masked, and cut: a cell may hold pages."""
    masked = _LONG_NUMBER.sub(lambda found: beside_birth(re.sub(r"[\s-]", "", found[0])), text)
    return masked if len(masked) <= _LONGEST_TEXT else masked[: _LONGEST_TEXT - 1] + "…"


def mask_id(text: str) -> str:
    """What stands in an ID cell, masked; nobody's birth stands beside it."""
    return mask(text[-_LONGEST_ID:])


def shown_value(value: Value | None, form: SheetForm, kind: Kind = "text") -> str:
    """A cell of a column of that kind as the user sees it in the sheet: IDs masked, of a month no day, long numbers in
    scientific notation, as Excel shows them. Where people are listed any other day may be a birth too."""
    text = as_text(value).strip()
    if (isinstance(value, float) and abs(value) >= _EXCEL_DIGITS) or SCIENTIFIC.fullmatch(text):
        return f"{float(text):.5E}"
    if isinstance(value, float) and not value.is_integer():
        # A part of a day as the time that Excel shows; any other number short, for nobody's ID has a point.
        return f"{from_serial(1 + value, False):%H:%M}" if 0 < value < 1 else f"{value:.6g}"
    if kind == "id" and isinstance(value, str):
        return beside_birth(text[-_LONGEST_ID:]) if text else ""
    month = read_month(value) if kind == "month" and value is not None else None
    shown = month.name if month else mask_text(text)
    return without_days(shown) if form.lists_people and not form.has_days else shown


def without_days(text: str) -> str:
    """The text with every day in it cut to its month."""
    return _DAY.sub(lambda found: f"{found[1]}-{(found[2] or found[3]).zfill(2)}", text)

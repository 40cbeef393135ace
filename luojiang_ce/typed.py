"""Numbers, days and texts as strangers type them into an address or a form."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict
from django.utils.http import url_has_allowed_host_and_scheme

from luojiang_ce.id_shapes import mask_ids
from luojiang_ce.workdays.calendar import LAST_YEAR

# Nobody's papers are older; what is counted from the latest day still ends inside the calendar.
EARLIEST, LATEST = date(1900, 1, 1), date(LAST_YEAR - 2, 12, 31)
PLAUSIBLE = (
    MinValueValidator(EARLIEST, f"日期太早（{EARLIEST.year} 年以前），请核对年份"),
    MaxValueValidator(LATEST, f"日期太远，不在工作日历的范围内（到 {LATEST.year} 年为止），请核对年份"),
)

_DIGITS = 18  # what a database's whole number holds
MOST_ROWS = 10**_DIGITS - 1

_SHORTEST_TEXT = 100  # letters that a field takes, of which it is a text
# What no keyboard types: control characters, and marks that turn the order of what is read.
_UNTYPED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]")
_ENDS_OF_LINES = re.compile("[\x0b\x0c\x85\u2028\u2029]")  # as other programs have them on the clipboard

NOT_A_DATE = "不是日期，请按 2026-03-02 这样写"


def whole_number(text: str) -> int | None:
    """The number behind plain digits; None for anything else: a superscript ², a minus, more than a row id can be."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None


def whole_numbers(texts: list[str]) -> list[int]:
    """Those of the texts that are numbers; the others are left out."""
    return [number for text in texts if (number := whole_number(text)) is not None]


def ticked_rows(sent: QueryDict) -> list[int]:
    """The ids of the rows of one kind that were ticked in a list (the filter `tick` has named them)."""
    return whole_numbers([each.rpartition(":")[2] for each in sent.getlist("cases")])


class RowsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # generic in the stubs alone
    """Ticked rows; what cannot be the number of a row is no choice."""

    def clean(self, value: Any) -> Any:
        return super().clean(whole_numbers([str(each) for each in value or []]))


def own_page(address: str, otherwise: str) -> str:
    """Where a form says it came from, if that is a page of this site."""
    ours = address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if ours else otherwise


class SoundTextsMixin:
    """What is typed into a field goes on as a person types it: one line where the field has one (a title becomes the
    subject of a mail, a name in a calendar), and no control characters.

    A text is kept, shown and printed without whole ID numbers (domain.md §6). A short field holds a name or a number
    of its own: that of a document where it is asked for, of a certificate that is made like one.
    """

    fields: dict[str, forms.Field]
    cleaned_data: dict[str, Any]

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]
        for name, value in self.cleaned_data.items():
            field = self.fields[name]
            if isinstance(field, forms.CharField) and isinstance(value, str):
                self.cleaned_data[name] = _sound(value, field)


def one_line(text: str) -> str:
    """The text in one line, without what no keyboard types: as names from outside are shown too."""
    return " ".join(_without_untyped(text).splitlines())


def _sound(text: str, field: forms.CharField) -> str:
    typed = _without_untyped(text) if isinstance(field.widget, forms.Textarea) else one_line(text)
    return mask_ids(typed) if (field.max_length or _SHORTEST_TEXT) >= _SHORTEST_TEXT else typed


def _without_untyped(text: str) -> str:
    return _ENDS_OF_LINES.sub("\n", _UNTYPED.sub("", text))

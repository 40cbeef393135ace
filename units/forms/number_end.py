"""The end of an ID number, typed by its holder where nobody is signed in."""

from __future__ import annotations

from typing import Any

from django import forms

from luojiang_ce.home.forms import BaseForm
from units.identity.id_numbers import SIX

SHORTEST = 5  # signs of the shortest passport number


class NumberEndForm(BaseForm):
    """Not a number's shape but what it is compared with decides: anything of some length is. `number_help`: whose
    document is meant; `whole_help`: why the whole number is asked for."""

    number = forms.CharField(
        label="证件号码后六位",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": "请填写证件号码后六位"},
    )
    number_help = whole_help = ""
    default_width = 12

    def __init__(self, *args: Any, whole: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].help_text = self.number_help
        if whole:
            self.ask_whole()

    def ask_whole(self) -> None:
        """Beyond the usual number of misses the end is not enough; also of a form that has been checked."""
        bound = self["number"]
        bound.label, bound.help_text = "完整的证件号码", self.whole_help

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"]
        if len("".join(number.split())) < SHORTEST:
            raise forms.ValidationError(f"请填写证件号码的后 {SIX} 位，现在太短")
        return number

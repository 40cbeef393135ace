"""What is decided on a photographed page: for each cell whether it is signed, and with which times."""

from __future__ import annotations

from typing import Any

from django import forms

from training.attendance.forms import TimesForm

from .pages import Choice, SheetPage
from .proposals import Ink

SIGNED, EMPTY = "signed", "empty"
ASKED = ((SIGNED, "已签"), (EMPTY, "没签"))


class ConfirmForm(TimesForm):
    """A tick for each clear cell, as proposed; a question for each doubtful one, with no answer chosen beforehand."""

    def __init__(self, *args: Any, page: SheetPage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.page = page
        for line in page.lines:
            for choice in line.choices:
                if not choice.there:
                    self.fields[choice.name] = _field(f"{line.called} {choice.label}", choice)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for kind, signed in self.signed.items():
            field = f"time_{kind}"
            if signed and field not in self.errors and data.get(field) is None:
                self.add_error(field, f"有 {len(signed)} 人定为已签，请填写{self.fields[field].label}")
        if not {"time_in", "time_out"} & self.errors.keys():
            self.check_times()
        return data

    @property
    def signed(self) -> dict[str, list[int]]:
        """Whom the person has decided to have signed, by kind."""
        found: dict[str, list[int]] = {"in": [], "out": []}
        for line in self.page.lines:
            for choice in line.choices:
                if self.cleaned_data.get(choice.name) in (True, SIGNED):
                    found[choice.kind].append(line.enrolment.pk)
        return found


def _field(label: str, choice: Choice) -> forms.Field:
    if not choice.is_asked:
        return forms.BooleanField(label=label, required=False, initial=choice.ink is Ink.SIGNED)
    return forms.ChoiceField(
        label=label,
        choices=ASKED,
        widget=forms.RadioSelect,
        error_messages={"required": f"{label}：{choice.doubt.label}，请看照片选“已签”或“没签”"},
    )

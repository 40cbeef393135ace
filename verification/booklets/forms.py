"""When pages were written; why a mark was wrong."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from luojiang_ce import clock
from luojiang_ce.home.forms import BaseForm
from units.forms.base import ReasonField
from verification.booklets.services import wrong_day


class WrittenForm(BaseForm):
    """The day on which the pages shown were written into the real booklets."""

    on = forms.DateField(label="登记日期", help_text="写进证书的那一天")

    def __init__(self, *args: Any, year: int, **kwargs: Any) -> None:
        super().__init__(*args, initial={"on": clock.today()}, **kwargs)
        self.year = year

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if wrong := wrong_day(self.year, on):
            raise forms.ValidationError(wrong)
        return on


class TakeBackForm(BaseForm):
    """Why it counts as not written."""

    default_width = 12
    reason = ReasonField(label="撤销理由", help_text="如误点；撤销后在办理经过中可查")

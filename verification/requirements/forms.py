"""Entering the figures that the notice leaves to others; switching rule sets."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from django import forms

from luojiang_ce import clock
from luojiang_ce.home.form_page import Difference, OverRow, as_read
from luojiang_ce.home.forms import BaseForm, ToggleMixin
from luojiang_ce.versions import Standing
from verification.requirements.models import Setting
from verification.requirements.services import UNSET, figure_of

FIRST_YEAR = 2017  # of the notice


class FigureForm(OverRow, BaseForm):
    """A figure for a year with the document that gives it. Where there is one already, whoever enters another is shown
    both before it is replaced: which one it is, is known only when year and kind are typed."""

    widths = {"key": 4, "year": 4, "amount": 4, "document": 12}

    key = forms.ChoiceField(label="项目", choices=Setting.choices)
    year = forms.IntegerField(label="年度", help_text="公共科目写验证年度；教师周期学时总数写周期的最后一年")
    amount = forms.DecimalField(
        label="学时", max_digits=6, decimal_places=1, help_text="没有文件依据的不要填；未设定的只提示，不判定"
    )
    document = forms.CharField(label="依据", max_length=200, help_text="文件名和文号")

    @property
    def row(self) -> Standing:  # type: ignore[override]
        typed = getattr(self, "cleaned_data", {})
        return figure_of(typed["year"], typed["key"]) if {"year", "key"} <= typed.keys() else UNSET

    def compare(self) -> Iterator[Difference]:
        """Amount and document."""
        stored = dict(zip(("amount", "document"), self.row.values, strict=False))
        for name, value in stored.items():
            if value != self.cleaned_data[name]:
                field = self.fields[name]
                yield Difference(str(field.label), as_read(field, value), as_read(field, self.cleaned_data[name]))

    def clean_year(self) -> int:
        year: int = self.cleaned_data["year"]
        last = clock.today().year + 5
        if not FIRST_YEAR <= year <= last:
            raise forms.ValidationError(f"应在 {FIRST_YEAR} 年至 {last} 年之间")
        return year

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        if amount <= 0:
            raise forms.ValidationError("应大于 0；要恢复为未设定，请在“年度设定”中操作")
        return amount


class SwitchForm(ToggleMixin, BaseForm):
    """Why a rule set is switched on or off."""

    default_width = 12

    reason = forms.CharField(
        label="理由和依据", max_length=300, error_messages={"required": "请写明启用或停用的理由和依据（文件名、文号）"}
    )

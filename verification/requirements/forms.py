"""Entering the figures that the notice leaves to others; switching rule sets."""

from __future__ import annotations

from decimal import Decimal

from django import forms

from luojiang_ce import clock
from luojiang_ce.home.forms import BaseForm, ToggleMixin
from verification.requirements.models import Setting

FIRST_YEAR = 2017  # of the notice


class FigureForm(BaseForm):
    """A figure for a year with the document that gives it; entering one again replaces it."""

    widths = {"key": 4, "year": 4, "amount": 4, "document": 12}

    key = forms.ChoiceField(label="项目", choices=Setting.choices)
    year = forms.IntegerField(label="年度", help_text="公共科目写验证年度；教师周期学时总数写周期的最后一年")
    amount = forms.DecimalField(
        label="学时", max_digits=6, decimal_places=1, help_text="没有文件依据的不要填；未设定的只提示，不判定"
    )
    document = forms.CharField(label="依据", max_length=200, help_text="文件名和文号")

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

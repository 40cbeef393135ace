"""Entering the figures that the notice leaves to others; writing rule sets."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.db import models

from luojiang_ce import clock
from luojiang_ce.home.form_page import EditForm
from luojiang_ce.home.forms import BaseForm
from luojiang_ce.typed import LATEST
from luojiang_ce.words import squeezed
from verification.choices import Form, Subject
from verification.requirements.models import FigureChange, Level, Rule, RuleSet, Setting, plain
from verification.requirements.succession import REVISION

FIRST_YEAR = 2017  # of the notice


class FigureForm(EditForm):
    """A figure for a year with the document that gives it."""

    widths = {"key": 4, "year": 4, "amount": 4, "document": 12}

    class Meta:
        model = FigureChange
        fields = ("key", "year", "amount", "document")

    def clean_year(self) -> int:
        return _sound_year(self.cleaned_data["year"])

    def clean_amount(self) -> Decimal | None:
        amount: Decimal | None = self.cleaned_data["amount"]
        if amount is not None and amount <= 0:
            raise forms.ValidationError("应大于 0；要恢复为未设定，请留空")
        return amount

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("key") and data.get("year"):
            same = FigureChange.objects.open().filter(key=data["key"], year=data["year"])
            if same.exclude(pk=self.instance.pk).exists():
                self.add_error("year", "这一年度这一项已在拟定或审批中，请在那一份里修改")
        return data


class RuleSetForm(EditForm):
    """Whose rules they are, by which document, for which years."""

    levels = forms.MultipleChoiceField(
        label="适用的医疗机构级别",
        choices=Level.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="只对卫生人员；规则只对写明的级别有效",
    )
    series = forms.CharField(
        label="只适用于这些系列",
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="一行一个，与人员信息里“系列”的写法一致；不限的留空",
    )
    widths = {
        **{"title": 8, "category": 4, "document": 12, "levels": 6, "series": 6},
        **{"first_year": 3, "last_year": 3, "note": 12},
    }

    class Meta:
        model = RuleSet
        fields = ("title", "category", "document", "levels", "series", "first_year", "last_year", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["series"] = "\n".join(self.instance.series)

    def clean_series(self) -> list[str]:
        return list(dict.fromkeys(filter(None, map(str.strip, self.cleaned_data["series"].splitlines()))))

    def clean_first_year(self) -> int:
        return _sound_year(self.cleaned_data["first_year"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        begins, ends = data.get("first_year"), data.get("last_year")
        if begins and ends and ends < begins:
            self.add_error("last_year", f"应在 {begins} 年度以后；没有写明到哪一年度的留空")
        if ends and ends > LATEST.year:
            self.add_error("last_year", f"年度太远（到 {LATEST.year} 年为止），请核对；没有写明到哪一年度的留空")
        medical = data.get("category") == RuleSet.Category.MEDICAL
        if data.get("levels") and not medical:
            self.add_error("levels", "只有卫生人员的规则分医疗机构级别，请不要勾选")
        if medical and not data.get("levels"):
            self.add_error("levels", "卫生人员的规则须勾选适用于哪些级别，没有勾选的级别不判定")
        for name, why in REVISION.otherwise(self.instance.replaces, data).items():
            self.add_error(name, why)
        return data


class CapsField(forms.CharField):
    """What a form of learning may count at most: a line each, 远程（网络）教育 12. Every wrong line is
    named."""

    widget = forms.Textarea(attrs={"rows": 3, "placeholder": f"{Form.REMOTE.label} 12"})

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return "\n".join(f"{Form(form).label} {amount}" for form, amount in value.items())

    def clean(self, value: Any) -> dict[str, str]:
        read: dict[str, str] = {}
        wrong = []
        for number, line in enumerate(super().clean(value).splitlines(), start=1):
            if not line.strip():
                continue
            try:
                form, amount = self._read(line.strip())
                if form in read:
                    raise forms.ValidationError(f"“{Form(form).label}”已经写过，每种形式只写一行")
                read[form] = amount
            except forms.ValidationError as error:
                wrong.append(f"第 {number} 行：{error.messages[0]}")
        if wrong:
            raise forms.ValidationError(wrong)
        return read

    def _read(self, line: str) -> tuple[str, str]:
        typed = squeezed(line)
        label = next((each for each in FORMS if typed.startswith(each)), None)
        if label is None:
            raise forms.ValidationError(f"“{line}”读不出来，应为学习形式和数，如“{Form.REMOTE.label} 12”")
        figure = forms.DecimalField(max_digits=6, decimal_places=1, min_value=Decimal("0.1"))
        try:
            return FORMS[label], f"{plain(figure.clean(typed.removeprefix(label).lstrip(':→'))):f}"
        except forms.ValidationError:
            raise forms.ValidationError(f"“{line}”的数应大于 0，最多一位小数") from None


FORMS = {squeezed(label): name for name, label in sorted(Form.choices, key=lambda each: -len(each[1]))}


class RuleForm(EditForm):
    """One requirement. A figure that no document gives stays 未设定: nobody is judged by it."""

    class Figure(models.TextChoices):
        FIXED = "fixed", "写明的数"
        UNSET = "unset", "未设定（文件没有写明）"

    figure = forms.ChoiceField(
        label="应有数",
        choices=[*Figure.choices, *((key, f"按年度设定：{label}") for key, label in Setting.choices)],
        help_text="没有文件依据的选“未设定”：只提示，不判定",
    )
    subjects = forms.MultipleChoiceField(
        label="科目",
        choices=Subject.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="不限科目的不勾",
    )
    levels = forms.MultipleChoiceField(
        label="只对这些级别的医疗机构",
        choices=Level.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="不限级别的不勾",
    )
    caps = CapsField(
        label="上限",
        required=False,
        max_length=300,
        help_text=(
            f"每行一种学习形式和最多计入的数，如“{Form.REMOTE.label} 12”；没有的留空。"
            f"学习形式：{'、'.join(label for _, label in Form.choices)}"
        ),
    )
    widths = {
        **{"title": 6, "source": 6, "figure": 6, "required": 3, "measure": 3},
        **{"period": 4, "counting": 4, "early": 4, "subjects": 6, "levels": 6, "caps": 12},
    }
    field_order = (
        *("title", "source", "figure", "required", "measure", "period", "counting", "early"),
        *("subjects", "levels", "caps"),
    )

    class Meta:
        model = Rule
        fields = ("title", "source", "measure", "required", "period", "counting", "early", "subjects", "levels", "caps")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = self.instance
        fixed = self.Figure.FIXED if stored.required is not None or not stored.pk else self.Figure.UNSET
        self.initial["figure"] = stored.setting or fixed
        self.fields["required"].label = "数"
        self.fields["required"].help_text = "只在“写明的数”时填"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        figure, required = data.get("figure"), data.get("required")
        if figure == self.Figure.FIXED and required is None and "required" not in self.errors:
            self.add_error("required", "请填写文件写明的数；没有写明的，“应有数”选“未设定”")
        if required is not None and required <= 0:
            self.add_error("required", "应大于 0")
        if figure != self.Figure.FIXED and required is not None:
            self.add_error("required", "这里填了数，“应有数”却不是“写明的数”，请改一处")
        self.instance.setting = figure if figure in Setting.values else ""
        return data


class TrialForm(BaseForm):
    """For which year it is tried."""

    default_width = 12
    year = forms.IntegerField(label="试算年度", help_text="按这一年度已有的学时试算，已报送的人不变")

    def __init__(self, *args: Any, case: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"year": case.newest_year(clock.today().year)}, **kwargs)
        self.case = case

    def clean_year(self) -> int:
        year: int = self.cleaned_data["year"]
        begins, ends = self.case.first_year, self.case.newest_year(clock.today().year)
        if not begins <= year <= ends:
            between = f"应在 {begins} 年至 {ends} 年之间" if begins <= ends else f"自 {begins} 年度起才适用，还不用试算"
            raise forms.ValidationError(between)
        return year


def _sound_year(year: int) -> int:
    last = clock.today().year + 5
    if not FIRST_YEAR <= year <= last:
        raise forms.ValidationError(f"应在 {FIRST_YEAR} 年至 {last} 年之间")
    return year

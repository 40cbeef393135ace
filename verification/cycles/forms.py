"""What the pages of cycles ask for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms

from luojiang_ce import clock
from luojiang_ce.home.form_page import EMPTY, Difference, OverRow
from luojiang_ce.home.forms import BaseForm
from luojiang_ce.versions import Standing
from units.models import StudyPeriod

from .services import UNSET, Asked, setting_of


class FlagsForm(OverRow, BaseForm):
    """By which document other requirements flag too."""

    widths = {"year": 4, "document": 12}

    year = forms.TypedChoiceField(label="周期届满年度", coerce=int)
    document = forms.CharField(
        label="依据（文件名、文号）",
        max_length=200,
        required=False,
        help_text="填写后，该年届满而集中或远程培训、公共必修课未完成的，也列入次年度不予评聘；留空只按学时总数",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        year: Any = self.fields["year"]
        this_year = clock.today().year
        year.choices = [(each, f"{each} 年届满") for each in range(this_year + 4, this_year - 6, -1)]

    @property
    def row(self) -> Standing:  # type: ignore[override]
        typed = getattr(self, "cleaned_data", {})
        return setting_of(typed["year"]) if "year" in typed else UNSET

    def compare(self) -> Iterator[Difference]:
        """The document; where nothing is set, that there is none."""
        for value in self.row.values or ("",):
            typed = self.cleaned_data.get("document", "")
            if typed != value:
                yield Difference("依据", str(value) or EMPTY, typed or EMPTY)


class ManyForm(BaseForm):
    """What is set for everybody ticked."""

    widths = {"kind": 3, "first_year": 3, "last_year": 3, "series": 3}

    kind = forms.ChoiceField(label="周期", choices=[("", "不改周期"), *StudyPeriod.Kind.choices], required=False)
    first_year = forms.IntegerField(label="起始年度", min_value=2000, max_value=2099, required=False)
    last_year = forms.IntegerField(label="终止年度", min_value=2000, max_value=2099, required=False)
    series = forms.CharField(label="系列", max_length=30, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("first_year"), data.get("last_year")
        if data.get("kind"):
            for name, value in (("first_year", first), ("last_year", last)):
                if value is None and name not in self.errors:
                    self.add_error(name, "请填写起止年度")
        if first and last and last < first:
            self.add_error("last_year", "终止年度早于起始年度，请核对")
        if not data.get("kind") and not data.get("series"):
            self.add_error("kind", "请选择周期或填写系列")
        return data

    def asked(self) -> Asked:
        """What was typed."""
        return Asked(**{name: self.cleaned_data[name] for name in ("kind", "first_year", "last_year", "series")})

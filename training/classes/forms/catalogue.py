"""What the bureau keeps: the public-subject catalogue, entrustments, the figures of timetables."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from luojiang_ce.home.form_page import EditForm
from luojiang_ce.home.forms import BaseModelForm, Section, fields_of
from luojiang_ce.workdays.calendar import FIRST_YEAR, LAST_YEAR
from training.classes.models import CatalogueCourse, CourseEntitlement, TimetableRule
from units.models import Unit


class CourseForm(EditForm):
    """A course of the catalogue (notice 一(二): set by the province, so its document is asked for)."""

    widths = {"name": 12, "first_year": 3, "last_year": 3}
    first_year = forms.IntegerField(label="起始年度", min_value=FIRST_YEAR, max_value=LAST_YEAR)
    last_year = forms.IntegerField(
        label="终止年度", min_value=FIRST_YEAR, max_value=LAST_YEAR, required=False, help_text="留空表示至今有效"
    )

    class Meta:
        model = CatalogueCourse
        fields = ("name", "first_year", "last_year", "document")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("first_year"), data.get("last_year")
        if first and last and last < first:
            self.add_error("last_year", "终止年度早于起始年度，请核对")
        return data


class EntitlementForm(EditForm):
    """A unit entrusted with public courses."""

    widths = {"valid_from": 3, "valid_to": 3}

    class Meta:
        model = CourseEntitlement
        fields = ("unit", "course", "document", "valid_from", "valid_to")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit, course = (cast(forms.ModelChoiceField, self.fields[name]) for name in ("unit", "course"))
        unit.queryset = Unit.objects.filter(status=Unit.Status.ACTIVE)
        course.empty_label = "全部公共科目"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("valid_from"), data.get("valid_to")
        if first and last and last < first:
            self.add_error("valid_to", "止期早于起期，请核对")
        return data


FIGURES = (
    Section("自何日起", ("valid_from", "document"), "改动即新增一行，以前的班仍按原来的规则"),
    Section("学时", ("hour_minutes", "half_day_cap", "day_cap")),
    Section("时段", ("morning_until", "afternoon_from", "afternoon_until", "evening_from")),
    Section("开班后的变更", ("small_changes",), "其余的变更都须经办审核、审批人审批"),
)


class RuleForm(BaseModelForm):
    """The figures of timetables from a day on; earlier days keep theirs."""

    sections = FIGURES
    widths = {
        **dict.fromkeys(("valid_from", "hour_minutes", "half_day_cap", "day_cap"), 4),
        **dict.fromkeys(("morning_until", "afternoon_from", "afternoon_until", "evening_from"), 3),
        "document": 8,
    }

    hour_minutes = forms.IntegerField(label="1 学时的分钟数", min_value=1, max_value=240)

    class Meta:
        model = TimetableRule
        fields = fields_of(FIGURES)
        widgets = {"document": forms.TextInput()}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        half, day = data.get("half_day_cap"), data.get("day_cap")
        if half is not None and half <= 0:
            self.add_error("half_day_cap", "半日学时上限须大于 0")
        if half is not None and day is not None and day < half:
            self.add_error("day_cap", "全日学时上限不能小于半日上限")
        return data

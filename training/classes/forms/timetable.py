"""The grid of 附件3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from django import forms

from luojiang_ce.home.form_page import Difference, OverRow, as_read, compare_rows
from luojiang_ce.home.forms import use_pickers
from luojiang_ce.home.whole_lists import WholeList
from training.choices import HalfDay, Subject
from training.classes.models import CatalogueCourse, ClassApplication, Lecturer, TimetableRow

BLANK_ROWS = 4
FIRST_ROWS = 8
MOST_ROWS = 200
CELLS = (
    *("date", "half_day", "starts_at", "ends_at", "course", "subject", "counts", "hours", "lecturer", "room"),
    *("teaching_form", "catalogue_course", "required_course", "note"),
)
SAID = tuple(name for name in CELLS if name not in ("date", "half_day", "starts_at", "ends_at", "counts"))
REFERENCES = ("lecturer", "catalogue_course")
Choices = list[tuple[Any, str]]


class RowForm(forms.Form):
    """One row. A row that was begun needs its day, half-day and times; the rest is checked when the table is read."""

    date = forms.DateField(label="日期")
    half_day = forms.ChoiceField(label="时段", choices=HalfDay, initial=HalfDay.MORNING)
    starts_at = forms.TimeField(label="开始")
    ends_at = forms.TimeField(label="结束")
    course = forms.CharField(label="课程名称", max_length=100, required=False)
    subject = forms.ChoiceField(label="科目", choices=Subject, initial=Subject.PROFESSIONAL)
    counts = forms.BooleanField(label="计学时", required=False, initial=True)
    hours = forms.DecimalField(label="学时", required=False, min_value=0, max_digits=4, decimal_places=1)
    lecturer = forms.TypedChoiceField(label="授课教师", coerce=int, empty_value=None, required=False)
    room = forms.CharField(label="教室", max_length=50, required=False)
    teaching_form = forms.CharField(label="授课形式", max_length=20, required=False)
    catalogue_course = forms.TypedChoiceField(label="目录课程", coerce=int, empty_value=None, required=False)
    required_course = forms.CharField(label="公共必修课", max_length=100, required=False)
    note = forms.CharField(label="备注", max_length=200, required=False)

    def __init__(self, *args: Any, choices: dict[str, Choices], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        use_pickers(self.fields)
        for name, offered in choices.items():
            cast(forms.ChoiceField, self.fields[name]).choices = offered

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("starts_at") and data.get("ends_at") and data["ends_at"] <= data["starts_at"]:
            self.add_error("ends_at", "结束不晚于开始，请核对时间")
        return data

    def cells(self) -> list[forms.BoundField]:
        """The bound fields in the order of the grid."""
        return [self[name] for name in CELLS]


class _RowFormSet(OverRow, WholeList):
    def rows(self) -> list[dict[str, Any]]:
        """The rows that were filled in and not struck out, as values of the model, in the order of time."""
        kept = []
        for row in (form.cleaned_data for form in self.forms if form not in self.deleted_forms):
            if row.get("date"):
                values = {f"{name}_id" if name in REFERENCES else name: row[name] for name in CELLS}
                kept.append({**values, "hours": row["hours"] or 0})
        return sorted(kept, key=lambda row: (row["date"], row["starts_at"]))

    def compare(self) -> Iterator[Difference]:
        """A line for each half-day and beginning at which the tables differ."""
        typed = (form.cleaned_data for form in self.forms if form not in self.deleted_forms)
        stored_lines, typed_lines = (
            {(row["date"], row["half_day"], row["starts_at"]): self._as_read(row) for row in rows if row.get("date")}
            for rows in (self.initial or [], typed)
        )
        return compare_rows(
            stored_lines, typed_lines, lambda key: f"{key[0]:%m-%d} {HalfDay(key[1]).label} {key[2]:%H:%M}"
        )

    def _as_read(self, row: Mapping[str, Any]) -> str:
        fields = self.empty_form.fields
        said = [as_read(fields[name], row[name]) for name in SAID if row[name] not in (None, "")]
        return "　".join([f"至 {row['ends_at']:%H:%M}", *said, *([] if row["counts"] else ["不计学时"])])


def row_formset(application: ClassApplication, rows: list[TimetableRow], data: Any = None) -> _RowFormSet:
    """The grid with the rows that are stored and a fixed number of blank ones; saving gives blank ones again."""
    blank = max(BLANK_ROWS, FIRST_ROWS - len(rows))
    factory = forms.formset_factory(
        RowForm, formset=_RowFormSet, extra=blank, can_delete=True, max_num=MOST_ROWS, absolute_max=MOST_ROWS + 20
    )
    initial = [{name: getattr(row, name + ("_id" if name in REFERENCES else "")) for name in CELLS} for row in rows]
    grid = cast(_RowFormSet, factory(data, initial=initial, prefix="r", form_kwargs={"choices": _choices(application)}))
    grid.row = application
    return grid


def _choices(application: ClassApplication) -> dict[str, Choices]:
    """Made once for all rows: two queries, however long the timetable."""
    year = application.opens_on.year if application.opens_on else application.project.plan.year
    lecturers = Lecturer.objects.filter(unit=application.unit_id)
    return {
        "lecturer": [("", ""), *((row.pk, f"{row.name}（{row.employer}）") for row in lecturers)],
        "catalogue_course": [("", ""), *((row.pk, row.name) for row in CatalogueCourse.objects.of_year(year))],
    }

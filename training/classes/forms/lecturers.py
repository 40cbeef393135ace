"""A lecturer of a provider."""

from __future__ import annotations

from typing import Any

from django import forms

from luojiang_ce.access import Actor
from luojiang_ce.home.form_page import EditForm
from training.classes.models import Lecturer
from training.classes.services.lecturers import known_already
from units.forms.own_unit import ask_unit
from units.models import Unit


class LecturerForm(EditForm):
    """What 附件2 asks about a lecturer; the résumé is uploaded on the lecturer's own page."""

    widths = {**dict.fromkeys(("name", "sex", "birth"), 4), **dict.fromkeys(("employer", "specialty", "unit"), 12)}

    class Meta:
        model = Lecturer
        fields = ("name", "sex", "birth", "employer", "post", "title", "specialty")

    def __init__(self, *args: Any, clerk: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            ask_unit(self, clerk)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if unit := data.get("unit"):
            self.instance.unit = unit
        typed = Lecturer(pk=self.instance.pk, unit_id=self.instance.unit_id)
        typed.name, typed.employer = data.get("name", ""), data.get("employer", "")
        if known := known_already(typed):
            self.add_error("name", known)
        return data

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        if any(ch.isdigit() for ch in name):
            raise forms.ValidationError("姓名里有数字，请核对")
        return name


class NewLecturerForm(LecturerForm):
    """A lecturer registered beside a timetable that is being typed: what is filled in waits for its own button."""

    widths = {}
    default_width = 3

    class Meta(LecturerForm.Meta):
        fields = ("name", "employer", "post", "title")  # type: ignore[assignment]  # fewer

    def __init__(self, data: Any, *, unit: Unit, clerk: Actor) -> None:
        given = {"instance": Lecturer(unit=unit), "prefix": "new", "empty_permitted": True}
        super().__init__(data, clerk=clerk, use_required_attribute=False, **given)
        del self.fields["unit"]

    def must_wait(self) -> None:
        """Say that what is filled in here is not registered by saving the timetable."""
        if self.has_changed():
            self.add_error("name", "这位教师还没有登记：请点“登记这位教师”，或清空这几栏再保存课程表")

"""A lecturer of a provider."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from luojiang_ce.access import Actor
from luojiang_ce.home.form_page import EditForm
from luojiang_ce.home.forms import CHOOSE, BaseForm
from luojiang_ce.workdays.calendar import FIRST_YEAR, LAST_YEAR
from training.classes.models import Lecturer
from training.classes.services.lecturers import known_already, namesakes_of
from units.forms.own_unit import ask_unit
from units.models import Unit

ANOTHER = "another"


def namesake_question(name: str, employer: str, known: Sequence[str]) -> forms.ChoiceField:
    """Of a lecturer whose namesakes are known with these units: is it one of them, or somebody else?"""
    return forms.ChoiceField(
        label=f"{name}（{employer}）",
        choices=[
            ("", CHOOSE),
            *((each, f"就是教师库里的{name}（{each or '单位未填'}）") for each in known),
            (ANOTHER, "是另一位同名教师，登记为新教师"),
        ],
        help_text="教师库里有同名的教师，单位不同",
        error_messages={"required": f"请说明{name}（{employer}）是教师库里的哪一位，还是另一位教师"},
    )


class LecturerForm(EditForm):
    """What 附件2 asks about a lecturer; the résumé is uploaded on the lecturer's own page.

    `meant`: who is known already under the name of a new one, where that is said to be the same person.
    """

    meant: Lecturer | None = None

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
        elif self.instance.pk is None and typed.name:
            self._ask_about_namesakes(typed, namesakes_of(typed))
        return data

    def _ask_about_namesakes(self, typed: Lecturer, known: Sequence[Lecturer]) -> None:
        if not known:
            return
        field = namesake_question(typed.name, typed.employer, [each.employer for each in known])
        self.fields["namesake"] = field
        try:
            said = field.clean(self.data.get(self.add_prefix("namesake")))
        except forms.ValidationError as unsaid:
            self.add_error("namesake", unsaid)
        else:
            self.meant = next((each for each in known if each.employer == said), None)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        if any(ch.isdigit() for ch in name):
            raise forms.ValidationError("姓名里有数字，请核对")
        return name


class NewLecturerForm(LecturerForm):
    """A lecturer registered beside a timetable that is being typed: what is filled in waits for its own button."""

    widths = {"namesake": 12}
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


class ProofForm(BaseForm):
    """The year of a proof of teaching."""

    year = forms.IntegerField(label="年度", min_value=FIRST_YEAR, max_value=LAST_YEAR, help_text="一个年度一份")

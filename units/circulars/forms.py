"""Writing a circular, and passing one on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from luojiang_ce import clock
from luojiang_ce.home.form_page import OverRow
from luojiang_ce.home.forms import BaseForm, Section
from luojiang_ce.typed import NOT_A_DATE, whole_numbers
from luojiang_ce.workflow.forms import TransitionForm
from units.circulars.audiences import FUNCTIONS, OF_SYSTEM, within_reach
from units.circulars.models import Circular
from units.circulars.services import Written
from units.models import Unit

A = Circular.Audience
CONTENT = Section("内容", ("title", "number", "text", "read_by", "to_people"))
WHOM = Section(
    "发给谁",
    ("audience", "natures", "functions", "supervisors", "units"),
    "收件单位在发出时确定；以后新设的单位不会自动收到",
)
SCOPE = {A.ALL: (), A.KINDS: ("natures", "functions", "supervisors"), A.CHOSEN: ("units",)}
MOST_PEOPLE = 9999  # a unit of the district has hundreds


class IdsField(forms.MultipleChoiceField):
    """Ticked rows, by their ids: what is stored of them."""

    def clean(self, value: Any) -> list[int]:
        return whole_numbers(super().clean(value))


def _ticks(
    label: str, choices: Sequence[tuple[Any, Any]], field: Any = forms.MultipleChoiceField, note: str = ""
) -> Any:
    box = forms.CheckboxSelectMultiple
    return field(label=label, required=False, choices=choices, widget=box, help_text=note)


class AboutForm(BaseForm):
    """A circular to the units of a class's trainees."""

    widths = {"title": 8, "number": 4, "text": 12, "read_by": 4, "to_people": 8, "audience": 12}
    sections: Sequence[Section] = (CONTENT,)
    title = forms.CharField(label="标题", max_length=200, error_messages={"required": "请填写标题"})
    number = forms.CharField(label="文号", max_length=60, required=False, help_text="没有文号的不填")
    text = forms.CharField(
        label="正文",
        max_length=10000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="可以只写要点，文件和附件保存后上传",
    )
    read_by = forms.DateField(
        label="何日前传达", error_messages={"required": "请填写希望在哪一天前传达", "invalid": NOT_A_DATE}
    )
    to_people = forms.BooleanField(label="须传达到人员，单位填报传达人数", required=False, initial=True)

    def clean_read_by(self) -> date:
        day: date = self.cleaned_data["read_by"]
        if day < clock.today():
            raise forms.ValidationError("这一天已经过去，请改为今天或以后的日期")
        return day

    @property
    def written(self) -> Written:
        """What the service gets."""
        return Written(**{name: self.cleaned_data[name] for name in CONTENT.fields})


class WriteForm(AboutForm):
    """A circular of the bureau or an authority: to all, to kinds of units, or to chosen ones."""

    widths = AboutForm.widths | {"natures": 12, "functions": 12, "supervisors": 12, "units": 12}
    sections = (CONTENT, WHOM)
    audience = forms.ChoiceField(
        label="收件范围",
        choices=[(each.value, each.label) for each in SCOPE],
        initial=A.ALL,
        widget=forms.RadioSelect,
    )
    natures = _ticks("性质", Unit.Nature.choices, note="选“按类别”时勾选；几项都勾的，须同时符合")
    functions = _ticks("职能", FUNCTIONS)
    supervisors = _ticks("主管部门", (), IdsField)
    units = _ticks("单位", (), IdsField, note="选“指定单位”时勾选")

    def __init__(self, *args: Any, sender: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        within = within_reach(sender).order_by("code")
        fields: Any = self.fields
        fields["units"].choices = [(unit.pk, unit.name) for unit in within]
        if sender.is_bureau:
            fields["supervisors"].choices = [(unit.pk, unit.name) for unit in within if unit.is_authority]
        else:
            del fields["supervisors"]
            fields["audience"].choices = [
                (key, OF_SYSTEM if key == A.ALL else label) for key, label in fields["audience"].choices
            ]
        self.all_of_them = dict(fields["audience"].choices)[A.ALL]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        asked = SCOPE.get(data.get("audience", ""), ())
        if asked and not any(data.get(name) for name in asked):
            missing = "请至少勾选一个单位" if asked == ("units",) else "请至少勾选一项性质、职能或主管部门"
            self.add_error(asked[0], f"{missing}，或改选“{self.all_of_them}”")
        return data

    @property
    def written(self) -> Written:
        audience = self.cleaned_data["audience"]
        scope = {name: found for name in SCOPE[audience] if (found := self.cleaned_data.get(name))}
        content = {name: self.cleaned_data[name] for name in CONTENT.fields}
        return Written(**content, audience=audience, scope=scope)


def as_typed(circular: Circular) -> dict[str, Any]:
    """What a form over this circular begins with."""
    return {name: getattr(circular, name) for name in (*CONTENT.fields, "audience")} | circular.scope


class ChangeAboutForm(OverRow, AboutForm):
    """A draft to the units of a class, changed."""

    def __init__(self, *args: Any, row: Circular, **kwargs: Any) -> None:
        self.row = row
        super().__init__(*args, initial=as_typed(row), **kwargs)


class ChangeForm(OverRow, WriteForm):
    """A draft of the bureau or an authority, changed."""

    def __init__(self, *args: Any, row: Circular, **kwargs: Any) -> None:
        self.row = row
        super().__init__(*args, initial=as_typed(row), sender=row.unit, **kwargs)


class PassedOnForm(TransitionForm):
    """To how many people of the unit it was passed on."""

    people = forms.IntegerField(
        label="传达到多少人",
        min_value=1,
        max_value=MOST_PEOPLE,
        error_messages={
            "required": "请填写传达到多少人",
            "invalid": "请填写人数，如 12",
            "min_value": "至少 1 人；还没有传达的，只确认已读",
            "max_value": f"超过 {MOST_PEOPLE} 人，请核对",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["people", "note"])
        if self.case.passed_on_to:
            self.initial["people"] = self.case.passed_on_to

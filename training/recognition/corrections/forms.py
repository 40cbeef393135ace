"""What is typed about a correction: why, for whom what, and the approver's decision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import django_filters
from django import forms

from luojiang_ce.filters import UNIT, WordsFilter
from luojiang_ce.home.form_page import OverRow
from luojiang_ce.home.forms import BaseForm
from luojiang_ce.papers.issue_form import IssueForm
from luojiang_ce.typed import RowsField
from training.attendance.pages import slot_label
from training.classes.models import Enrolment
from training.classes.models.enrolment import names_apart
from training.half_days import Slot
from training.recognition import papers
from training.recognition.hours import Amount, Final
from training.recognition.models import RecognitionCorrection
from training.recognition.page_data import SHORT
from verification.choices import Subject

KEEP, NOTHING = "keep", "nothing"
OUT, BACK = "out", "back"


def _reason() -> forms.CharField:
    wrong = {"required": "请写明理由，会印在更正后的认定表上"}
    return forms.CharField(label="理由", max_length=300, widget=forms.Textarea(attrs={"rows": 2}), error_messages=wrong)


class BeginForm(BaseForm):
    """Why the hours are to be corrected."""

    default_width = 12
    reason = forms.CharField(
        label="更正理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="写明哪里有误、依据是什么；会印在更正后的认定表上，不写证件号码",
        error_messages={"required": "请写明为什么要更正"},
    )


class ReasonForm(OverRow, BeginForm):
    """The same, changed before it goes on."""

    def __init__(self, *args: Any, row: RecognitionCorrection, **kwargs: Any) -> None:
        super().__init__(*args, initial={"reason": row.reason}, **kwargs)
        self.row = row


class LineForm(OverRow, BaseForm):
    """A change with its reason, over the version of the correction that the page shows."""

    def __init__(self, *args: Any, row: RecognitionCorrection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row
        self.fields["reason"] = _reason()

    widths = {"reason": 12}


class AmountsForm(LineForm):
    """A field per year and subject: what one trainee gets, up to what full attendance gives."""

    default_width = 4

    def __init__(self, *args: Any, possible: Sequence[Amount], finals: Sequence[Final] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = {(each.year, each.subject): each for each in finals}
        self.keys = {f"{each.year}-{each.subject}": (each.year, each.subject) for each in possible}
        for each in possible:
            now = given.get((each.year, each.subject))
            counted = f"按签到计 {now.counted}，现为 {now.amount}，" if now else ""
            self.fields[f"{each.year}-{each.subject}"] = forms.DecimalField(
                label=f"{each.year}年 {SHORT[Subject(each.subject)]}",
                min_value=0,
                max_value=each.amount,
                max_digits=6,
                decimal_places=1,
                initial=now.amount if now else Decimal(0),
                help_text=f"{counted}课程表全程 {each.amount}",
                widget=forms.NumberInput(attrs={"step": "0.5"}),
                error_messages={
                    "required": "请填写，可以为 0",
                    "max_value": f"不能超过课程表全程的 {each.amount}",
                },
            )
        self.order_fields([*(name for name in self.fields if name != "reason"), "reason"])

    def amounts(self) -> dict[tuple[int, str], Decimal]:
        """Everything that the class can give, as typed."""
        return {key: self.cleaned_data[name] for name, key in self.keys.items()}


class LeftOutForm(AmountsForm):
    """Somebody of the district who is not on the list."""

    name = forms.CharField(label="姓名", max_length=50, error_messages={"required": "请填写姓名"})
    id_number = forms.CharField(
        label="证件号码",
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-never-kept": True}),
        error_messages={"required": "请填写证件号码，据此认人"},
    )
    field_order = ("name", "id_number")
    widths = {"reason": 12, "name": 6, "id_number": 6}


class HalfDayForm(LineForm):
    """A half-day that does not count, or counts again; for everybody or for the trainees that are chosen."""

    half_day = forms.ChoiceField(label="半日", error_messages={"required": "请选择半日"})
    becomes = forms.ChoiceField(label="改为", choices=[(OUT, "不予认定"), (BACK, "恢复，按签到计")], initial=OUT)
    enrolments = RowsField(
        label="学员",
        queryset=Enrolment.objects.none(),
        required=False,
        help_text="一个也不选，即对全体学员",
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )
    field_order = ("half_day", "becomes", "enrolments", "reason")
    widths = {"reason": 12, "enrolments": 12}

    def __init__(self, *args: Any, slots: Sequence[Slot], trainees: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(f"{slot.date.isoformat()}_{slot.half_day}", slot_label(slot.key)) for slot in slots]
        self.fields["half_day"].choices = [("", "请选择"), *choices]  # type: ignore[attr-defined]
        field: Any = self.fields["enrolments"]
        field.queryset = trainees
        called = names_apart(trainees)
        field.label_from_instance = lambda enrolment: called.get(enrolment.pk, enrolment.name)
        self.order_fields(self.field_order)

    def slot(self) -> tuple[date, str]:
        """The chosen half-day."""
        day, half_day = self.cleaned_data["half_day"].split("_")
        return date.fromisoformat(day), half_day


class RestForm(LineForm):
    """What becomes of everybody whose amount the half-days leave open."""

    keep = forms.ChoiceField(
        label="这些学员",
        choices=[(KEEP, "维持：本件已核定的按本件，其余按现有学时（学分）"), (NOTHING, "不予认定")],
        initial=KEEP,
    )


class UndoForm(OverRow, BaseForm):
    """An earlier correction that is taken back as a whole."""

    default_width = 12
    earlier = forms.ModelChoiceField(
        label="撤回哪一件更正", queryset=RecognitionCorrection.objects.none(), required=False, empty_label="不撤回"
    )

    def __init__(self, *args: Any, row: RecognitionCorrection, held: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"earlier": row.undoes_id}, **kwargs)
        self.row = row
        field: Any = self.fields["earlier"]
        field.queryset = held
        field.label_from_instance = lambda each: f"{each.number}　{each.reason[:60]}"


class CorrectForm(IssueForm):
    """The approver's decision, which issues the sheet anew: its names are those of the class."""

    printed = ("note",)

    def names(self) -> list[str]:
        left_out = [line.person.name for line in self.case.lines.select_related("person") if line.person]
        return [*papers.names_of(self.case.recognition), *left_out]


class CorrectionFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Corrections by class, number or provider, and by state."""

    q = WordsFilter(
        "number", "recognition__application__title", "recognition__number", *UNIT, label="编号、培训班、单位"
    )
    state = django_filters.ChoiceFilter(
        label="状态", choices=RecognitionCorrection.State.choices, empty_label="全部状态"
    )

"""What is typed: results of the assessment, the handler's decisions, half-days that are not recognised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from luojiang_ce.home.form_page import OverRow
from luojiang_ce.home.forms import BaseForm
from luojiang_ce.papers.issue_form import IssueForm
from luojiang_ce.versions import Standing
from training.attendance.pages import slot_label
from training.classes.models import Enrolment
from training.half_days import Slot
from training.recognition.hours import Amount, Final
from training.recognition.models import AssessmentResult, Recognition
from training.recognition.page_data import SHORT
from training.recognition.services import Result
from verification.choices import Subject


def _reason() -> forms.CharField:
    wrong = {"required": "请写明理由，施教机构会看到，并印在认定表上"}
    return forms.CharField(label="理由", max_length=300, widget=forms.Textarea(attrs={"rows": 2}), error_messages=wrong)


class ResultsForm(OverRow, forms.Form):
    """One outcome and one score per trainee of a page; an empty outcome means: no result yet."""

    def __init__(
        self,
        *args: Any,
        row: Recognition,
        trainees: Sequence[Enrolment],
        known: Mapping[int, Result],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.row, self.trainees = row, trainees
        for trainee in trainees:
            result = known.get(trainee.pk, Result(""))
            self.fields[f"outcome-{trainee.pk}"] = forms.ChoiceField(
                label=f"{trainee.name} 考核结果",
                choices=[("", "尚无结果"), *AssessmentResult.Outcome.choices],
                required=False,
                initial=result.outcome,
            )
            self.fields[f"score-{trainee.pk}"] = forms.DecimalField(
                label=f"{trainee.name} 成绩",
                required=False,
                min_value=0,
                max_digits=5,
                decimal_places=1,
                initial=result.score,
                widget=forms.NumberInput(attrs={"step": "0.5"}),
            )

    def rows(self) -> list[tuple[Enrolment, Any, Any]]:
        """The trainees with their bound fields."""
        return [(each, self[f"outcome-{each.pk}"], self[f"score-{each.pk}"]) for each in self.trainees]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for trainee in self.trainees:
            if data.get(f"score-{trainee.pk}") is not None and not data.get(f"outcome-{trainee.pk}"):
                self.add_error(f"outcome-{trainee.pk}", "填了成绩，还要选合格或不合格")
        return data

    def results(self) -> dict[int, Result]:
        data = self.cleaned_data
        return {each.pk: Result(data[f"outcome-{each.pk}"], data[f"score-{each.pk}"]) for each in self.trainees}


class DecisionForm(OverRow, BaseForm):
    """The handler's amounts for one trainee, a field per year and subject; as counted where left unchanged."""

    default_width = 4
    widths = {"reason": 12}

    def __init__(
        self,
        *args: Any,
        row: Standing,
        possible: Sequence[Amount],
        finals: Sequence[Final],
        decide: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.row = row
        self.decide = decide
        self.counted = {(each.year, each.subject): each.counted for each in finals}
        given = {(each.year, each.subject): each.amount for each in finals}
        self.keys = {f"{each.year}-{each.subject}": (each.year, each.subject) for each in possible}
        for each in possible:
            key = (each.year, each.subject)
            self.fields[f"{each.year}-{each.subject}"] = forms.DecimalField(
                label=f"{each.year}年 {SHORT[Subject(each.subject)]}",
                min_value=0,
                max_value=each.amount,
                max_digits=6,
                decimal_places=1,
                initial=given.get(key, Decimal(0)),
                help_text=f"按签到计 {self.counted.get(key, Decimal(0))}，全程 {each.amount}",
                widget=forms.NumberInput(attrs={"step": "0.5"}),
                error_messages={"required": "请填写，可以为 0"},
            )
        self.fields["reason"] = _reason()
        self.fields["reason"].initial = row.values[0][-1] if row.values else ""

    def amounts(self) -> dict[tuple[int, str], Decimal]:
        """What differs from the counting; everything where the handler had to decide."""
        typed = {key: self.cleaned_data[name] for name, key in self.keys.items()}
        if self.decide:
            return typed
        return {key: amount for key, amount in typed.items() if amount != self.counted.get(key, Decimal(0))}


class RecogniseForm(IssueForm):
    """The approver's word, which stands in the box of the sheet."""

    printed = ("note",)


class ReasonForm(BaseForm):
    """One reason for several trainees at once."""

    reason = _reason()
    default_width = 12


class ExclusionForm(BaseForm):
    """A half-day that is not recognised, for everybody or for one trainee."""

    half_day = forms.ChoiceField(label="半日")
    enrolment = forms.ModelChoiceField(
        label="学员", queryset=Enrolment.objects.none(), required=False, empty_label="全体学员"
    )
    reason = _reason()
    widths = {"reason": 12}

    def __init__(self, *args: Any, slots: Sequence[Slot], trainees: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(f"{slot.date.isoformat()}_{slot.half_day}", slot_label(slot.key)) for slot in slots]
        self.fields["half_day"].choices = [("", "请选择"), *choices]  # type: ignore[attr-defined]
        self.fields["enrolment"].queryset = trainees  # type: ignore[attr-defined]

    def slot(self) -> tuple[date, str]:
        """The chosen half-day."""
        day, half_day = self.cleaned_data["half_day"].split("_")
        return date.fromisoformat(day), half_day

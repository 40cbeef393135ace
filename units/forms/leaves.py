"""Forms of long absence."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.db.models import QuerySet

from luojiang_ce.typed import NOT_A_DATE
from luojiang_ce.workflow.forms import TransitionForm
from units.forms.base import FreshForm, PersonField
from units.models import Leave, Person


class LeaveForm(FreshForm):
    """Why somebody is away, from when to when."""

    widths = {"reason": 4, "starts_on": 4, "ends_on": 4, "detail": 12}
    reason = forms.ChoiceField(label="原因", choices=[("", "请选择"), *Leave.Reason.choices])
    starts_on = forms.DateField(label="起始日期")
    ends_on = forms.DateField(label="终止日期", help_text="一次离岗最长 2 年；续假与前一次相连的合并计算")
    detail = forms.CharField(label="说明", max_length=200, required=False, help_text="选“其他”的须说明")

    def __init__(self, *args: Any, row: Leave, **kwargs: Any) -> None:
        initial = {name: getattr(row, name) for name in self.base_fields} if row.pk else {}
        super().__init__(*args, row=row, initial=initial, **kwargs)


class LeaveOfForm(LeaveForm):
    """The same, and first who is away: for whoever does not come from a person's page."""

    widths = {**LeaveForm.widths, "person": 12}
    person = PersonField(label="人员", queryset=Person.objects.none(), empty_label="请选择")
    field_order = ("person",)

    def __init__(self, *args: Any, people: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, row=Leave(), **kwargs)
        cast(PersonField, self.fields["person"]).queryset = people


class ComeBackForm(TransitionForm):
    """Back earlier than approved: the last day of the absence."""

    ends_on = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        label="离岗最后一天",
        error_messages={"required": "请填离岗的最后一天", "invalid": NOT_A_DATE},
    )
    field_order = ("ends_on", "note")

    def transition_data(self) -> dict[str, Any]:
        return {"ends_on": self.cleaned_data["ends_on"]}

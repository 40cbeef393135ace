"""Forms of sanctions."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.db.models import QuerySet

from luojiang_ce import clock
from luojiang_ce.home.forms import Section
from luojiang_ce.typed import NOT_A_DATE, PLAUSIBLE
from luojiang_ce.workflow.forms import TransitionForm
from units.forms.base import FreshForm, PersonField, named_with_end
from units.models import Person
from units.sanctions.checks import faults_of
from units.sanctions.models import Sanction, label_of

DATED = {"invalid": NOT_A_DATE}
WHAT = Section("违规情况", ("person", "breach", "breach_detail", "learning", "happened_on", "narrative"), "通知 三3")
MEASURES = Section(
    "单位的处理",
    ("criticism", "no_refund", "dismissal", "other_measure", "decided_on", "document", "ends_on"),
    "由单位按规定决定，可以并处；已离开本单位的人员只能登记通报批评或其他处理",
)


class SanctionForm(FreshForm):
    """What happened, and what the unit decided."""

    sections = (WHAT, MEASURES)
    widths = {
        **{"breach": 6, "breach_detail": 6, "learning": 8, "happened_on": 4, "narrative": 12, "person": 12},
        **{"criticism": 4, "no_refund": 4, "dismissal": 4, "other_measure": 12},
        **{"decided_on": 4, "document": 4, "ends_on": 4},
    }
    breach = forms.ChoiceField(
        label="违规情况",
        choices=[("", "请选择"), *Sanction.Breach.choices],
        error_messages={"required": "请选择违规情况"},
    )
    breach_detail = forms.CharField(
        label="其他违规情况的说明", max_length=200, required=False, help_text="选“其他违规情况”的须说明"
    )
    learning = forms.CharField(
        label="所涉学习活动",
        max_length=200,
        help_text="培训班、进修、学历教育等的名称和举办单位",
        error_messages={"required": "请写明是哪一次学习活动"},
    )
    happened_on = forms.DateField(
        label="发生日期", help_text="持续几天的填第一天", error_messages={"required": "请填写发生日期", **DATED}
    )
    narrative = forms.CharField(
        label="事实经过",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "请写明事实经过，处理以此为依据"},
    )
    criticism = forms.BooleanField(label=label_of("criticism"), required=False)
    no_refund = forms.BooleanField(label=label_of("no_refund"), required=False)
    dismissal = forms.BooleanField(label=label_of("dismissal"), required=False)
    other_measure = forms.CharField(
        label="其他处理", max_length=200, required=False, help_text="以上三项以外的处理；没有的不填"
    )
    decided_on = forms.DateField(label="决定日期", error_messages={"required": "请填写单位作出决定的日期", **DATED})
    document = forms.CharField(
        label="处理文件文号",
        max_length=100,
        help_text="没有文号的写文件名称",
        error_messages={"required": "请填写处理文件的文号或名称"},
    )
    ends_on = forms.DateField(
        label="最后一日", required=False, help_text="处理有期限的填；没有的不填", error_messages=DATED
    )

    def __init__(self, *args: Any, row: Sanction, **kwargs: Any) -> None:
        stored = {name: getattr(row, name) for name in SanctionForm.base_fields} if row.pk else {}
        super().__init__(*args, row=row, initial=kwargs.pop("initial", stored), **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name, fault in faults_of(data, clock.today()).items():
            if name not in self.errors:
                self.add_error(name, fault)
        return data


class OwnPersonField(PersonField):
    """Somebody of the unit; of who has left it that it is so."""

    def label_from_instance(self, person: Person) -> str:
        return named_with_end(person) + ("" if person.here else "，已离开")  # type: ignore[attr-defined]


class SanctionOfForm(SanctionForm):
    """The same, and first whom it is about."""

    person = OwnPersonField(
        label="人员",
        queryset=Person.objects.none(),
        empty_label="请选择",
        error_messages={
            "required": "请选择人员",
            "invalid_choice": "此人没有在您的单位任过职，不能登记，请重新选择",
        },
    )

    def __init__(self, *args: Any, people: QuerySet[Person], person: str, **kwargs: Any) -> None:
        super().__init__(*args, row=Sanction(), initial={"person": person}, **kwargs)
        cast(OwnPersonField, self.fields["person"]).queryset = people


class WithdrawForm(TransitionForm):
    """Since when it does not hold any more, and why."""

    withdrawn_on = forms.DateField(
        label="撤销日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=PLAUSIBLE,
        error_messages={"required": "请填写撤销日期", **DATED},
    )
    note = forms.CharField(
        label="理由",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明撤销的依据，如复核决定的文号；区人社局看得到",
        error_messages={"required": "请写明撤销的理由"},
    )
    field_order = ("withdrawn_on", "note")

"""Forms of extensions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms

from luojiang_ce.deadlines.owed import Owed
from luojiang_ce.filters import UNIT, WordsFilter
from luojiang_ce.home.forms import BaseForm
from luojiang_ce.typed import NOT_A_DATE, PLAUSIBLE
from luojiang_ce.workdays.deadlines import deadline_kind, deadline_kinds
from luojiang_ce.workdays.text import full_with_weekday
from luojiang_ce.workflow.forms import TransitionForm
from units.extensions.models import Extension
from units.extensions.services import ForMany
from units.forms.base import FreshForm
from units.models import Unit


def extendable(yearly: bool = False) -> list[tuple[str, str]]:
    """The kinds of deadline that the bureau may extend, as choices; `yearly`: only those that are named by a year."""
    return [(kind.code, kind.label) for kind in deadline_kinds() if kind.extendable and (kind.yearly or not yearly)]


class LaterForm(BaseForm):
    """A later last day and why."""

    widths = {"duty": 12, "asked_due": 4, "document": 8, "reason": 12}
    asked_due = forms.DateField(
        label="申请延至", error_messages={"required": "请填写希望延到哪一天", "invalid": NOT_A_DATE}
    )
    reason = forms.CharField(
        label="理由",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请写明为什么不能按期，区人社局据此审批"},
    )


class ChangeForm(FreshForm, LaterForm):
    """What was asked for, changed before it is filed."""

    def __init__(self, *args: Any, row: Extension, **kwargs: Any) -> None:
        initial = {"asked_due": row.asked_due, "reason": row.reason}
        super().__init__(*args, row=row, initial=initial, **kwargs)


class AskForm(LaterForm):
    """A clerk asks: which of the unit's duties. What is chosen is in `chosen`."""

    duty = forms.ChoiceField(label="申请哪一项延期", error_messages={"required": "请选择要延期的事项"})
    field_order: Sequence[str] = ("duty", "asked_due", "reason")

    def __init__(self, *args: Any, duties: list[Owed], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.duties = {each.key: each for each in duties}
        words = [
            (each.key, f"{each.unit}　{each.title}（{full_with_weekday(each.deadline.due)}截止）")
            for each in duties
            if each.deadline
        ]
        duty: Any = self.fields["duty"]
        duty.choices = [("", "请选择"), *words]

    @property
    def chosen(self) -> Owed:
        return self.duties[self.cleaned_data["duty"]]


class OfferOneForm(AskForm):
    """The bureau gives one unit more time of its own accord."""

    document = forms.CharField(label="依据（文件名、文号）", max_length=200, required=False)
    field_order: Sequence[str] = ("duty", "asked_due", "document", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["duty"].label, self.fields["asked_due"].label = "给哪一项延期", "延至"


class OfferManyForm(LaterForm):
    """The bureau gives a kind of unit, or everybody, more time: one decision with its document."""

    widths = {"kind": 4, "year": 4, "nature": 4, "asked_due": 4, "document": 8, "reason": 12}
    kind = forms.ChoiceField(label="期限", choices=lambda: extendable(yearly=True))
    year = forms.TypedChoiceField(label="年度", coerce=int)
    nature = forms.ChoiceField(label="对哪些单位", required=False, choices=[("", "全区所有单位"), *Unit.Nature.choices])
    document = forms.CharField(
        label="依据（文件名、文号）",
        max_length=200,
        error_messages={"required": "给多个单位延期须有文件，请填写文件名或文号"},
    )
    field_order: Sequence[str] = ("kind", "year", "nature", "asked_due", "document", "reason")

    def __init__(self, *args: Any, years: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        year: Any = self.fields["year"]
        year.choices = [(each, f"{each} 年度") for each in years]
        self.fields["asked_due"].label = "延至"

    @property
    def whom(self) -> ForMany:
        data = self.cleaned_data
        return ForMany(deadline_kind(data["kind"]), data["year"], data["nature"])


class GrantForm(TransitionForm):
    """The approver's decision: the day, and the document where there is one."""

    due = forms.DateField(
        label="准予延至",
        validators=PLAUSIBLE,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填写延到哪一天", "invalid": NOT_A_DATE},
    )
    document = forms.CharField(label="依据（文件名、文号）", max_length=200, required=False)
    field_order = ("due", "document", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"due": self.case.asked_due, "document": self.case.document, **self.initial}


class ExtensionFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Extensions by number, title or unit, by kind and state."""

    q = WordsFilter("number", "title", *UNIT, label="编号、事项、单位")
    kind = django_filters.ChoiceFilter(label="期限", choices=extendable, empty_label="全部期限")
    state = django_filters.ChoiceFilter(label="状态", choices=Extension.State.choices, empty_label="全部状态")

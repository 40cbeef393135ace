"""What is confirmed before a year is packed; how long records of a kind are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from luojiang_ce.home.forms import BaseForm, BaseModelForm
from units.archive.models import Retention
from units.archive.outlook import Outlook


class PackForm(BaseForm):
    """Only what there is to confirm is asked."""

    default_width = 12
    without_open = forms.BooleanField(label="未办结的不装入", required=False)
    anyway = forms.BooleanField(label="仍要现在封装", required=False, help_text="这些文书在包里将一直没有收录证明")
    why = forms.CharField(
        label="不等公布树根的原因", required=False, max_length=200, help_text="勾选“仍要现在封装”的必填，记入办理记录"
    )

    def __init__(self, *args: Any, told: Outlook, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not told.open:
            del self.fields["without_open"]
        if not told.waiting:
            del self.fields["anyway"], self.fields["why"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("anyway") and not data.get("why") and "why" not in self.errors:
            self.add_error("why", "请写明为什么不等公布树根，例如 今日移交档案馆")
        return data


class RetentionForm(BaseModelForm):
    """From a day on, with the paper on which it rests."""

    widths = {"period": 4, "valid_from": 4, "document": 12}

    class Meta:
        model = Retention
        fields = ("period", "valid_from", "document")

    @property
    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class RetentionOfManyForm(RetentionForm):
    """The same for all kinds that are ticked."""

    widths = RetentionForm.widths | {"case_types": 12}
    case_types = forms.MultipleChoiceField(
        label="业务", widget=forms.CheckboxSelectMultiple, error_messages={"required": "请至少勾选一种业务"}
    )

    def __init__(self, *args: Any, kinds: Sequence[tuple[str, str]], unset: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, initial={"case_types": list(unset)}, **kwargs)
        field: Any = self.fields["case_types"]
        field.choices = kinds

    @property
    def facts(self) -> dict[str, Any]:
        return super().facts | {"case_types": self.cleaned_data["case_types"]}

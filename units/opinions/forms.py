"""What is typed of an opinion."""

from __future__ import annotations

from typing import Any

from django import forms

from luojiang_ce import clock
from luojiang_ce.files.fields import CheckedField
from luojiang_ce.home.form_page import EditForm
from units.forms.base import ReasonField

from .models import Opinion
from .reading import FILE


class GiveForm(EditForm):
    """The authority's own opinion; its date is the server's."""

    text = ReasonField(label="意见内容", required=False, help_text="不同意须写明理由")
    file = CheckedField(FILE.takes, label="盖章的意见", required=False, help_text="PDF 或照片，20 MB 以内")
    widths = {"result": 4, "text": 12, "file": 12}

    class Meta:
        model = Opinion
        fields: tuple[str, ...] = ("result", "text")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("result") == Opinion.Result.OBJECTED and not data.get("text"):
            self.add_error("text", "不同意须写明理由")
        return data


class RecordForm(GiveForm):
    """An opinion as it stands on paper."""

    widths = {**GiveForm.widths, "given_on": 4, "person": 4}
    field_order = ("result", "given_on", "person", "text", "file")

    class Meta(GiveForm.Meta):
        fields = ("result", "given_on", "person", "text")

    def clean_given_on(self) -> Any:
        day = self.cleaned_data["given_on"]
        if day > clock.today():
            raise forms.ValidationError("意见日期在今天之后，请核对")
        return day

"""The upload form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from luojiang_ce.access.roles import Actor
from luojiang_ce.home.forms import BaseForm
from luojiang_ce.sheets.reading import MAX_FILE_BYTES
from units.forms.own_unit import ask_unit
from units.models import Unit
from units.suspension import why_not


class RosterForm(BaseForm):
    """A roster to import, and for a clerk of several units into which."""

    file = forms.FileField(
        label="花名册",
        allow_empty_file=True,
        help_text="Excel（.xlsx、.xls）、WPS 表格、.csv 或网页表格，不超过 20 MB。表头上方有标题、有空行、有合计都可以",
        error_messages={"required": "请选择花名册文件"},
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xlsm,.xls,.et,.csv,.txt,.tsv,.htm,.html"}),
    )
    default_width = 12

    def __init__(self, *args: Any, clerk: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_unit(self, clerk, label="导入到")

    def clean_unit(self) -> Unit | None:
        unit: Unit | None = self.cleaned_data["unit"]
        if unit and (refused := why_not(unit, "导入花名册")):
            raise forms.ValidationError(refused)
        return unit

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        size = file.size or 0
        if size > MAX_FILE_BYTES:
            raise forms.ValidationError(
                f"文件有 {size / 1024 / 1024:.1f} MB，超过 20 MB 的上限。请删去图片和多余的工作表，或拆成几个文件"
            )
        return file

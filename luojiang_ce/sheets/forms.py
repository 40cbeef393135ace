"""The form by which a file to import is chosen."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from luojiang_ce.access import Actor

from .reading import MAX_FILE_BYTES


class UploadForm(forms.Form):
    """A file to import; an empty one or one that is no table is refused when it is read, with its reason."""

    file = forms.FileField(
        allow_empty_file=True,
        help_text="Excel（.xlsx、.xls）、WPS 表格、.csv 或网页表格，不超过 20 MB。表头上方有标题、有空行、有合计都可以",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xlsm,.xls,.et,.csv,.txt,.tsv,.htm,.html"}),
    )

    def __init__(self, *args: Any, account: Actor, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].label = name
        self.fields["file"].error_messages["required"] = f"请选择{name}文件"

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        size = file.size or 0
        if size > MAX_FILE_BYTES:
            raise forms.ValidationError(
                f"文件有 {size / 1024 / 1024:.1f} MB，超过 20 MB 的上限。请删去图片和多余的工作表，或拆成几个文件"
            )
        return file

"""The form by which a file to import is chosen, or cells are pasted."""

from __future__ import annotations

from io import BytesIO
from typing import Any, BinaryIO, NamedTuple, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile

from luojiang_ce.access import Actor
from luojiang_ce.uploads.bad import BadFile
from luojiang_ce.uploads.door import named, received
from luojiang_ce.uploads.places import TABLE

from .reading import MAX_FILE_BYTES

PASTED = "粘贴的内容"


class Sent(NamedTuple):
    """What came to be imported: an uploaded file, or what was pasted as a text file."""

    file: BinaryIO
    name: str
    size: int
    pasted: bool


class UploadForm(forms.Form):
    """A file to import; an empty one or one that is no table is refused when it is read, with its reason.

    `pastes`: rows copied out of a spreadsheet may be pasted instead.
    """

    file = forms.FileField(
        allow_empty_file=True,
        help_text="Excel（.xlsx、.xls）、WPS 表格、.csv 或网页表格，不超过 20 MB。表头上方有标题、有空行、有合计都可以",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xlsm,.xls,.et,.csv,.txt,.tsv,.htm,.html"}),
    )

    def __init__(self, *args: Any, account: Actor, name: str, pastes: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].label = name
        self.fields["file"].error_messages["required"] = f"请选择{name}文件"
        self.pastes = pastes
        if pastes:
            self.fields["file"].required = False
            # The import whose paste this one mends, and replaces.
            self.fields["mends"] = forms.UUIDField(required=False, widget=forms.HiddenInput)
            self.fields["pasted"] = forms.CharField(
                label="或者粘贴表格里的行",
                required=False,
                strip=False,
                widget=forms.Textarea(attrs={"rows": 8, "wrap": "off", "spellcheck": "false"}),
                help_text="在 Excel 或 WPS 里选中整行复制，粘贴到这里。最好连表头一起；不带表头的，按表格的列顺序",
            )

        for name in ("file", "pasted") if pastes else ():  # one of them is
            self.fields[name].needed = True  # type: ignore[attr-defined]

    def clean_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["file"]
        size = (file.size if file else 0) or 0
        if size > MAX_FILE_BYTES:
            raise forms.ValidationError(
                f"文件有 {size / 1024 / 1024:.1f} MB，超过 20 MB 的上限。请删去图片和多余的工作表，或拆成几个文件"
            )
        if file and size:
            try:
                received(named(file.name, 200), cast(BinaryIO, file), size, MAX_FILE_BYTES, TABLE)
            except BadFile as bad:
                raise forms.ValidationError(str(bad)) from bad
            file.seek(0)
        return file

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.pastes and "file" in data and not self.errors:
            given = bool(data["file"]), bool(data["pasted"].strip())
            if given == (False, False):
                self.add_error("file", f"{self.fields['file'].error_messages['required']}，或粘贴表格里的行")
            elif all(given):
                self.add_error("pasted", "选了文件，又粘贴了内容，不知道导入哪一样。请清空这里，或重新打开本页只粘贴")
        return data

    def sent(self) -> Sent:
        """What to import, of a valid form."""
        if file := self.cleaned_data["file"]:
            return Sent(file, file.name, file.size, False)
        # With its mark no text is taken for a picture or a page.
        content = cast(str, self.cleaned_data["pasted"]).encode("utf-8-sig")
        return Sent(BytesIO(content), PASTED, len(content), True)

"""The forms of the public check, and the filters of the lists."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.conf import settings
from django.db.models import QuerySet

from luojiang_ce.filters import WordsFilter
from luojiang_ce.uploads.bad import BadFile
from luojiang_ce.uploads.door import named, received
from luojiang_ce.uploads.places import COMPARED

from .codes import LENGTH, normalise
from .kinds import paper_kinds
from .models import Paper, Seal
from .subjects import about


class CodeForm(forms.Form):
    """A typed code."""

    code = forms.CharField(
        label="核验码",
        max_length=40,
        error_messages={"required": "请输入文书下方二维码旁的核验码，例如 7K3Q-WD82-MX4P"},
    )

    def clean_code(self) -> str:
        code = normalise(self.cleaned_data["code"])
        if code is None:
            raise forms.ValidationError(
                f"核验码应为 {LENGTH} 位数字和字母（没有字母 I、L、O、U），请对照文书再输入一次；"
                "也可以直接扫文书上的二维码"
            )
        return code


class FileForm(forms.Form):
    """A file whose fingerprint is compared; it is not kept. `looked_into`: else, after too many from one address, that
    is all."""

    file = forms.FileField(
        label="PDF 文件",
        error_messages={"required": "请先选择要比对的 PDF 文件", "empty": "这个文件是空的，请重新选择"},
    )

    def __init__(self, *args: Any, looked_into: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.looked_into = looked_into

    def clean_file(self) -> Any:
        file, limit = self.cleaned_data["file"], settings.UPLOAD_LIMIT_BYTES
        if file.size > limit:
            size, most = f"{file.size / 1024 / 1024:.1f} MB", f"{limit // 1024 // 1024} MB"
            raise forms.ValidationError(f"文件有 {size}，超过 {most}。签发的文书都小于这个大小，请核对是否选错了文件")
        try:
            if self.looked_into:
                received(named(file.name, 200), file, file.size, limit, COMPARED)
        except BadFile as bad:
            raise forms.ValidationError(str(bad)) from bad
        file.seek(0)
        return file


def _named(label: str, widget: type[forms.widgets.Input] = forms.TextInput) -> forms.Widget:
    """A widget that says itself what it is for: the filters' labels are for readers of screens only."""
    return widget(attrs={"placeholder": label})


class PapersFilter(WordsFilter):
    """Finds papers by the name of whom they are about, too."""

    def filter(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        """The rows in which it stands, or whose subject is called so; all of them while nothing is typed."""
        return rows.filter(self.meant(value) | about(self.parent.request.user, value)) if value else rows


class StateFilter(django_filters.ChoiceFilter):  # type: ignore[misc]
    """By state. The usual list, in which nothing is looked for, has nothing that was revoked before it had a number,
    which nobody ever had."""

    def filter(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        """The rows in that state, or those of the usual list."""
        if value:
            return super().filter(rows, value)
        asked = self.parent.form.cleaned_data
        if any(asked.get(name) for name in ("q", "job")):
            return rows
        return rows.exclude(state=Paper.State.REVOKED, number=None)


def _states() -> list[tuple[str, str]]:
    """What is looked at again is in force: the column says 复核中 of it, and it is found among these."""
    said = dict(Paper.State.choices)
    return list({**said, Paper.State.ISSUED: f"{said[Paper.State.ISSUED]}（含复核中）"}.items())


class PaperFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Filters of the list of papers."""

    q = PapersFilter("number", "title", label="编号、标题或姓名", widget=_named("编号、标题或姓名"))
    kind = django_filters.ChoiceFilter(
        label="种类",
        choices=lambda: sorted((kind.key, kind.label) for kind in paper_kinds().values()),
        empty_label="全部种类",
    )
    state = StateFilter(label="状态", choices=_states, empty_label="全部（未出具即撤销的，查找时才列出）")
    year = django_filters.NumberFilter(label="年份", widget=_named("年份", forms.NumberInput))
    job = django_filters.UUIDFilter(field_name="job__uid", widget=forms.HiddenInput)


class RegisterFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Filters of the register of seal use."""

    q = WordsFilter("number", "document", label="登记编号或文件", widget=_named("登记编号或文件"))
    year = django_filters.NumberFilter(label="年份", widget=_named("年份", forms.NumberInput))
    seal = django_filters.ModelChoiceFilter(
        label="印章", queryset=lambda request: Seal.objects.visible_to(request.user), empty_label="全部印章"
    )

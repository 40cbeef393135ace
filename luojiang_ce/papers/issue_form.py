"""What is asked before an act that issues papers: what to do about characters that cannot be printed here; of an
official document how the lines of its title end."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django import forms
from django.db import models

from luojiang_ce.workflow.forms import TransitionForm

from .glyphs import FontsSilent, named, undrawable
from .kinds import paper_kinds
from .templatetags.papers_print import closed_up
from .title_words import LINE, cut, lines_too_long, objections, title_lines, width_of

LINES, AS_TYPED = "title_lines", "title_as_typed"


def names_on_papers(case: models.Model) -> list[str]:
    """The names that the papers of a case print. A query for each kind that has any."""
    kinds = [kind for kind in paper_kinds().values() if isinstance(case, kind.case_model)]
    return [name for kind in kinds for name in kind.names(case)]


class IssueForm(TransitionForm):
    """Asks, where a name or what is typed and `printed` holds characters that no font here draws, for which of them
    room is left: each by itself, so that no other is left out unseen."""

    printed: tuple[str, ...] = ()  # the fields of which the papers of the act print what was typed

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if missing := self._missing():
            self.fields["by_hand"] = forms.MultipleChoiceField(
                label="印不出的字留空，盖章后手写",
                choices=[(character, f"{named([character])}留空") for character in missing],
                widget=forms.CheckboxSelectMultiple,
                required=False,
                help_text="本机字体没有这些字。不勾选的，请先由系统管理员安装收有此字的字体",
                error_messages={"invalid_choice": "“%(value)s”已经不在要留空的字里，请重新核对"},
            )

    def clean(self) -> dict[str, Any]:
        """What is typed here is printed as well."""
        data = super().clean() or self.cleaned_data
        told = "".join(data.get("by_hand", ()))
        if "by_hand" in data:
            data["by_hand"] = told
        for name in self.printed:
            if missing := [each for each in self._missing_in(data.get(name, "")) if each not in told]:
                said = f"{named(missing)}本机字体印不出来，还没有编号、用印。请换一个字，或勾选“印不出的字留空”"
                self.add_error(name, said)
        return data

    def _missing(self) -> list[str]:
        """Of the names on the papers, and of what was typed."""
        typed = (self.data.get(self.add_prefix(name), "") for name in self.printed)
        return self._missing_in("".join([*self.names(), *typed]))

    def _missing_in(self, text: str) -> list[str]:
        """Nothing where the fonts cannot be asked now: the act says so, when it comes to that."""
        with suppress(FontsSilent):
            return undrawable(text)
        return []

    def names(self) -> list[str]:
        """What the papers of this act print of names."""
        return names_on_papers(self.case)


class DocumentForm(IssueForm):
    """Of an act that issues an official document: shows its title as it will stand, and lets its lines end elsewhere.

    What a 文书 clerk would object to is told once; whoever wants it so ticks that it stays. A title of a few characters
    is not parted.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = closed_up(self.document_title())
        if width_of(self.title) > LINE / 2:
            self.fields[LINES] = _lines_field(title_lines(self.title))
            if objections(self._typed() or ()):
                self.fields[AS_TYPED] = forms.BooleanField(label="标题就按所填的分行", required=False)

    def document_title(self) -> str:
        """The title of the document that this act issues."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get(LINES):
            if problem := self._wrong(data):
                self.add_error(LINES, problem)
            data[LINES] = "\n".join(self._typed() or ())
        return data

    def transition_data(self) -> dict[str, Any]:
        return {name: value for name, value in super().transition_data().items() if name != AS_TYPED}

    def _typed(self) -> list[str] | None:
        """The title in the lines that were typed; None where they say something else, or nothing."""
        return cut(self.title, self.data.get(self.add_prefix(LINES), "").splitlines())

    def _wrong(self, data: dict[str, Any]) -> str:
        lines = self._typed()
        if lines is None:
            return f"只能改从哪里换行，不能改字。标题是“{self.title}”；标题有误的，请先返回改正"
        if too_long := lines_too_long(lines):
            return "；".join(too_long)
        if (against := objections(lines)) and not data.get(AS_TYPED):
            return f"{'；'.join(against)}。请调整；确要这样分行的，请勾选“{self.fields[AS_TYPED].label}”再办"
        return ""


def _lines_field(lines: list[str]) -> forms.CharField:
    return forms.CharField(
        label="公文标题",
        required=False,
        max_length=400,
        initial="\n".join(lines),
        widget=forms.Textarea(attrs={"rows": len(lines) + 1, "class": "text-center"}),
        help_text=f"印出来就是这几行，居中。可以改从哪里换行，不能改字；一行最多 {LINE:.0f} 个字，清空则按词义自动分行",
    )

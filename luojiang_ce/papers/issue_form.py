"""What is asked before an act that issues papers: what to do about characters that cannot be printed here."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django import forms
from django.db import models

from luojiang_ce.workflow.forms import TransitionForm

from .glyphs import FontsSilent, undrawable
from .models import paper_kinds


def names_on_papers(case: models.Model) -> list[str]:
    """The names that the papers of a case print. A query for each kind that has any."""
    kinds = [kind for kind in paper_kinds().values() if isinstance(case, kind.case_model)]
    return [name for kind in kinds for name in kind.names(case)]


class IssueForm(TransitionForm):
    """Asks, where a name holds a character that no font here draws, whether to leave room for it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if missing := self._missing():
            named = "、".join(f"“{character}”（U+{ord(character):04X}）" for character in missing)
            self.fields["by_hand"] = forms.BooleanField(
                label="印不出的字留空，盖章后手写",
                required=False,
                help_text=f"本机字体没有 {named}。不勾选的，请先由系统管理员安装收有此字的字体",
            )

    def _missing(self) -> list[str]:
        """Nothing where the fonts cannot be asked now: the act says so, when it comes to that."""
        with suppress(FontsSilent):
            return undrawable("".join(self.names()))
        return []

    def names(self) -> list[str]:
        """What the papers of this act print of names."""
        return names_on_papers(self.case)

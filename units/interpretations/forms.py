"""The form of an interpretation."""

from __future__ import annotations

from typing import Any

from django import forms

from luojiang_ce.clauses import notice_clauses
from luojiang_ce.home.form_page import EditForm
from units.interpretations.models import Interpretation


class InterpretationForm(EditForm):
    """Question and answer; no ID number may stand in what everybody reads."""

    clause = forms.ChoiceField(label="条款")
    widths = {"clause": 12, "question": 12, "answer": 12, "document": 8, "holds_from": 4}

    class Meta:
        model = Interpretation
        fields = ("clause", "question", "answer", "document", "holds_from")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clauses = [(each.id, f"{each.id}　{each.says}") for each in notice_clauses()]
        self.fields["clause"].choices = [("", "请选择"), *clauses]  # type: ignore[attr-defined]

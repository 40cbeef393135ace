"""Forms of long absence."""

from __future__ import annotations

from django import forms

from luojiang_ce.workflow.forms import TransitionForm


class ComeBackForm(TransitionForm):
    """Back earlier than approved: the last day of the absence."""

    ends_on = forms.DateField(
        label="离岗最后一天",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填离岗的最后一天", "invalid": "请按 2026-03-01 的格式填日期"},
    )
    field_order = ("ends_on", "note")

"""What letting somebody go asks for."""

from __future__ import annotations

from typing import Any

from django import forms

from luojiang_ce.home.forms import use_pickers
from luojiang_ce.workflow.forms import TransitionForm


class ReleaseForm(TransitionForm):
    """From which day the person works in the unit that asks; here it is counted until the day before."""

    on = forms.DateField(label="到申请单位日期", help_text="现单位算到前一天")
    field_order = ("on", "note")

    def __init__(self, *args: Any, case: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, case=case, actor=actor, **kwargs)
        self.fields["on"].initial = case.started_on
        self.fields["note"].help_text = "申请单位会看到"
        use_pickers(self.fields)

"""The upload form."""

from __future__ import annotations

from typing import Any

from django import forms

from luojiang_ce.access import Actor
from luojiang_ce.sheets.forms import UploadForm
from units.access import why_suspended
from units.forms.own_unit import ask_unit
from units.models import Unit


class RosterForm(UploadForm):
    """A roster to import, and for a clerk of several units into which."""

    def __init__(self, *args: Any, account: Actor, **kwargs: Any) -> None:
        super().__init__(*args, account=account, **kwargs)
        ask_unit(self, account, label="导入到")

    def clean_unit(self) -> Unit | None:
        unit: Unit | None = self.cleaned_data["unit"]
        if unit and (refused := why_suspended(unit, "导入花名册")):
            raise forms.ValidationError(refused)
        return unit

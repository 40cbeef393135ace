"""Which unit a clerk files for: asked only of a clerk of several."""

from __future__ import annotations

from typing import Any

from django import forms

from luojiang_ce.access import Actor
from units.models import Unit


class OwnUnitField(forms.ModelChoiceField):
    """A unit of the clerk's own; where there is only one it is that one, without a question."""

    def __init__(self, clerk: Actor, *, label: str = "单位") -> None:
        units = list(Unit.objects.filed_for(clerk)[:2])
        self.only = units[0] if len(units) == 1 else None
        super().__init__(
            Unit.objects.filed_for(clerk),
            label=label,
            required=self.only is None,
            widget=forms.HiddenInput if self.only else None,
            initial=self.only,
            help_text="" if self.only else "您是几个单位的专办员，请选择这次为哪个单位办理",
            error_messages={
                "required": "请选择为哪个单位办理",
                "invalid_choice": "您现在不是该单位的专办员，请返回后重新打开再填",
            },
        )

    def clean(self, value: Any) -> Unit | None:
        chosen: Unit | None = super().clean(value)
        return chosen or self.only


def ask_unit(form: forms.BaseForm, clerk: Actor, *, label: str = "单位") -> None:
    """Put the field `unit` at the beginning of a form."""
    form.fields["unit"] = OwnUnitField(clerk, label=label)
    form.order_fields(["unit"])

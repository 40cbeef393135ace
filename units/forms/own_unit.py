"""Which unit a clerk files for: asked only of a clerk of several."""

from __future__ import annotations

from typing import Any

from django import forms

from luojiang_ce.access import Actor
from units.models import Person, Unit
from units.models.person import usual_category


class OwnUnitField(forms.ModelChoiceField):
    """A unit of the clerk's own; where there is only one it is that one, without a question.

    `usual_category`: what its people are by its nature (of several the first), to be preselected.
    """

    def __init__(self, clerk: Actor, *, label: str = "单位") -> None:
        units = list(Unit.objects.filed_for(clerk)[:2])
        self.only = units[0] if len(units) == 1 else None
        self.usual_category = usual_category(units[0]) if units else Person.Category.GENERAL
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


def ask_unit(form: forms.BaseForm, clerk: Actor, *, label: str = "单位") -> OwnUnitField:
    """Put the field `unit` at the beginning of a form."""
    field = form.fields["unit"] = OwnUnitField(clerk, label=label)
    form.order_fields(["unit"])
    return field

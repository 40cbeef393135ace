"""To whom a case, or everything on a desk, is given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from luojiang_ce.home.forms import BaseForm
from luojiang_ce.typed import whole_number
from luojiang_ce.workflow.models import Handling
from units.access import APPROVER
from units.forms.base import ReasonField
from units.models import Account
from units.notify import handlers


def ticked(keys: Sequence[str]) -> dict[str, list[int]]:
    """Ids by kind of case, of what the filter `tick` has named; what it has not is left out."""
    found: dict[str, list[int]] = {}
    for key in keys:
        kind, _, pk = key.partition(":")
        number = whole_number(pk)
        if number is not None:
            found.setdefault(kind, []).append(number)
    return found


class GiveForm(BaseForm):
    """To one of today's handlers, and why."""

    widths = {"to": 6, "reason": 12}
    to = forms.ModelChoiceField(Account.objects.none(), label="经办人")
    reason = ReasonField(label="说明", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _ask_handler(self.fields["to"])


class GiveOneForm(GiveForm):
    """The page carries whom it showed as the handler, so that nobody gives away what has moved on."""

    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, handler: Account | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shown"].initial = handler.pk if handler else ""

    def clean_shown(self) -> int | None:
        return whole_number(self.cleaned_data["shown"])


class HandOverForm(BaseForm):
    """From whom, to whom, why. A handler hands over the own cases; an approver anybody's."""

    widths = {"of": 6, "to": 6, "reason": 12}
    of = forms.ModelChoiceField(Account.objects.none(), label="现经办人")
    to = forms.ModelChoiceField(Account.objects.none(), label="移交给")
    reason = ReasonField(label="原因", help_text="如休假、出差、岗位调整")

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _ask_handler(self.fields["to"])
        desks = Account.objects.filter(pk__in=Handling.objects.values("account"))
        own = desks.filter(pk=account.pk)
        of: Any = self.fields["of"]
        of.queryset = (desks if APPROVER.test(account, None) else own).order_by("name", "pk")
        of.initial = own.first()


def _ask_handler(field: Any) -> None:
    field.queryset = handlers().order_by("name", "pk")

"""What the forms of this app share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from luojiang_ce.home.form_page import OverRow
from luojiang_ce.home.forms import BaseForm
from luojiang_ce.typed import RowsField
from luojiang_ce.versions import Versioned
from units.models import Person


class ReasonField(forms.CharField):
    """Why: kept with the record, a few lines."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=500, widget=forms.Textarea(attrs={"rows": 2}), **kwargs)


class PersonField(forms.ModelChoiceField):
    """A person by name and the last four of the ID, so that namesakes can be told apart."""

    def label_from_instance(self, person: Person) -> str:
        return named_with_end(person)


def named_with_end(person: Person) -> str:
    """So that namesakes can be told apart."""
    return f"{person.name}（证件尾号 {person.masked_id[-4:]}）"


class PeopleField(RowsField):
    """Several people, each shown as `PersonField` does."""

    def label_from_instance(self, person: Person) -> str:
        return named_with_end(person)


class FreshForm(OverRow, BaseForm):
    """A form over a row that two people may edit at once; what it begins with is read from the row."""

    def __init__(self, *args: Any, row: Versioned, **kwargs: Any) -> None:
        self.row = row
        super().__init__(*args, **kwargs)

    def facts(self) -> Mapping[str, Any]:
        """What the service gets: everything typed, with the version that the form was opened with."""
        return {**self.cleaned_data, "version": self.version}

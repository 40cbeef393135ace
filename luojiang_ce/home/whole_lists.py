"""Lists that are edited in a table and put in place of the stored one as a whole."""

from __future__ import annotations

from typing import Any

from django import forms


class WholeList(forms.BaseFormSet):
    """Whether one of its blank rows was filled in is told by what stands in it, not by what is stored at its place now:
    a list that has saved itself, or that somebody else has made longer, would lose the rows that are the same."""

    def _construct_form(self, i: int, **kwargs: Any) -> forms.Form:
        form: forms.Form = super()._construct_form(i, **({"initial": {}} if self.is_bound else {}), **kwargs)
        return form

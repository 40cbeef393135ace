"""Lists that are edited in a table and put in place of the stored one as a whole."""

from __future__ import annotations

from typing import Any

from django import forms


class WholeList(forms.BaseFormSet):  # type: ignore[type-arg]  # generic in the stubs alone
    """Whether one of its blank rows was filled in is told by what stands in it, not by what is stored at its place now:
    a list that has saved itself, or that somebody else has made longer, would lose the rows that are the same."""

    def _construct_form(self, i: int, **kwargs: Any) -> forms.Form:
        given = {"initial": {}, **kwargs} if self.is_bound else kwargs
        form: forms.Form = super()._construct_form(i, **given)  # type: ignore[misc]  # the stubs do not know it
        return form

"""A form's field for a file that is kept."""

from __future__ import annotations

from typing import Any

from django import forms

from luojiang_ce.uploads.bad import BadFile
from luojiang_ce.uploads.places import Place

from .checks import Checked, checked


class CheckedField(forms.FileField):
    """A file that may be kept at this place. It is looked into while the form is, before any transaction begins."""

    def __init__(self, place: Place, **options: Any) -> None:
        super().__init__(widget=forms.FileInput(attrs={"accept": ",".join(place.kinds)}), **options)
        self.place = place

    def clean(self, data: Any, initial: Any = None) -> Checked | None:
        """None where nothing was sent. Raises ValidationError, which says what to choose instead."""
        upload = super().clean(data, initial)
        try:
            return checked(upload, self.place) if upload else None
        except BadFile as bad:
            raise forms.ValidationError(str(bad)) from bad

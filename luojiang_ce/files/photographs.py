"""A photograph that somebody without an account sends from a phone: looked at in passing, so nothing else is taken."""

from __future__ import annotations

from typing import Any

from django import forms

from luojiang_ce.uploads.bad import BadFile
from luojiang_ce.uploads.door import begins_like, must_not_be_heic
from luojiang_ce.uploads.places import IMAGES, PHOTOGRAPH

HEAD = 1024  # bytes that say what a file is


class PhotographField(forms.FileField):
    """JPG or PNG by content. What else may be wrong with one, the service says that keeps it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png"}), **options)

    def clean(self, data: Any, initial: Any = None) -> Any:
        """The upload, to be read from its beginning. Raises ValidationError, which says what to choose instead."""
        picture = super().clean(data, initial)
        if picture:
            head = picture.read(HEAD)
            picture.seek(0)
            try:
                must_not_be_heic(picture.name, head)
            except BadFile as heic:
                raise forms.ValidationError(str(heic)) from heic
            if begins_like(head) not in IMAGES:
                raise forms.ValidationError(f"“{picture.name}”{PHOTOGRAPH.said}")
        return picture

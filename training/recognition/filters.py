"""The filter above the list of recognitions."""

from __future__ import annotations

import django_filters
from django import forms

from luojiang_ce.filters import UNIT, WordsFilter

from .models import Recognition


class RecognitionFilter(django_filters.FilterSet):
    """Recognitions by class, number or provider, and by state."""

    q = WordsFilter(
        *("application__title", "application__number", "number", *UNIT),
        label="培训班、编号、单位",
        widget=forms.TextInput(attrs={"placeholder": "培训班、编号、施教机构"}),
    )
    state = django_filters.ChoiceFilter(label="状态", choices=Recognition.State.choices, empty_label="全部状态")

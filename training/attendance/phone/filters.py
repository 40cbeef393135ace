"""The filter above the list of requests for a correction."""

from __future__ import annotations

import django_filters
from django import forms

from luojiang_ce.filters import WordsFilter

from .models import CorrectionRequest


class RequestFilter(django_filters.FilterSet):
    """Requests by name, class and state."""

    q = WordsFilter(
        "enrolment__name",
        "enrolment__application__title",
        label="学员或培训班",
        widget=forms.TextInput(attrs={"placeholder": "学员或培训班"}),
    )
    state = django_filters.ChoiceFilter(label="状态", choices=CorrectionRequest.State.choices, empty_label="全部状态")

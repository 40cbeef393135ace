"""The filter above the list of recognitions."""

from __future__ import annotations

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from .models import Recognition


class RecognitionFilter(django_filters.FilterSet):
    """Recognitions by class, number or provider, and by state."""

    q = django_filters.CharFilter(
        label="培训班、编号、单位",
        method="search",
        widget=forms.TextInput(attrs={"placeholder": "培训班、编号、施教机构"}),
    )
    state = django_filters.ChoiceFilter(label="状态", choices=Recognition.State.choices, empty_label="全部状态")

    class Meta:
        model = Recognition
        fields: list[str] = []

    def search(self, rows: QuerySet[Recognition], name: str, value: str) -> QuerySet[Recognition]:
        return rows.filter(
            Q(application__title__icontains=value)
            | Q(application__number__icontains=value)
            | Q(number__icontains=value)
            | Q(unit__name__icontains=value)
        )

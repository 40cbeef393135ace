"""Filters of lapses."""

from __future__ import annotations

import django_filters
from django.db.models import Q, QuerySet

from units.extensions.forms import extendable
from units.extensions.models import Lapse


class LapseFilter(django_filters.FilterSet):
    """Lapses by title or unit, by kind and state."""

    q = django_filters.CharFilter(label="事项、单位", method="search")
    kind = django_filters.ChoiceFilter(label="期限", choices=extendable, empty_label="全部期限")
    state = django_filters.ChoiceFilter(label="状态", choices=Lapse.State.choices, empty_label="全部状态")

    class Meta:
        model = Lapse
        fields: list[str] = []

    def search(self, rows: QuerySet[Lapse], name: str, value: str) -> QuerySet[Lapse]:
        return rows.filter(Q(title__icontains=value) | Q(unit__name__icontains=value))

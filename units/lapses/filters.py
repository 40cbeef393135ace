"""Filters of lapses."""

from __future__ import annotations

import django_filters

from luojiang_ce.filters import UNIT, WordsFilter
from units.extensions.forms import extendable
from units.extensions.models import Lapse


class LapseFilter(django_filters.FilterSet):
    """Lapses by title or unit, by kind and state."""

    q = WordsFilter("title", *UNIT, label="事项、单位")
    kind = django_filters.ChoiceFilter(label="期限", choices=extendable, empty_label="全部期限")
    state = django_filters.ChoiceFilter(label="状态", choices=Lapse.State.choices, empty_label="全部状态")

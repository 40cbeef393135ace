"""The filters above the list of originals."""

from __future__ import annotations

import django_filters as filters

from luojiang_ce.filters import UNIT, WordsFilter

from .models import OriginalsCheck


class CheckFilter(filters.FilterSet):
    """By number, title or unit, and state."""

    q = WordsFilter("number", "declaration__title", *UNIT, label="编号、项目、单位")
    state = filters.ChoiceFilter(label="状态", choices=OriginalsCheck.State, empty_label="状态：全部")

"""The filters above the lists of draws and of originals."""

from __future__ import annotations

import django_filters as filters

from luojiang_ce.filters import UNIT, WordsFilter

from .models import Draw, OriginalsCheck


class DrawFilter(filters.FilterSet):
    """By number, what was drawn from, and state."""

    q = WordsFilter("number", label="编号")
    of = filters.ChoiceFilter(label="抽查事项", choices=Draw.Of, empty_label="抽查事项：全部")
    state = filters.ChoiceFilter(label="状态", choices=Draw.State, empty_label="状态：全部")


class CheckFilter(filters.FilterSet):
    """By number, title or unit, and state."""

    q = WordsFilter("number", "declaration__title", *UNIT, label="编号、项目、单位")
    state = filters.ChoiceFilter(label="状态", choices=OriginalsCheck.State, empty_label="状态：全部")

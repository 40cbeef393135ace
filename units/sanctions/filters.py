"""The filters above the list of sanctions."""

from __future__ import annotations

from datetime import date

import django_filters
from django.db.models import Q, QuerySet

from luojiang_ce import clock
from units.forms.filters import UnitChoiceMixin, unit_choice, words
from units.sanctions.models import Sanction, in_force_on, label_of
from units.search import PeopleWordsFilter

NOW = (("in_force", "生效中"), ("ended", Sanction.ENDED), ("withdrawn", "已撤销"), ("draft", "草稿"))


class SanctionFilter(UnitChoiceMixin, django_filters.FilterSet):
    """Sanctions by words, unit, what happened, what was decided, and whether they hold."""

    q = PeopleWordsFilter("number", "document", label="查找", widget=words("姓名、拼音、编号、文号"))
    unit = unit_choice()
    breach = django_filters.ChoiceFilter(label="违规情况", choices=Sanction.Breach.choices, empty_label="全部情况")
    measure = django_filters.ChoiceFilter(
        label="处理",
        choices=[*((name, label_of(name)) for name in Sanction.MEASURES), ("other_measure", "其他处理")],
        method="by_measure",
        empty_label="全部处理",
    )
    state = django_filters.ChoiceFilter(label="状态", choices=NOW, method="by_state", empty_label="全部状态")

    def by_measure(self, rows: QuerySet[Sanction], name: str, value: str) -> QuerySet[Sanction]:
        return rows.exclude(other_measure="") if value == "other_measure" else rows.filter(**{value: True})

    def by_state(self, rows: QuerySet[Sanction], name: str, value: str) -> QuerySet[Sanction]:
        return rows.filter(_standing(value, clock.today()))


def _standing(value: str, today: date) -> Q:
    holds = in_force_on(today)
    return {"in_force": holds, "ended": Q(state=Sanction.State.IN_FORCE) & ~holds}.get(value, Q(state=value))

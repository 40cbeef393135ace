"""The filters above the people of a trial."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from django.forms import HiddenInput

from luojiang_ce.filters import IdFilter
from units.forms.filters import UnitChoiceMixin, unit_choice, words
from units.search import PeopleWordsFilter
from verification.requirements.models import TrialLine
from verification.requirements.trials import CHANGES


class TrialFilter(UnitChoiceMixin, django_filters.FilterSet):
    """Those of one trial (`trial`, in the address of its page), by words, unit, and how their verdict changes."""

    trial = IdFilter(field_name="trial", widget=HiddenInput)
    q = PeopleWordsFilter(label="查找", widget=words("姓名、拼音"))
    unit = unit_choice()
    change = django_filters.ChoiceFilter(
        label="变化", choices=list(CHANGES.items()), method="by_change", empty_label="全部变化"
    )

    def by_change(self, rows: QuerySet[TrialLine], name: str, value: str) -> QuerySet[TrialLine]:
        before, _, after = value.partition("-")
        return rows.filter(before=before, after=after)

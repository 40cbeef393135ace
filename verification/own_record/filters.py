"""The filters above the lists of objections and slips."""

from __future__ import annotations

import django_filters

from units.forms.filters import UnitChoiceMixin, unit_choice, words
from units.search import PeopleWordsFilter

from .models import Objection


class ObjectionFilter(UnitChoiceMixin, django_filters.FilterSet):
    """Objections by person, what they are about, unit and state."""

    q = PeopleWordsFilter("about", label="查找", widget=words("姓名、拼音、对哪一条"))
    unit = unit_choice()
    state = django_filters.ChoiceFilter(label="状态", choices=Objection.State.choices, empty_label="全部状态")


class SlipFilter(django_filters.FilterSet):
    """Slips by person."""

    q = PeopleWordsFilter(label="查找", widget=words("姓名、拼音"))

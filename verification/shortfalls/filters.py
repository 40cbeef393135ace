"""What the lists of units and of people can be narrowed by."""

from __future__ import annotations

from decimal import Decimal

import django_filters as filters
from django.db.models import QuerySet
from django.forms import HiddenInput

from luojiang_ce.filters import IdFilter, WordsFilter
from units.models import Employment, Person, Unit
from units.search import PeopleWordsFilter
from verification.batches.candidates import employed_in_year

from .models import Filing, Standing
from .standing import years


class UnitsFilter(filters.FilterSet):
    q = WordsFilter("name", "short_name", "code", label="单位")
    nature = filters.ChoiceFilter(label="性质", choices=Unit.Nature.choices, empty_label="性质：全部")
    who = filters.ChoiceFilter(
        label="情况",
        choices=[("short", "有人还差"), ("unfiled", "有人未报送")],
        method="keep",
        empty_label="情况：全部",
    )
    year = filters.NumberFilter(method="keep", widget=HiddenInput)

    def keep(self, rows: QuerySet[Unit], name: str, value: str) -> QuerySet[Unit]:
        """Read by the page, which knows the numbers."""
        return rows


class PeopleFilter(filters.FilterSet):
    q = PeopleWordsFilter(label="姓名、拼音、证件后四位")
    category = filters.ChoiceFilter(
        label="类别", field_name="person__category", choices=Person.Category.choices, empty_label="类别：全部"
    )
    standing = filters.ChoiceFilter(
        label="达标情况", choices=Standing.choices, method="keep", empty_label="达标情况：全部"
    )
    filing = filters.ChoiceFilter(label="报送", choices=Filing.choices, method="keep", empty_label="报送：全部")
    year = filters.NumberFilter(method="of_year", widget=HiddenInput)
    unit = IdFilter(field_name="unit", widget=HiddenInput)

    def of_year(self, rows: QuerySet[Employment], name: str, value: Decimal) -> QuerySet[Employment]:
        """Who was employed in it."""
        return rows.filter(employed_in_year(int(value), "person")) if value in years() else rows

    def keep(self, rows: QuerySet[Employment], name: str, value: str) -> QuerySet[Employment]:
        """Read by the page, which knows how everybody stands."""
        return rows

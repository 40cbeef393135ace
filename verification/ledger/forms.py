"""The filters of the list of people."""

from __future__ import annotations

import django_filters
from django import forms
from django.db.models import QuerySet

from luojiang_ce import clock
from units.forms.filters import UnitChoiceMixin, unit_choice
from units.models import Employment, Person
from units.search import PeopleWordsFilter

YEARS_BACK = 6
FIRST_YEAR, LAST_YEAR = 2000, 2099


def years() -> list[int]:
    """The years that pages offer, newest first."""
    this_year = clock.today().year
    return list(range(this_year, this_year - YEARS_BACK, -1))


def year_of(text: str) -> int:
    """The year of a query string; this year where it is none."""
    known = len(text) == 4 and text.isascii() and text.isdigit() and FIRST_YEAR <= int(text) <= LAST_YEAR
    return int(text) if known else clock.today().year


class PeopleFilter(UnitChoiceMixin, django_filters.FilterSet):  # type: ignore[misc]  # the package has no types
    """People by year (which changes the sums, not the rows), name, category and unit."""

    year = django_filters.ChoiceFilter(
        label="年度", method="same", empty_label=None, choices=lambda: [(year, f"{year} 年度") for year in years()]
    )
    q = PeopleWordsFilter(label="姓名或拼音", widget=forms.TextInput(attrs={"placeholder": "姓名、拼音、证件后四位"}))
    category = django_filters.ChoiceFilter(
        label="类别", field_name="person__category", choices=Person.Category.choices, empty_label="全部类别"
    )
    unit = unit_choice()

    def same(self, rows: QuerySet[Employment], name: str, value: str) -> QuerySet[Employment]:
        return rows

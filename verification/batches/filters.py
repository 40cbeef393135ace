"""What lists of batches, people and slots can be narrowed by."""

from __future__ import annotations

import django_filters as filters
from django.db.models import QuerySet
from django.forms import HiddenInput

from luojiang_ce.filters import UNIT, WordsFilter
from units.models import Employment, Person
from units.search import PeopleWordsFilter

from .models import Batch, Path


class BatchFilter(filters.FilterSet):
    q = WordsFilter(*UNIT, "number", label="单位、编号")
    year = filters.NumberFilter(label="年度")
    path = filters.ChoiceFilter(label="人员类别", choices=Path.choices, empty_label="类别：全部")
    state = filters.ChoiceFilter(label="状态", choices=Batch.State, empty_label="状态：全部")


class UnlistedFilter(filters.FilterSet):
    q = PeopleWordsFilter(*UNIT, label="姓名、单位")
    category = filters.ChoiceFilter(
        label="人员类别", field_name="person__category", choices=Person.Category, empty_label="类别：全部"
    )
    given_up = filters.ChoiceFilter(
        choices=[("yes", "已登记视同放弃")], label="情况", method="by_given_up", empty_label="情况：全部"
    )
    year = filters.NumberFilter(method="keep", widget=HiddenInput)

    def by_given_up(self, rows: QuerySet[Employment], name: str, value: str) -> QuerySet[Employment]:
        """Whose year was given up (notice 二(三)2); the page annotates it."""
        return rows.filter(given_up__isnull=False)  # type: ignore[misc]  # annotated by the page

    def keep(self, rows: QuerySet[Employment], name: str, value: int) -> QuerySet[Employment]:
        """The year is read by the page itself; here it only stays in the address."""
        return rows

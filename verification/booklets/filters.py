"""The filters above the list of booklets' pages."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet

from units.models import Employment
from verification.booklets.filling import to_fill
from verification.booklets.rows import CHOICES, standing_as
from verification.ledger.forms import PeopleFilter, year_of


class BookletFilter(PeopleFilter):
    """People by year, name, category, unit, how their page stands, and whether it is the reader's to write."""

    standing = django_filters.ChoiceFilter(
        label="登记", choices=CHOICES, method="by_standing", empty_label="登记：全部"
    )
    whose = django_filters.ChoiceFilter(
        label="由谁登记", choices=[("mine", "由我登记的")], method="by_whose", empty_label="由谁登记：全部"
    )

    def by_standing(self, rows: QuerySet[Employment], name: str, value: str) -> QuerySet[Employment]:
        return standing_as(rows, year_of(self.data.get("year", "")), value)

    def by_whose(self, rows: QuerySet[Employment], name: str, value: str) -> QuerySet[Employment]:
        account: Any = self.request.user
        return rows.filter(to_fill(account))

"""What the filters above lists share."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet
from django_filters import CharFilter


class WordsFilter(CharFilter):
    """A search box: what is typed stands in at least one of these columns."""

    def __init__(self, *columns: str, **options: Any) -> None:
        super().__init__(**options)
        self.columns = columns

    def filter(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        """The rows in which it stands; all of them while nothing is typed."""
        if not value:
            return rows
        return rows.filter(reduce(or_, (Q(**{f"{column}__icontains": value}) for column in self.columns)))

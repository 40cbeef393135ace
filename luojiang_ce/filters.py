"""What the filters above lists share."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet
from django.forms import IntegerField
from django_filters import CharFilter, NumberFilter

from .typed import MOST_ROWS

# How a unit may be called, as columns of a row that has one.
UNIT = ("unit__name", "unit__short_name", "unit__code")


# Nobody looks for more at once, and each word is a question of its own to the database.
MOST_WORDS, MOST_LETTERS = 8, 100


def words_in(text: str) -> list[str]:
    """The words of what was typed into a search box, the first of them where there are very many."""
    return text[:MOST_LETTERS].split()[:MOST_WORDS]


def by_words(*columns: str) -> Callable[[QuerySet[Any], str], QuerySet[Any]]:
    """Finds the rows in which each of the words stands, in one of these columns."""

    def find(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        for word in words_in(text):
            rows = rows.filter(reduce(or_, (Q(**{f"{column}__icontains": word}) for column in columns)))
        return rows

    return find


def by_number(prefix: str, *columns: str) -> Callable[[QuerySet[Any], str], QuerySet[Any]]:
    """Finds a case by its number, made of its year and id (SB-2026-00012), or by words in these columns."""
    number = re.compile(rf"{prefix}-(20\d{{2}})-(\d{{1,12}})", re.IGNORECASE | re.ASCII)
    find_words = by_words(*columns)

    def find(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        if found := number.fullmatch(text.strip()):
            return rows.filter(created_at__year=found[1], pk=found[2])
        return find_words(rows, text)

    return find


class IdFilter(NumberFilter):
    """The number of a row, as addresses of pages carry it; no larger than a database's whole number."""

    field_class = IntegerField

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"min_value": 0, "max_value": MOST_ROWS, **options})


class WordsFilter(CharFilter):
    """A search box: what is typed stands in at least one of these columns."""

    def __init__(self, *columns: str, **options: Any) -> None:
        super().__init__(**options)
        self.columns = columns

    def filter(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        """The rows in which it stands; all of them while nothing is typed."""
        return rows.filter(self.meant(value[:MOST_LETTERS])) if value else rows

    def meant(self, value: str) -> Q:
        """What a row must fulfil."""
        columns = (Q(**{f"{column}__icontains": value}) for column in self.columns)
        return reduce(or_, columns, Q(pk__in=[]))

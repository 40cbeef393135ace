"""What the board of cycles can be narrowed by."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from django.forms import HiddenInput

from luojiang_ce import clock
from units.forms.filters import PeopleFilter, UnitChoiceMixin, unit_choice
from units.models import Employment, Person, StudyPeriod, Unit
from units.search import PeopleWordsFilter
from verification.ledger.models import LedgerEntry

from .board import STATES, in_state, of_year
from .lacking import LACKS

YEARS_BACK = 10


class EntryFilter(UnitChoiceMixin, django_filters.FilterSet):
    """Lines of booklets by year, name and unit."""

    year = django_filters.ChoiceFilter(
        label="年度",
        empty_label="年度：全部",
        choices=lambda: [(year, f"{year} 年度") for year in range(clock.today().year, clock.today().year - 6, -1)],
    )
    q = PeopleWordsFilter(label="姓名或拼音")
    unit = unit_choice(method="by_unit")

    def by_unit(self, rows: QuerySet[LedgerEntry], name: str, value: Unit) -> QuerySet[LedgerEntry]:
        return rows.filter(person__in=Employment.objects.filter(unit=value, ended_on=None).values("person"))


class CycleFilter(UnitChoiceMixin, django_filters.FilterSet):
    """Cycles by name, unit, last year and how they stand (last: it looks at what the others left)."""

    q = PeopleWordsFilter(label="姓名或拼音")
    unit = unit_choice(method="by_unit")
    ends = django_filters.ChoiceFilter(
        label="届满年度",
        field_name="last_year",
        empty_label="届满年度：全部",
        choices=lambda: [
            (year, f"{year} 年届满") for year in range(clock.today().year + 4, clock.today().year - 6, -1)
        ],
    )
    state = django_filters.ChoiceFilter(
        label="情况",
        choices=[(key, label) for key, (label, _) in STATES.items()],
        method="by_state",
        widget=HiddenInput,
    )

    def by_unit(self, rows: QuerySet[StudyPeriod], name: str, value: Unit) -> QuerySet[StudyPeriod]:
        return rows.filter(person__in=Employment.objects.filter(unit=value, ended_on=None).values("person"))

    def by_state(self, rows: QuerySet[StudyPeriod], name: str, value: str) -> QuerySet[StudyPeriod]:
        return in_state(rows, value)


class FlaggedFilter(UnitChoiceMixin, django_filters.FilterSet):
    """Who is not to be appointed or promoted in a year, this one where none is asked for (notice 二(一)), by name and
    unit."""

    q = PeopleWordsFilter(label="姓名或拼音")
    unit = unit_choice(method="by_unit")
    year = django_filters.ChoiceFilter(
        label="不予评聘的年度",
        empty_label="本年度",
        method="looked_for",
        choices=lambda: [
            (year, f"{year} 年度") for year in range(clock.today().year, clock.today().year - YEARS_BACK, -1)
        ],
    )

    @property
    def chosen(self) -> int:
        """The year of the list."""
        typed = {} if self.form.errors.get("year") else self.form.cleaned_data
        return int(typed.get("year") or clock.today().year)

    def by_unit(self, rows: QuerySet[StudyPeriod], name: str, value: Unit) -> QuerySet[StudyPeriod]:
        return rows.filter(person__in=Employment.objects.filter(unit=value, ended_on=None).values("person"))

    def looked_for(self, rows: QuerySet[StudyPeriod], name: str, value: str) -> QuerySet[StudyPeriod]:
        """Last of all, in `filter_queryset`: an empty choice is this year."""
        return rows

    def filter_queryset(self, queryset: QuerySet[StudyPeriod]) -> QuerySet[StudyPeriod]:
        return of_year(super().filter_queryset(queryset), self.chosen)


class LackingFilter(PeopleFilter):
    """People by words and unit; the rest the list says itself."""

    category = level = presence = None
    what = django_filters.ChoiceFilter(
        choices=[(key, label) for key, (label, _, _) in LACKS.items()], method="kept", widget=HiddenInput
    )

    def kept(self, rows: QuerySet[Person], name: str, value: str) -> QuerySet[Person]:
        """What is lacked the list has looked for."""
        return rows

"""The filters above the lists of plans and of planned classes."""

from __future__ import annotations

import django_filters as filters
from django.db.models import QuerySet

from luojiang_ce.filters import UNIT, IdFilter, WordsFilter

from .models import Plan, PlanItem, ProjectChange


class PlanFilter(filters.FilterSet):
    """Plans by unit, year and state."""

    q = WordsFilter(*UNIT, label="单位名称")
    year = filters.NumberFilter(label="年度")
    state = filters.ChoiceFilter(label="状态", choices=Plan.State, empty_label="状态：全部")


class ReviewFilter(filters.FilterSet):
    """The rows of one plan; without one there are none."""

    plan = IdFilter(field_name="plan")

    @property
    def qs(self) -> QuerySet[PlanItem]:
        rows: QuerySet[PlanItem] = super().qs
        return rows if self.form.cleaned_data.get("plan") else rows.none()


class ItemFilter(filters.FilterSet):
    """Planned classes and projects by title, number or unit, year and state."""

    q = WordsFilter("title", "number", *UNIT, label="班名、编号、单位")
    year = filters.NumberFilter(label="年度", field_name="plan__year")
    state = filters.ChoiceFilter(label="状态", choices=PlanItem.State, empty_label="状态：全部")


class ChangeFilter(filters.FilterSet):
    """Changes by project or unit, kind and state."""

    q = WordsFilter("number", "item__title", "item__number", *UNIT, label="项目、编号、单位")
    what = filters.ChoiceFilter(label="事项", choices=ProjectChange.What, empty_label="事项：全部")
    state = filters.ChoiceFilter(label="状态", choices=ProjectChange.State, empty_label="状态：全部")

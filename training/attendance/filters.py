"""The filter above the list of classes with their attendance."""

from __future__ import annotations

import django_filters
from django import forms
from django.db.models import QuerySet

from luojiang_ce import clock
from luojiang_ce.filters import WordsFilter
from training.classes.models import ClassApplication


class ClassFilter(django_filters.FilterSet):
    """Classes by name and by whether they are ahead, under way or over."""

    WHEN = (("now", "进行中"), ("over", "已结束"), ("ahead", "未开班"))

    q = WordsFilter("title", label="培训班", widget=forms.TextInput(attrs={"placeholder": "培训班名称"}))
    when = django_filters.ChoiceFilter(label="进度", method="by_time", choices=WHEN, empty_label="全部进度")

    def by_time(self, rows: QuerySet[ClassApplication], name: str, value: str) -> QuerySet[ClassApplication]:
        """Under way and ended follow from the dates."""
        today = clock.today()
        return {
            "now": rows.filter(opens_on__lte=today, ends_on__gte=today),
            "over": rows.filter(ends_on__lt=today),
            "ahead": rows.filter(opens_on__gt=today),
        }[value]

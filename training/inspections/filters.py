"""The filters above the lists of visits and of reports."""

from __future__ import annotations

import django_filters as filters
from django import forms
from django.db.models import Exists, OuterRef, QuerySet

from luojiang_ce.filters import UNIT, WordsFilter

from .models import Finding, Inspection, OutsideReport


class InspectionFilter(filters.FilterSet):
    """Visits by class, place, unit or number, state, what was found, and day."""

    q = WordsFilter(
        "number", "application__title", "event_name", "place", "provider_name", *UNIT, label="班名、单位、地点、编号"
    )
    state = filters.ChoiceFilter(label="状态", choices=Inspection.State, empty_label="状态：全部")
    found = filters.ChoiceFilter(
        label="问题",
        choices=[("any", "发现问题"), ("none", "未发现问题"), *Finding.Kind.choices],
        empty_label="问题：全部",
        method="in_which",
    )
    since = filters.DateFilter(
        label="检查日期从", field_name="planned_on", lookup_expr="gte", widget=forms.DateInput(attrs={"type": "date"})
    )

    def in_which(self, rows: QuerySet[Inspection], name: str, value: str) -> QuerySet[Inspection]:
        """Those of recorded visits in which something, nothing or this was found."""
        findings = Finding.objects.filter(inspection=OuterRef("pk"))
        recorded = rows.filter(recorded_at__isnull=False)
        if value == "none":
            return recorded.filter(~Exists(findings))
        return recorded.filter(Exists(findings if value == "any" else findings.filter(kind=value)))


class ReportFilter(filters.FilterSet):
    """Reports by number, unit or place, and state. What they say is not searched: it lies open to few."""

    q = WordsFilter("number", "application__title", "provider_name", "place", *UNIT, label="编号、单位、班名、地点")
    state = filters.ChoiceFilter(label="状态", choices=OutsideReport.State, empty_label="状态：全部")

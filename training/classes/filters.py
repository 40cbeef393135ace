"""The filters above the lists of applications, of classes open to enrolment, and of lecturers."""

from __future__ import annotations

import django_filters as filters
from django.db.models import Exists, OuterRef, Q, QuerySet

from luojiang_ce.access import Role
from luojiang_ce.filters import UNIT, WordsFilter
from training.classes.published import projects, sessions
from training.plans.models import PlanItem
from units.models import Unit

from .models import ClassApplication, TeachingProof

MONTHS = [(str(month), f"{month} 月") for month in range(1, 13)]


class ClassFilter(filters.FilterSet):
    """Applications by title, number or unit, year of the plan, state, and whose they are."""

    q = WordsFilter("title", "number", *UNIT, label="班名、编号、单位")
    year = filters.NumberFilter(label="计划年度", field_name="project__plan__year")
    state = filters.ChoiceFilter(label="状态", choices=ClassApplication.State, empty_label="状态：全部")
    whose = filters.ChoiceFilter(
        label="申办单位",
        choices=[("own", "本单位申办"), ("others", "其他单位申办")],
        empty_label="申办单位：全部",
        method="of_whom",
    )

    def of_whom(self, rows: QuerySet[ClassApplication], name: str, value: str) -> QuerySet[ClassApplication]:
        own = Q(unit__in=self.request.user.unit_ids(Role.UNIT_CLERK))
        return rows.filter(own if value == "own" else ~own)


class OpenFilter(filters.FilterSet):
    """Classes open to enrolment by title, place or provider."""

    q = WordsFilter("title", "place", *UNIT, label="班名、地点、施教机构")


class LecturerFilter(filters.FilterSet):
    """Lecturers by name, employer or specialty."""

    q = WordsFilter("name", "employer", "specialty", label="姓名、单位、专长")


class ProofFilter(filters.FilterSet):
    """Requests for proofs of teaching by lecturer or number, year, state."""

    q = WordsFilter("lecturer__name", "number", *UNIT, label="教师、编号、单位")
    year = filters.NumberFilter(label="年度", field_name="year")
    state = filters.ChoiceFilter(label="状态", choices=TeachingProof.State, empty_label="状态：全部")


class PublishedFilter(filters.FilterSet):
    """Projects by words, year of the plan, provider, and the month in which a session, or the project, begins."""

    q = WordsFilter("title", "number", "audience", "place", *UNIT, label="班名、编号、单位、地点")
    year = filters.ChoiceFilter(
        label="年度", empty_label="年度：全部", field_name="plan__year", choices=lambda: _years()
    )
    provider = filters.ModelChoiceFilter(
        label="施教机构",
        field_name="unit",
        queryset=lambda request: Unit.objects.filter(pk__in=projects().order_by().values("unit")).order_by("name"),
    )
    month = filters.ChoiceFilter(
        label="开班月份",
        empty_label="月份：全部",
        choices=MONTHS,
        method="in_month",
    )

    @property
    def of_month(self) -> str:
        """The month that is asked for, empty where none is."""
        return self.form.cleaned_data.get("month", "") if self.form.is_valid() else ""

    def in_month(self, rows: QuerySet[PlanItem], name: str, value: str) -> QuerySet[PlanItem]:
        opening = sessions().filter(opens_on__month=value).values("project")
        none_yet = ~Exists(sessions().filter(project=OuterRef("pk")).order_by())
        return rows.filter(Q(pk__in=opening.order_by()) | Q(none_yet, starts_on__month=value))


def _years() -> list[tuple[str, str]]:
    years = projects().order_by("-plan__year").values_list("plan__year", flat=True).distinct()
    return [(str(year), f"{year} 年度") for year in years]

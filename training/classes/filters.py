"""The filters above the lists of applications, of classes open to enrolment, and of lecturers."""

from __future__ import annotations

import django_filters as filters
from django.db.models import Q, QuerySet

from luojiang_ce.access import Role
from luojiang_ce.filters import UNIT, WordsFilter

from .models import ClassApplication, TeachingProof


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

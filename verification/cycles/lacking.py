"""Who lacks what decides about the year: a teacher without a cycle, medical staff without a tenure, no series.

A cycle that has ended is none for the year that is verified now: the next one is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import Count, Exists, OuterRef
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.deadlines.owed import Asked, Owed, OwedDuty
from luojiang_ce.workflow.case_kind import Turn
from units.access import FILER
from units.models import Employment, Person, StudyPeriod, Title, Unit
from units.models.person import PersonQuerySet
from verification.batches.in_time import default_year

LACKS = {
    "cycle": ("没有五年周期的教师", Person.Category.TEACHER, StudyPeriod.Kind.CYCLE),
    "tenure": ("没有任职周期的卫生人员", Person.Category.MEDICAL, StudyPeriod.Kind.TENURE),
    "series": ("没有登记系列的人员", "", ""),
}
EMPLOYED = Employment.objects.filter(ended_on=None)


def lacking(people: PersonQuerySet, what: str, today: date) -> PersonQuerySet:
    """Those of the people at work who lack it for the year that is verified now."""
    _, category, kind = LACKS[what]
    working = people.filter(pk__in=EMPLOYED.values("person"))
    if not kind:
        known = Title.objects.filter(person=OuterRef("pk"), is_current=True).exclude(series="")
        return working.filter(~Exists(known))
    year = default_year(today)
    over = StudyPeriod.objects.filter(person=OuterRef("pk"), kind=kind, first_year__lte=year, last_year__gte=year)
    return working.filter(~Exists(over), category=category)


def cycles_to_enter(asked: Asked) -> Iterator[Owed]:
    """For each active unit with teachers who have no cycle: how many, once for all of them. One query, two where there
    are any."""
    today = clock.local(asked.now).date()
    people = lacking(Person.objects.all(), "cycle", today)
    jobs = EMPLOYED.filter(person__in=people.values("pk"), unit__status=Unit.Status.ACTIVE)
    counted = dict(jobs.order_by().values_list("unit").annotate(Count("pk")))
    for unit in Unit.objects.filter(pk__in=counted).order_by("code") if counted else ():
        yield OwedDuty(
            Turn(FILER, "登记教师周期"),
            OfUnit(unit.pk),
            f"登记教师周期：{counted[unit.pk]} 人没有",
            f"{reverse('cycles:lacking')}?what=cycle&unit={unit.pk}",
            unit=unit.short,
            note="没有周期的，年度验证不能判定",
        )


class OfUnit:
    """What is owed by a unit and stands in no case."""

    def __init__(self, unit_id: int) -> None:
        self.unit_id = unit_id

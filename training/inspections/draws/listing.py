"""What goes on the list of a draw: the classes, declarations and inspectors of the district as they stand now."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import Min

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.workflow.models import Event
from training.classes.models import ClassApplication, ClassOrganiser, TimetableRow
from training.inspections.models import DeclaredConflict, Inspection
from training.inspections.services import STARTED
from units.models import Account, Assignment, ProviderRemark
from verification.declarations.models import Declaration

from .draw import Inspector, LeftOut, Row
from .models import DrawFigures, OriginalsCheck
from .weights import Risk, weigh

NOBODY_MAY_GO = "可派的检查人不足 {} 人（其余须回避）"
SENT_ALREADY = "已安排检查 {}"
CALLED_OFF = (ClassApplication.State.NOT_HELD, ClassApplication.State.CANCELLED)


def inspectors_now() -> list[Inspector]:
    """Every inspector of today, a person once, with the units that each stays away from (回避): those where the person
    holds another role, and those of a declared conflict. Three queries."""
    accounts: list[Account] = list(Account.objects.holding(Role.INSPECTOR).order_by("pk"))
    by_person = {each.person_key: each.pk for each in reversed(accounts)}
    away: dict[str, set[int]] = defaultdict(set)
    held = Assignment.objects.current().filter(account__is_active=True).exclude(role=Role.INSPECTOR)
    for each in (*held.select_related("account"), *DeclaredConflict.objects.standing().select_related("account")):
        away[each.account.person_key].add(each.unit_id)
    return [Inspector(pk, tuple(sorted(away[key]))) for key, pk in by_person.items()]


# --- classes ----------------------------------------------------------------------------------------------------------


def classes_between(
    since: date, until: date, *, called_off: bool, pair: int, figures: DrawFigures, inspectors: Collection[Inspector]
) -> tuple[list[Row], list[LeftOut]]:
    """The classes with lessons in the span, and those that cannot be drawn with the reason. Seven queries at most."""
    days = _days_between(since, until, called_off)
    courses = list(ClassApplication.objects.filter(pk__in=days).order_by("pk"))
    organisers, known = _organisers(days), _Known(courses)
    sent = dict(
        Inspection.objects.filter(state=Inspection.State.ASSIGNED, application__in=days).values_list(
            "application", "number"
        )
    )
    rows, left_out = [], []
    for course in courses:
        weight, why = weigh(figures.weights, known.risk_of(course))
        due = figures.yearly and course.unit_id not in known.reached
        row = Row(course.pk, course.unit_id, weight, why, organisers[course.pk], tuple(days[course.pk]), due)
        if course.pk in sent:
            left_out.append(LeftOut(course.pk, SENT_ALREADY.format(sent[course.pk])))
        elif sum(each.may_go_to(row) for each in inspectors) < pair:
            left_out.append(LeftOut(course.pk, NOBODY_MAY_GO.format(pair)))
        else:
            rows.append(row)
    return rows, left_out


def _days_between(since: date, until: date, called_off: bool) -> dict[int, list[str]]:
    """The days with lessons, by class."""
    states = [each for each in STARTED if called_off or each not in CALLED_OFF]
    lessons = TimetableRow.objects.filter(date__range=(since, until), application__state__in=states)
    days: dict[int, list[str]] = defaultdict(list)
    for application, day in lessons.values_list("application", "date").distinct().order_by("application", "date"):
        days[application].append(day.isoformat())
    return days


def _organisers(classes: Collection[int]) -> dict[int, tuple[int, ...]]:
    """The units of the district that hold each class with its own; nothing for one that is held alone."""
    found: dict[int, tuple[int, ...]] = defaultdict(tuple)
    with_unit = ClassOrganiser.objects.filter(application__in=classes).exclude(unit=None)
    for application, unit in with_unit.order_by("unit").values_list("application", "unit"):
        found[application] += (unit,)
    return found


class _Known:
    """What is known of the providers of these classes. Three queries."""

    def __init__(self, courses: Iterable[ClassApplication]) -> None:
        units = {each.unit_id for each in courses}
        self.remarks = remarks_of(units)
        mine = ClassApplication.objects.filter(unit__in=units, state__in=ClassApplication.ALLOWED).order_by()
        self.first = dict(mine.values("unit").annotate(first=Min("opens_on")).values_list("unit", "first"))
        # visited this year, or to be
        visits = Inspection.objects.filter(unit__in=units, planned_on__year=clock.today().year)
        self.reached = set(visits.exclude(state=Inspection.State.CANCELLED).values_list("unit", flat=True))

    def risk_of(self, course: ClassApplication) -> Risk:
        first = self.first.get(course.unit_id)
        return Risk(self.remarks[course.unit_id], course.people, first is None or course.opens_on == first)


def remarks_of(units: Collection[int]) -> Counter[int]:
    """How many remarks stand on each provider's record. One query."""
    return Counter(ProviderRemark.objects.filter(unit__in=units).values_list("unit", flat=True))


# --- declarations -----------------------------------------------------------------------------------------------------


def declarations_between(since: date, until: date, *, figures: DrawFigures) -> list[Row]:
    """The declarations that were accepted in the span, still are, and were never drawn. Three queries."""
    start, end = clock.midnight_after(since - timedelta(days=1)), clock.midnight_after(until)
    accepted = Event.objects.filter(
        case_type=Declaration._meta.label_lower, name="accept", at__gte=start, at__lt=end
    ).values("case_id")
    standing = Declaration.objects.filter(pk__in=accepted, state=Declaration.State.ACCEPTED)
    fresh: Any = standing.exclude(pk__in=OriginalsCheck.objects.values("declaration")).order_by("pk")
    found: list[tuple[int, int]] = list(fresh.values_list("pk", "unit"))
    units = {unit for _, unit in found}
    remarks, looked_at = remarks_of(units), _looked_at(units)
    weights = {
        unit: weigh(figures.weights, Risk(remarks[unit], None, unit not in looked_at, "首次核查")) for unit in units
    }
    return [Row(pk, unit, *weights[unit]) for pk, unit in found]


def _looked_at(units: Collection[int]) -> set[int]:
    return set(OriginalsCheck.objects.filter(unit__in=units).values_list("unit", flat=True))

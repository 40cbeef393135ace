"""The rows of plans held against all others of the district and year, for whoever checks them (product.md P5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet

from luojiang_ce import clock
from luojiang_ce.plain import value_of

from .marks import Mark, Planned, among, of_itself
from .models import Plan, PlanItem
from .qualification import WITHIN, standings_of

Row = PlanItem.State
# What is not held any more clashes with nothing.
GONE = (Row.STRUCK, Row.REFUSED, Row.WITHDRAWN)
DayCaps = Sequence[tuple[date, Decimal]]

_caps: list[Callable[[], DayCaps]] = []


def register_day_caps(load: Callable[[], DayCaps]) -> None:
    """Called by the app that keeps the rules of timetables: from which day on how many hours a day may have, the newest
    first."""
    _caps[:] = [load]


def planned(item: PlanItem, where: str) -> Planned:
    """A row as it is held against others."""
    return value_of(Planned, item, where=where)


def marks_of(rows: Sequence[Planned], others: Sequence[Planned], plan: Plan) -> list[list[Mark]]:
    """What to look at in each of these rows of the plan. Two queries."""
    caps: DayCaps = _caps[0]() if _caps else ()
    stands = standings_of(plan.unit)

    def of_one(row: Planned) -> Iterator[Mark]:
        standing = stands(row.category, row.starts_on or clock.today())
        if standing.kind != WITHIN:
            yield Mark("category", str(standing))
        cap = next((cap for first, cap in caps if row.starts_on and first <= row.starts_on), None)
        yield from of_itself(row, plan.year, cap)

    together = among(rows, others)
    return [[*of_one(row), *marks] for row, marks in zip(rows, together, strict=True)]


def published_elsewhere(plan: Plan) -> list[Planned]:
    """What the plan's unit may know of besides: the other plans of its own, and what is published. One query."""
    return _called(_of_year(plan).filter(Q(unit=plan.unit_id) | Q(state=Row.PUBLISHED)))


def filed_elsewhere(plan: Plan) -> list[Planned]:
    """What the bureau has before it besides: every plan of the year that was filed. One query."""
    return _called(_of_year(plan).exclude(plan__first_submitted_at=None).exclude(plan__state=Plan.State.REFUSED))


def _of_year(plan: Plan) -> QuerySet[PlanItem]:
    rows = PlanItem.objects.filter(plan__year=plan.year).exclude(plan=plan).exclude(state__in=GONE)
    return rows.select_related("unit", "plan").order_by("plan", "position")


def _called(items: Iterable[PlanItem]) -> list[Planned]:
    return [planned(item, f"{item.unit.short} {item.number or f'第 {item.position} 行'}") for item in items]


def reviewed(plan: Plan, items: Sequence[PlanItem], *, by_bureau: bool = True) -> list[list[Mark]]:
    """What to look at in the rows of a plan, those that the bureau refused left alone; to its unit nothing is said of
    what others have filed. Three queries."""
    rows = [planned(item, f"第 {item.position} 行") for item in items]
    held = [row for row, item in zip(rows, items, strict=True) if item.state not in GONE]
    others = filed_elsewhere(plan) if by_bureau else published_elsewhere(plan)
    found = dict(zip(map(id, held), marks_of(held, others, plan), strict=True))
    return [found.get(id(row), []) for row in rows]

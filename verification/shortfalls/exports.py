"""The people of a year with what they are short of, as a workbook: of a unit, or of all that somebody sees."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from luojiang_ce import clock
from luojiang_ce.sheets.exports import ListExport, Told, register_export
from units.access import unit_scope
from units.extensions.reading import current_terms
from units.models import Employment

from .filters import PeopleFilter
from .standing import PersonYear, stand, year_in


def seen(account: Any) -> QuerySet[Employment]:
    """Who works now in the units that the account sees."""
    jobs = Employment.objects.on(clock.today()).filter(unit_scope(account))
    return jobs.select_related("person", "unit").order_by("unit__code", "person__pinyin", "pk")


def dress(rows: Sequence[Employment], query: QueryDict, account: Any) -> Iterable[PersonYear]:
    """How each of them stands, as far as the page's filters ask for it."""
    asked = {name: value for name in ("standing", "filing") if (value := query.get(name))}
    for each in stand(rows, year_in(query.get("year", "")), current_terms(), clock.now()):
        if all(getattr(each, name) == value for name, value in asked.items()):
            yield each


PEOPLE = ListExport(
    "还差多少",
    seen,
    PeopleFilter,
    (
        Told("年度", "year", "integer", 8),
        Told("单位", "job.unit.name", width=36),
        Told("姓名", "person.name", "name"),
        Told("证件号码（已遮盖）", "person.masked_id", "id", 22),
        Told("类别", "person.get_category_display", width=10),
        Told("达标情况", "standing.label", width=18),
        Told("还差", "missing", width=40),
        Told("未设定", "unset", width=24),
        Told("在途", "awaited", "number"),
        Told("在途的项目", "awaited_said", width=48),
        Told("报送", "filing.label", width=12),
        Told("不须报送的原因", "why_not_filed", width=28),
    ),
    dress=dress,
)


def register() -> None:
    """Make the list known to luojiang_ce.sheets.exports."""
    register_export("shortfalls", PEOPLE)

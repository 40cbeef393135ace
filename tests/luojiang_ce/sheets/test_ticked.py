"""Lists that people compare: taken away whole, as filtered, or as ticked; ticked cases are given to a handler."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.home.templatetags.home import tick
from luojiang_ce.workflow.case_kind import kind_of
from luojiang_ce.workflow.events import history
from luojiang_ce.workflow.handlers import handler_of
from tests.conftest import District
from tests.factories import account_with, person_in
from tests.luojiang_ce.workflow.walk import collect
from tests.units.views.helpers import browser, workbook_rows
from training.classes.models import ClassApplication
from training.plans.models import Plan, PlanItem
from training.recognition.models import Recognition
from verification.batches.models import Batch
from verification.declarations.models import Declaration

pytestmark = pytest.mark.django_db
CASES = [
    (Plan, "plans:list", "plans:export"),
    (PlanItem, "plans:items", "plans:export_items"),
    (ClassApplication, "classes:list", "classes:export"),
    (Recognition, "recognition:list", "recognition:export"),
    (Declaration, "declarations:list", "declarations:export"),
    (Batch, "batches:list", "batches:export"),
]
FILED = {PlanItem: "checked"}


def a_case(district: District, model: Any) -> Any:
    """One of the owner's unit that lies with the bureau."""
    case = collect()[model._meta.label_lower].build(district, FILED.get(model, "submitted"))
    for row in filter(None, (case, getattr(case, "plan", None))):
        row.first_submitted_at = row.first_submitted_at or clock.now()
        row.save()
    return case


@pytest.mark.parametrize(("model", "page", "export"), CASES, ids=lambda part: getattr(part, "__name__", None))
class TestCases:
    def test_it_is_taken_away_whole_and_as_ticked(self, district: District, model: Any, page: str, export: str) -> None:
        case = a_case(district, model)
        client = browser(district.handler)
        shown = client.get(reverse(page)).content.decode()
        assert f'value="{tick(case)}"' in shown
        assert f'href="{reverse(export)}?"' in shown
        whole = workbook_rows(client.get(reverse(export)))
        assert len(whole) == 2
        assert workbook_rows(client.post(reverse(export), {"cases": [tick(case), "x", ":"]})) == whole
        assert [event.data["rows"] for event in history(district.handler)] == [1, 1]

    def test_a_tick_reaches_only_what_is_seen(self, district: District, model: Any, page: str, export: str) -> None:
        case = a_case(district, model)
        client = browser(account_with(Role.UNIT_CLERK, district.health))
        answer = client.post(reverse(export), {"cases": [tick(case)], "back": reverse(page)})
        assert answer.headers["Location"] == reverse(page)
        assert "还没有勾选" in client.get(reverse(page)).content.decode()

    def test_ticked_cases_of_handlers_are_given_to_one(
        self, district: District, model: Any, page: str, export: str
    ) -> None:
        case = a_case(district, model)
        client = browser(district.handler)
        handled = kind_of(model).table.handled
        assert ("指定经办人" in client.get(reverse(page)).content.decode()) is handled
        client.post(reverse("handing:ticked"), {"cases": [tick(case)], "to": district.handler.pk})
        assert handler_of(case) == (district.handler if handled else None)
        assert "指定经办人" not in browser(district.owner).get(reverse(page)).content.decode()


def test_people_ticked_are_taken_away_with_masked_numbers(district: District) -> None:
    people = [person_in(district.unit, name) for name in ("王小明", "仇远", "曾一")]
    neighbours = person_in(district.neighbour_unit, "外人")
    client = browser(district.owner)
    assert f'value="{tick(people[0])}"' in client.get(reverse("people:list")).content.decode()
    ticked = {"cases": [tick(person) for person in (*people[:2], neighbours)]}
    answer = client.post(reverse("people:export"), ticked)
    rows = workbook_rows(answer)
    assert {row[0] for row in rows[1:]} == {"王小明", "仇远"}
    assert not [cell for row in rows for cell in row if cell == people[0].id_number]
    # A filter of the page still holds.
    answer = client.post(reverse("people:export") + "?q=仇", ticked)
    assert [row[0] for row in workbook_rows(answer)[1:]] == ["仇远"]


def test_an_export_asks_the_database_as_often_for_many(district: District) -> None:
    counted = []
    for number in (3, 27):
        for _ in range(number):
            a_case(district, Declaration)
        client = browser(district.handler)
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("declarations:export"))
        counted.append(len(captured))
    assert counted[0] == counted[1]

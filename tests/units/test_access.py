"""For which unit a clerk files: never guessed from the account's other roles (notice 三1)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Role
from tests.factories import AccountFactory, person_in
from tests.units.views.helpers import browser
from training.classes.models import Lecturer
from training.classes.services.lecturers import save_lecturer
from training.plans.models import Plan
from training.plans.services import open_plan
from units.models import Assignment, Unit
from units.services import draft_leave
from verification.batches.models import Batch
from verification.batches.services import open_batch


@pytest.fixture
def clerk(district):
    """First the bureau's inspector, then clerk of a unit, and once clerk of the neighbour's."""
    account = AccountFactory()
    yesterday = clock.today() - timedelta(days=1)
    for role, unit, until in (
        (Role.INSPECTOR, district.bureau, None),
        (Role.UNIT_CLERK, district.neighbour_unit, yesterday),
        (Role.UNIT_CLERK, district.unit, None),
    ):
        Assignment.objects.create(account=account, role=role, unit=unit, valid_from=date(2017, 1, 1), valid_to=until)
    return account


@pytest.fixture
def clerk_of_two(district):
    account = AccountFactory()
    for unit in (district.neighbour_unit, district.unit):
        Assignment.objects.create(account=account, role=Role.UNIT_CLERK, unit=unit, valid_from=date(2017, 1, 1))
    return account


FORMS = [
    ("plans:new", {"year": str(clock.today().year)}, Plan),
    ("classes:lecturer_new", {"name": "林教授", "employer": "华侨大学"}, Lecturer),
    ("batches:new", {"year": str(clock.today().year - 1), "path": "general"}, Batch),
]


@pytest.mark.parametrize(("url", "typed", "model"), FORMS, ids=lambda part: str(part)[:20])
class TestForms:
    def test_it_is_the_unit_whose_clerk_one_is_today(self, district, clerk, url, typed, model) -> None:
        assert browser(clerk).get(reverse(url)).status_code == 200
        assert browser(clerk).post(reverse(url), typed).status_code == 302
        assert model.objects.get().unit == district.unit

    def test_a_clerk_of_two_is_asked(self, district, clerk_of_two, url, typed, model) -> None:
        client = browser(clerk_of_two)
        page = client.get(reverse(url)).content.decode()
        assert district.unit.name in page
        assert district.neighbour_unit.name in page
        response = client.post(reverse(url), typed)
        assert (response.status_code, model.objects.count()) == (422, 0)
        assert "请选择为哪个单位办理" in response.content.decode()
        client.post(reverse(url), {**typed, "unit": district.unit.pk})
        assert model.objects.get().unit == district.unit

    def test_another_unit_is_not_chosen(self, district, clerk, url, typed, model) -> None:
        response = browser(clerk).post(reverse(url), {**typed, "unit": district.neighbour_unit.pk})
        assert (response.status_code, model.objects.count()) == (422, 0)
        assert "您现在不是该单位的专办员" in response.content.decode()


def test_units_filed_for(district, clerk, clerk_of_two) -> None:
    assert list(Unit.objects.filed_for(clerk)) == [district.unit]
    assert set(Unit.objects.filed_for(clerk_of_two)) == {district.unit, district.neighbour_unit}
    assert not Unit.objects.filed_for(district.handler).exists()


def test_taking_somebody_on_asks_a_clerk_of_two_for_the_unit(district, clerk_of_two) -> None:
    response = browser(clerk_of_two).post(reverse("people:new"), {"name": "仇远"})
    assert "unit" in response.context["form"].errors


@pytest.mark.parametrize("who", ["neighbour", "handler"])
def test_no_service_files_for_a_unit_that_is_not_the_actors(district, who) -> None:
    actor, today = getattr(district, who), clock.today()
    person = person_in(district.unit)
    calls = [
        lambda: open_plan(unit=district.unit, year=today.year, actor=actor),
        lambda: open_batch(unit=district.unit, year=today.year, path="general", actor=actor),
        lambda: save_lecturer(lecturer=Lecturer(unit=district.unit, name="林", employer="大学"), actor=actor),
        lambda: draft_leave(person=person, reason="sickness", starts_on=today, ends_on=today, actor=actor),
    ]
    for call in calls:
        with pytest.raises(PermissionDenied):
            call()

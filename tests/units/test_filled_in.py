"""What a form can know already is filled in: phone, leader, and what a unit's people are."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.training.classes.factories import an_application, project_for
from tests.training.plans.factories import a_plan
from training.classes.services.applications import create_application
from training.plans.services import allow_supplement, new_item, open_plan
from units.models import Unit
from verification.batches.services import open_batch

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit(district):
    district.unit.phone = "0595-0000-0126"
    district.unit.save()
    district.owner.phone = ""
    district.owner.save()
    return district.unit


@pytest.mark.parametrize(
    ("nature", "category", "path", "measure"),
    [
        (Unit.Nature.MEDICAL, "medical", "medical", "credits"),
        (Unit.Nature.SCHOOL, "teacher", "teacher", "hours"),
        (Unit.Nature.DISTRICT, "general", "general", "hours"),
    ],
)
def test_the_kind_of_the_people_is_preselected(client, district, unit, nature, category, path, measure):
    unit.nature = nature
    unit.save()
    client.force_login(district.owner)
    assert f'<option value="{category}" selected>' in client.get(reverse("people:new")).content.decode()
    assert f'<option value="{path}" selected>' in client.get(reverse("batches:new")).content.decode()
    assert new_item(a_plan(unit)).measure == measure


def test_the_plan_has_the_units_phone_and_the_leader_of_the_last_one(district, unit):
    a_plan(unit, 2025, leader="叶清越")
    plan = open_plan(unit=unit, year=2026, actor=district.owner)
    assert (plan.leader, plan.filler, plan.phone) == ("叶清越", district.owner.name, "0595-0000-0126")


def test_an_addition_has_the_head_of_the_plan(district, unit):
    a_plan(unit, 2026, "submitted", leader="叶清越", filler="林知秋", phone="0595-0000-0127")
    plan = allow_supplement(unit=unit, year=2026, leave="会议纪要", actor=district.approver)
    assert (plan.leader, plan.filler, plan.phone) == ("叶清越", "林知秋", "0595-0000-0127")


def test_the_roster_has_the_units_phone(district, unit):
    batch = open_batch(unit=unit, year=2026, path="general", actor=district.owner)
    assert batch.phone == "0595-0000-0126"


def test_a_class_has_who_ran_the_last_one(district, unit):
    an_application(district.neighbour_unit, leader="别的单位", class_teacher="别的单位")
    an_application(unit, leader="岳临川", class_teacher="顾清和")
    made = create_application(project=project_for(unit, 2027), actor=district.owner)
    assert (made.leader, made.class_teacher) == ("岳临川", "顾清和")

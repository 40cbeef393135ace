"""Who files for a clinic without a clerk keeps its year (notice 二(一)卫生, 二(三)1; product.md V3): it sees its
people, who is short, declares their hours and fills in their booklets; nobody else does."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from luojiang_ce.notices.models import Notice
from tests.conftest import District
from tests.factories import UnitFactory, account_with, person_in
from units.access import left_to
from units.models import Person, Unit
from verification.declarations.models import Declaration
from verification.shortfalls.services import remind

pytestmark = [pytest.mark.django_db, pytest.mark.notice("二(一)卫生", "二(三)1")]
PAGES = ("people:person", "ledger:person", "own_record:person", "booklets:page")


class Clinic:
    """The own unit is a hospital; it supervises a clinic that has no clerk, with one doctor."""

    def __init__(self, district: District) -> None:
        Unit.objects.filter(pk=district.unit.pk).update(
            nature="medical", medical_level="second", supervisor=district.health
        )
        facts = {"nature": "medical", "medical_level": "first", "supervisor": district.unit}
        self.unit = UnitFactory(code="CL", name="洛江区双溪卫生院", short_name="双溪卫生院", **facts)
        self.doctor: Person = person_in(self.unit, "柳见青", category="medical")


@pytest.fixture
def clinic(district: District) -> Clinic:
    return Clinic(district)


def as_(account: Any) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def addresses(clinic: Clinic) -> list[str]:
    return [reverse("shortfalls:unit", args=[clinic.unit.pk]), *(reverse(p, args=[clinic.doctor.pk]) for p in PAGES)]


@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("colleague", 200), ("neighbour", 404)])
def test_whoever_files_for_it_sees_its_people(district: District, clinic: Clinic, who: str, status: int) -> None:
    client = as_(getattr(district, who))
    assert {address: client.get(address).status_code for address in addresses(clinic)} == dict.fromkeys(
        addresses(clinic), status
    )


def test_a_clinic_with_a_clerk_keeps_its_own(district: District, clinic: Clinic) -> None:
    """The booklet is filled in by the supervising unit all the same."""
    account_with("unit_clerk", clinic.unit)
    assert not left_to([district.unit.pk]).exists()
    found = [as_(district.owner).get(address).status_code for address in addresses(clinic)]
    assert found == [404, 404, 404, 404, 200]


def test_the_health_reviewer_sees_the_booklets_of_clinics_below_hospitals(district: District, clinic: Clinic) -> None:
    listed = as_(district.health_reviewer).get(reverse("booklets:list")).content.decode()
    assert "柳见青" in listed
    assert "柳见青" not in as_(district.education_reviewer).get(reverse("booklets:list")).content.decode()


def test_the_list_of_who_is_short_switches_between_the_units(district: District, clinic: Clinic) -> None:
    client = as_(district.owner)
    html = client.get(reverse("shortfalls:unit", args=[district.unit.pk])).content.decode()
    assert "代报送：双溪卫生院" in html
    html = client.get(reverse("shortfalls:unit", args=[clinic.unit.pk])).content.decode()
    assert "柳见青" in html
    assert "代双溪卫生院报送" in html
    begun = client.get(reverse("batches:new"), {"unit": district.unit.pk, "of": clinic.unit.pk}).content.decode()
    assert "代双溪卫生院报送年度验证" in begun


def test_it_declares_their_hours_as_its_own_case(district: District, clinic: Clinic) -> None:
    sent = {"cases": [f"units.person:{clinic.doctor.pk}"]}
    assert "柳见青" in as_(district.owner).post(reverse("declarations:new_many"), sent).content.decode()
    assert "柳见青" not in as_(district.neighbour).post(reverse("declarations:new_many"), sent).content.decode()
    typed = {
        **{"form": "conference", "title": "学术会议", "organiser": "省医学会", "subject": "class_2", "amount": "3"},
        **{"date_from": "2026-05-06", "date_to": "2026-05-06", "year": "2026", "basis": "会议通知", "do": "submit"},
        **{"people": [clinic.doctor.pk]},
    }
    as_(district.owner).post(reverse("declarations:new_many"), typed)
    declared = Declaration.objects.get()
    assert (declared.person, declared.unit) == (clinic.doctor, district.unit)
    assert as_(district.owner).get(declared.get_absolute_url()).status_code == 200
    assert as_(district.neighbour).get(declared.get_absolute_url()).status_code == 404


def test_a_reminder_leads_to_its_people(district: District, clinic: Clinic) -> None:
    assert remind(units=[clinic.unit], year=2026, actor=district.handler).sent == [clinic.unit]
    notice = Notice.objects.filter(recipient=district.owner).get(title__startswith="催办（双溪卫生院）")
    assert as_(district.owner).get(notice.url).status_code == 200


def test_where_nobody_files_no_reminder_is_offered(district: District, clinic: Clinic) -> None:
    client = as_(district.handler)
    address = reverse("shortfalls:unit", args=[clinic.unit.pk])
    assert "代为报送的" in client.get(address).content.decode()
    Unit.objects.filter(pk=clinic.unit.pk).update(supervisor=None)
    html = client.get(address).content.decode()
    assert "不能催办" in html
    assert f'action="{reverse("shortfalls:remind")}"' not in html
    listed = client.get(reverse("shortfalls:overview")).content.decode()
    assert "没有专办员，发不了" in listed
    assert "全部催办" not in listed

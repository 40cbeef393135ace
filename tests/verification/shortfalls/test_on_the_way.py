"""What is on its way is the same on every page (product.md V1): one source, whoever asks."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from luojiang_ce import clock
from tests.conftest import District
from tests.factories import person_in
from tests.queries import statements
from tests.training.factories import class_of, enrol, recognition_of, sign_all
from tests.verification.declarations.cases import declaration_of
from tests.verification.own_record.slips import opened, slip_of, token_of
from verification.ledger.registry import on_their_way
from verification.own_record.reading import record_of
from verification.shortfalls import overview

pytestmark = pytest.mark.django_db
YEAR = 2026


def test_unit_ledger_and_own_record_say_the_same(district: District, client) -> None:
    person = person_in(district.unit, "温知故")
    enrol(class_of(district.unit, opens_on=clock.today() + timedelta(days=5), days=1), person)
    under = class_of(district.unit, opens_on=clock.today() - timedelta(days=9), days=1)
    sign_all(under, [enrol(under, person)])
    recognition_of(under, state="submitted")
    declared = declaration_of(district.unit, person, amount=Decimal(40), state="submitted", year=YEAR)
    (year,) = (each for each in overview.everybody(district.unit, YEAR).years if each.person == person)
    own = record_of(person, YEAR)
    assert {each.state for each in own.awaited} == {"已报名，按全勤预计", "学时认定 待审核", "学时申报 待审核"}
    assert sum(each.amount for each in own.awaited) == year.awaited == 56
    client.force_login(district.owner, backend="django.contrib.auth.backends.ModelBackend")
    ledger = client.get(reverse("ledger:person", args=[person.pk]), {"year": YEAR}).content.decode()
    assert "没有在途的学时" not in ledger
    assert all(each.title in ledger for each in own.awaited)
    told = slip_of(person, district.owner)
    page = opened(told, person).get(reverse("own:record", args=[token_of(told)]), {"year": YEAR}).content.decode()
    assert "还有 3 项在途" in page
    assert declared.title in page


@pytest.mark.parametrize(
    ("state", "awaited"),
    [("draft", True), ("submitted", True), ("returned", True), ("checked", True), ("recognised", False)],
)
def test_of_a_class_over_the_turn_of_the_year_each_year_its_part(district: District, state: str, awaited: bool) -> None:
    course = class_of(district.unit, opens_on=date(YEAR, 12, 31))
    person = person_in(district.unit)
    sign_all(course, [enrol(course, person)])
    recognition_of(course, state=state)
    for year in (YEAR, YEAR + 1):
        found = [each.amount for each in on_their_way([person], year).get(person.pk, [])]
        assert found == ([Decimal("8.0")] if awaited else [])
    assert on_their_way([person], YEAR - 1) == {}


def test_queries_do_not_grow_with_people(district: District) -> None:
    counts = []
    for number in (3, 30):
        people = [person_in(district.unit, f"学员{n}") for n in range(number)]
        for person in people:
            course = class_of(district.unit, days=1)
            sign_all(course, [enrol(course, person)])
            recognition_of(course, state="submitted")
        with statements() as asked:
            assert len(on_their_way(people, YEAR)) == number
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 14

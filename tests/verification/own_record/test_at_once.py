"""Two at the same moment: guesses are looked at one after the other, an objection is put once, a slip holds alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from luojiang_ce import clock
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import Refused, fire
from tests.factories import person_in
from tests.verification.own_record.cases import an_objection
from tests.verification.own_record.slips import held_by, knock, slip_of
from tests.verification.test_at_once import at_once
from verification.own_record import guessing, services
from verification.own_record.guessing import Claim, open_slip
from verification.own_record.models import Objection, Slip
from verification.own_record.slips import make_slips

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_services]


def test_of_twenty_guesses_at_once_three_are_looked_at(district: Any, monkeypatch: Any) -> None:
    person = person_in(district.unit)
    told = slip_of(person, district.owner)
    token = told.url.rstrip("/").rpartition("/")[2]
    looked: list[str] = []
    fits = guessing._fits
    monkeypatch.setattr(
        guessing, "_fits", lambda slip, claim, *, whole: looked.append(claim.number) or fits(slip, claim, whole=whole)
    )
    guesses = [Claim(token, told.code, f"{n:06d}", f"198.51.100.{n}") for n in range(20)]
    results = at_once(*(lambda claim=claim: open_slip(claim) for claim in guesses))  # type: ignore[misc]
    assert all(isinstance(each, NotPossible) for each in results), results
    assert len(looked) == guessing.OF_A_SLIP
    assert Slip.objects.get().misses == guessing.OF_A_SLIP
    assert knock(Client(), told, person).status_code == 422


def test_a_double_click_puts_one_objection(district: Any) -> None:
    slip = held_by(person_in(district.unit))

    def put() -> Any:
        return services.object_to(slip=slip, year=2026, entry=None, text="少了半天", picture=None)

    results = at_once(put, put)
    assert [each.objection.pk for each in results] == [Objection.objects.get().pk] * 2


def test_two_clerks_answer_one_objection(district: Any) -> None:
    case = an_objection(district)

    def answer(actor: Any) -> Any:
        return fire(Objection.objects.get(pk=case.pk), "answer", actor=actor, note="已核对", data={"result": "stands"})

    results = at_once(lambda: answer(district.owner), lambda: answer(district.colleague))
    assert sum(isinstance(each, Refused) for each in results) == 1


def test_two_clerks_make_slips_for_the_same_people(district: Any) -> None:
    people = [person_in(district.unit) for _ in range(3)]
    last_day = clock.today() + timedelta(days=3)
    results = at_once(
        lambda: make_slips(people=people, last_day=last_day, actor=district.owner),
        lambda: make_slips(people=people[::-1], last_day=last_day, actor=district.colleague),
    )
    assert all(isinstance(each, list) for each in results), results
    assert Slip.objects.standing().count() == 3
    assert Slip.objects.count() == 6

"""A double click, as two requests at the same moment: one draft is made."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from luojiang_ce import clock
from tests.conftest import District, in_parallel
from tests.factories import person_in
from units.extensions import services
from units.extensions.models import Extension
from units.models import Leave
from units.services import draft_leave

pytestmark = [pytest.mark.real_services, pytest.mark.django_db(transaction=True)]


def test_of_a_leave(district: District) -> None:
    person, day = person_in(district.unit), date(2026, 1, 1)
    made = in_parallel(
        [lambda: draft_leave(person=person, reason="sickness", starts_on=day, ends_on=day, actor=district.owner)] * 2
    )
    assert made == [Leave.objects.get()] * 2


def test_of_an_extension(district: District) -> None:
    duty = services.duties_of(frozenset({district.unit.pk}))[0]
    later = duty.clock.due + timedelta(days=9)
    made = in_parallel(
        [lambda: services.ask_for(duty=duty, asked_due=later, reason="台风停课", actor=district.owner)] * 2
    )
    assert made == [Extension.objects.get()] * 2


def test_of_an_offer_to_everybody(district: District) -> None:
    duty = services.duties_of(frozenset({district.unit.pk}))[0]
    whom, later = services.ForMany(duty.clock.kind, clock.today().year), date(clock.today().year, 12, 31)
    made = in_parallel(
        [
            lambda: services.offer_many(
                whom=whom, asked_due=later, reason="停电", document="泉洛人社〔2026〕1号", actor=district.handler
            )
        ]
        * 2
    )
    assert made == [Extension.objects.get()] * 2

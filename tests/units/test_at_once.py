"""A double click, as two requests at the same moment: one draft is made. Of two officers who take each other out one
stays."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

import pytest

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.refusals import NotPossible
from tests.conftest import District, in_parallel
from tests.factories import account_with, person_in
from units.extensions import services
from units.extensions.models import Extension
from units.models import Account, Leave
from units.services import disable_account, draft_leave, end_role

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


@pytest.mark.parametrize("ends", [False, True])
def test_of_two_officers_who_take_each_other_out_one_stays(district: District, ends: bool) -> None:
    """By two who are disabled, and by one who is disabled while the role of the other ends."""
    other = account_with(Role.SECURITY_ADMIN, district.bureau)
    row = other.assignments.get()

    def disable(account: Account) -> None:
        with suppress(NotPossible):
            disable_account(account=account, actor=district.audit_admin, reason="离岗")

    def end() -> None:
        with suppress(NotPossible):
            end_role(
                assignment=row, at_once=True, reason="离岗", actor=district.audit_admin, second=district.system_admin
            )

    in_parallel([end if ends else lambda: disable(other), lambda: disable(district.security_admin)])
    assert Account.objects.holding(Role.SECURITY_ADMIN).filter(is_active=True).count() == 1

"""The demo's declarations: in every state, by the rules, once."""

from __future__ import annotations

import pytest

from units import demo as people
from verification.declarations import demo
from verification.declarations.models import Declaration
from verification.ledger.models import LedgerEntry
from verification.self_study import demo as filings
from verification.self_study.models import SelfStudy


@pytest.mark.django_db
def test_there_is_one_in_every_state_and_a_second_run_changes_nothing():
    people.build()
    filings.build()
    demo.build()
    assert set(Declaration.objects.values_list("state", flat=True)) == set(Declaration.State.values)
    accepted = Declaration.objects.filter(state="accepted").count()
    assert LedgerEntry.objects.standing().count() == accepted
    assert set(SelfStudy.objects.values_list("state", flat=True)) == set(SelfStudy.State.values)
    assert Declaration.objects.filter(form="self_study").count() == 2
    assert "未改动" in demo.build()
    assert "未改动" in filings.build()
    assert LedgerEntry.objects.standing().count() == accepted

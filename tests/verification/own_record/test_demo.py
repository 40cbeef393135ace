"""The demo's objections: one in every state, once; slips that hold."""

from __future__ import annotations

import pytest

from units import demo as people
from verification.own_record import demo
from verification.own_record.models import Objection, Slip


@pytest.mark.django_db
def test_there_is_one_in_every_state_and_a_second_run_changes_nothing():
    people.build()
    demo.build()
    assert set(Objection.objects.values_list("state", flat=True)) == set(Objection.State.values)
    assert Slip.objects.standing().count() == len(demo.PUT)
    assert "未改动" in demo.build()

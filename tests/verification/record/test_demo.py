"""The demo's attestations, districts and records taken over: in every state, once."""

from __future__ import annotations

import pytest

from luojiang_ce.workflow.events import open_items
from luojiang_ce.workflow.places import places_of
from units import demo as people
from verification.record import demo
from verification.record.models import Attestation, Transfer, TrustedDistrict


@pytest.mark.django_db
def test_there_is_one_in_every_state_and_a_second_run_changes_nothing() -> None:
    people.build()
    people.build_seals()
    for build, model in (
        (demo.build_districts, TrustedDistrict),
        (demo.build_transfers, Transfer),
        (demo.build, Attestation),
    ):
        build()
        assert set(model.objects.values_list("state", flat=True)) == set(model.State.values)
        assert "未改动" in build()
    (transfer,) = Transfer.objects.filter(state="returned")
    places = places_of(transfer)
    assert all(item.where in places for item in open_items(transfer))  # a transfer has no purpose to be mended

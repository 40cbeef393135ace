"""Every place where files may be sent, found by its view, over HTTP: what is hostile is refused there, and nothing of
it is kept. A new place is tried by itself, by its rows of the access matrix."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.conftest import District
from tests.hostile import FILES
from tests.luojiang_ce.uploads.sending import PLACES, ROWS, try_each
from tests.training.plans.factories import a_plan

A_FEW = (
    *("eicar behind a picture", "docx with macros", "pdf with a script"),
    *("picture that is a zip", "a directory without end", "a name of control characters"),
)
FEW = tuple(each for each in FILES if each.what in A_FEW)


def test_every_place_has_a_row() -> None:
    assert ROWS.keys() == PLACES.keys()


@pytest.mark.parametrize("name", PLACES)
def test_what_is_hostile_is_refused_at_every_place(name: str, district: District) -> None:
    try_each(name, FEW, district)


def test_all_that_is_wrong_is_said_at_once(district: District, client: Client) -> None:
    client.force_login(district.owner)
    address = reverse("files:upload", args=["training_plans.plan", a_plan(district.unit).pk, "scheme"])
    bad = [SimpleUploadedFile(f"{number}.pdf", each.make()) for number, each in enumerate(FEW)]
    answer = client.post(address, {"files": bad}, follow=True)
    said = [str(each) for each in answer.context["messages"]]
    assert len(said) == len(bad)
    assert all("请" in each for each in said)

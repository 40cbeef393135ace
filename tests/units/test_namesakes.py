"""Namesakes are told apart wherever people are listed to be acted on."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from luojiang_ce.home.search import groups_of
from tests.conftest import District
from tests.factories import person_in
from tests.verification.batches.samples import a_draft
from units.identity.namesakes import Bearer, told_apart


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        ([("王芳", "临江小学", "350504********1021"), ("王方", "临江小学", "350504********1048")], {}),
        ([("王芳", "临江小学", "3505********1021"), ("王芳", "区医院", "")], {0: "临江小学", 1: "区医院"}),
        (
            [
                ("王芳", "临江小学", "3505********1021"),
                ("王芳", "临江小学", "3505********1048"),
                ("王芳", "区医院", ""),
            ],
            {0: "临江小学，尾号 21", 1: "临江小学，尾号 48", 2: "区医院"},
        ),
        ([("王芳", "", "3505********1021"), ("王芳", "", "3505********1048")], {0: "尾号 21", 1: "尾号 48"}),
        ([("阿依·买买提", "甲", ""), ("阿依.买买提", "乙", "")], {0: "甲", 1: "乙"}),
    ],
)
def test_place_first_then_the_last_two(listed: list[tuple[str, str, str]], said: dict[int, str]) -> None:
    assert told_apart({key: Bearer(*each) for key, each in enumerate(listed)}) == said


@pytest.mark.django_db
def test_people_in_the_search_stand_with_unit_and_end(district: District) -> None:
    two = [person_in(district.unit, "王芳"), person_in(district.neighbour_unit, "王芳")]
    hits = [hit for group in groups_of(district.handler, "王芳") for hit in group.hits]
    ends = {f"尾号 {each.id_number[-2:]}" for each in two}
    assert {hit.note.split("　")[-1] for hit in hits} == ends
    assert {hit.note.split("　")[0] for hit in hits} == {district.unit.short, district.neighbour_unit.short}


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["batches:rows", "batches:batch"])
def test_rows_of_a_batch(client: Any, district: District, page: str) -> None:
    two = [person_in(district.unit, "王芳") for _ in range(2)]
    for person, department in zip(two, ("语文组", "数学组"), strict=True):
        person.employments.update(department=department)
    batch = a_draft(district, two)
    client.force_login(district.owner)
    said = client.get(reverse(page, args=[batch.pk])).content.decode()
    assert "（语文组）" in said
    assert "（数学组）" in said

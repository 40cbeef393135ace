"""Whatever is typed into the search box of a list, it is answered: databases refuse patterns of tens of thousands of
letters (SQLite: LIKE or GLOB pattern too complex)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.conftest import District
from tests.luojiang_ce.access.matrix import Row, collect, nothing
from tests.luojiang_ce.access.test_matrix import signed_in

LISTS = {row.url: row for row in collect() if row.method == "get" and row.sample is nothing and row.who}


@pytest.mark.django_db
@pytest.mark.parametrize("row", LISTS.values(), ids=str)
def test_a_search_for_a_page_of_letters_is_answered(row: Row, district: District) -> None:
    client = signed_in(district, min(row.who))
    assert client.get(reverse(row.url), {"q": "a" * 100_000}).status_code < 500

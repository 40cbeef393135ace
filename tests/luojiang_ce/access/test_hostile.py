"""Whatever is sent to a page by somebody who may open it: an answer in words, never a broken page.

Every row of the access matrix is asked with empty bodies, with every field of its page filled with rubbish, and with
rubbish in the address.
"""

from __future__ import annotations

import re

import pytest
from django.db import transaction
from django.test import Client

from tests.conftest import District
from tests.luojiang_ce.access.matrix import Row, collect

pytestmark = pytest.mark.thorough
BACKEND = "django.contrib.auth.backends.ModelBackend"
ROWS = [row for row in collect() if row.who]
RUBBISH = (
    "",
    "\x00<script>alert(1)</script>{{ 7|add:7 }}",
    "\u202e" + "长" * 10_000,
    "-1",
    "99999999999999999999",
    "１２³",
    "1e400",
    "0000-00-00",
    "9999-12-31",
)
ADDRESSES = (
    "page=-1&year=99999999999999&sort=%00&state=%27&q=%00%F0%9F%98%80",
    "page=99999999999999999999&year=0&row=1e9&view=..&q=" + "%25" * 400,
    "year=%C2%B2&year=2026&duty=%00&batch=99999999999999999999&date=0000-00-00&from=9999-12-31&to=x&kind=%00",
)
FIELD = re.compile(r'<(?:input|select|textarea|button)[^>]*?\sname="([^"]+)"')
NOT_FILLED = {"csrfmiddlewaretoken"}


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_rubbish_gets_an_answer(row: Row, district: District) -> None:
    address, person = row.address(district), sorted(row.who)[0]
    client = Client(raise_request_exception=False)
    client.force_login(getattr(district, person), backend=BACKEND)
    broken = [f"?{query}" for query in ADDRESSES if sent(client, "get", f"{address}?{query}") >= 500]
    fields = fields_of(client, address) | set(row.data)
    bodies = [{}, *(dict.fromkeys(fields, text) for text in RUBBISH if fields)]
    broken += [repr(body)[:200] for body in bodies if sent(client, "post", address, body) >= 500]
    assert broken == []


def fields_of(client: Client, address: str) -> set[str]:
    """The names of everything that the page at this address would send."""
    response = client.get(address)
    if response.streaming:
        b"".join(response)
        return set()
    if not response.headers.get("Content-Type", "").startswith("text/html"):
        return set()
    return set(FIELD.findall(response.content.decode())) - NOT_FILLED


def sent(client: Client, method: str, address: str, body: dict[str, str] | None = None) -> int:
    """The status; what it wrote is undone."""
    with transaction.atomic():
        response = getattr(client, method)(address, body or {})
        if response.streaming:
            b"".join(response)
        transaction.set_rollback(True)
    return response.status_code

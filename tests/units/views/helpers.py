"""What the page tests of this app share."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.test import Client
from openpyxl import load_workbook

from tests.queries import statements
from units.models import Account

BACKEND = "django.contrib.auth.backends.ModelBackend"


def browser(account: Account) -> Client:
    """A client signed in as this account."""
    client = Client()
    client.force_login(account, backend=BACKEND)
    return client


def queries(account: Account, url: str) -> int:
    """How many queries the page takes, once the session is there."""
    client = browser(account)
    client.get(url)
    with statements() as made:
        response = client.get(url)
    assert response.status_code == 200
    return len(made)


def cost(account: Account, url: Callable[[], str] | str, more: Callable[[], Any]) -> tuple[int, int]:
    """Queries with 3 rows and with 30; `more` adds a row."""
    counts = []
    for number in (3, 27):
        for _ in range(number):
            more()
        counts.append(queries(account, url if isinstance(url, str) else url()))
    return counts[0], counts[1]


def workbook_cells(response: Any) -> list[list[Any]]:
    """The cells of a downloaded workbook, its head row first."""
    return [list(row) for row in load_workbook(BytesIO(response.getvalue())).active.iter_rows()]


def workbook_rows(response: Any) -> list[list[Any]]:
    """What stands in the cells."""
    return [[cell.value for cell in row] for row in workbook_cells(response)]

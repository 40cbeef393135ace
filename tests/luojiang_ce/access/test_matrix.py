"""Every URL × every role, the owner, a colleague, a neighbour and who is not signed in (product.md S8).

The rows come from `tests/<app folder>/access_rows.py`; matrix.py says how to write one.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Max
from django.shortcuts import resolve_url
from django.test import Client
from django.utils.crypto import get_random_string

from luojiang_ce.authentication.sessions import touch
from luojiang_ce.authentication.store import SessionStore, stored_key
from luojiang_ce.home.on_record import FETCHED, why_off_record
from luojiang_ce.workflow.models import Event
from luojiang_ce.workflow.readings import readings
from tests.conftest import District
from tests.luojiang_ce.access.matrix import ANONYMOUS, EVERYONE, Row, collect
from tests.luojiang_ce.access.urls import addresses, is_taken_along
from tests.transactions import of_the_test
from units.audit import FILES

pytestmark = pytest.mark.thorough
ROWS = collect()
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.mark.parametrize("name", [address.name for address in addresses()])
def test_every_url_has_its_rows(name: str) -> None:
    assert any(row.url == name for row in ROWS), f"declare who gets into {name} in an access_rows.py (see matrix.py)"


def test_every_row_names_a_url_and_known_people() -> None:
    names = {address.name for address in addresses()}
    assert [row.url for row in ROWS if row.url not in names] == []
    assert [str(row) for row in ROWS if not (row.who | set(row.others)) <= EVERYONE] == []


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_exactly_the_declared_people_get_in(row: Row, district: District) -> None:
    address = row.address(district)
    wrong = []
    for person, client in all_signed_in(district, EVERYONE - strangers_to(row) | {ANONYMOUS}).items():
        expected = row.expected(person)
        status, location = ask(client, row.method, address, row.data)
        if status != expected:
            wrong.append(f"{person}: {status} instead of {expected} {location}")
        if person == ANONYMOUS and not row.public and not location.startswith(resolve_url(settings.LOGIN_URL)):
            wrong.append(f"not signed in: sent to {location or status} instead of the sign-in page")
    assert wrong == []


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_stranger_is_refused_by_every_method_and_leaves_no_trace(row: Row, district: District) -> None:
    address = row.address(district)
    before = Event.objects.count()
    wrong = []
    for person, client in all_signed_in(district, strangers_to(row)).items():
        for method in ("get", "post"):
            status, _ = ask(client, method, address, row.data, keep=True)
            if status != 404 and (status != 405 or method == row.method):
                wrong.append(f"{method} by {person}: {status}")
    assert wrong == []
    assert Event.objects.count() == before


def strangers_to(row: Row) -> frozenset[str]:
    """Whom no row of this URL names."""
    return EVERYONE - {person for same in ROWS if same.url == row.url for person in same.who | set(same.others)}


def signed_in(district: District, person: str) -> Client:
    """Who asks."""
    return all_signed_in(district, [person])[person]


def all_signed_in(district: District, people: Iterable[str]) -> dict[str, Client]:
    """Who asks, in the order of their names. Their sessions hold what a sign-in leaves, but are written in one
    statement: a sign-in takes as long as a page that is refused."""
    clients, sessions = {person: Client() for person in sorted(people)}, []
    for person in clients.keys() - {ANONYMOUS}:
        account, session, key = getattr(district, person), SessionStore(), get_random_string(32)
        session.update({SESSION_KEY: str(account.pk), BACKEND_SESSION_KEY: BACKEND})
        session[HASH_SESSION_KEY] = account.get_session_auth_hash()
        touch(session, None)
        data = session.encode(dict(session.items()))
        sessions.append(Session(session_key=stored_key(key), session_data=data, expire_date=session.get_expiry_date()))
        clients[person].cookies[settings.SESSION_COOKIE_NAME] = key
    Session.objects.bulk_create(sessions)
    return clients


def ask(client: Client, method: str, address: str, data, *, keep: bool = False) -> tuple[int, str]:
    """Status and target of one request; what it wrote is undone, so that the next person finds the same sample. Nothing
    but a page is handed out without an event (or a reason why not)."""
    with of_the_test():
        before = Event.objects.aggregate(last=Max("pk"))["last"] or 0
        response = getattr(client, method)(address, dict(data))
        if is_taken_along(response) and not why_off_record(response.wsgi_request):
            told = Event.objects.filter(pk__gt=before, name__in=readings())
            places = {data["where"] for data in told.filter(name=FETCHED).values_list("data", flat=True)}
            assert places <= FILES.keys(), f"{places}: the log has no words for it (units/audit.py: FILES)"
            assert told.exists(), f"{address} hands something out and nothing says who took it (home/on_record.py)"
        if response.streaming:
            b"".join(response)  # a file is closed once it has been read to its end
        transaction.set_rollback(not keep)
    return response.status_code, response.headers.get("Location", "")

"""The door through which files go (home/on_record.py).

That every address keeps to it is tried with each row of the access matrix (tests/luojiang_ce/access/test_matrix.py).
"""

from __future__ import annotations

import re

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import resolve, reverse

from luojiang_ce.home.on_record import FETCHED, OnRecordMiddleware
from luojiang_ce.workflow.case_kind import event_labels
from luojiang_ce.workflow.chain import check
from luojiang_ce.workflow.events import record
from luojiang_ce.workflow.models import Event
from luojiang_ce.workflow.readings import off_record, readings
from tests.conftest import District
from tests.luojiang_ce.access.urls import addresses
from tests.luojiang_ce.workflow.test_chain import tamper
from tests.units.cases import leave_of, with_evidence
from tests.units.views.helpers import browser

# What is handed out and not put on record. Whoever adds to this list says at the view why it tells of nobody.
REASONED = {
    *("proof:worker", "proof:manifest", "proof:revocations", "proof:head", "proof:heads", "proof:head_of_size"),
    *("proof:cosignatures", "proof:consistency", "papers:proof", "health:metrics", "deadlines:feed"),
    *("roster:template", "plans:template", "classes:form3_template", "classes:trainees_template", "direct:template"),
    *("declarations:people_template", "published:calendar", "published:session"),
    *("teacher:worker", "inspections:worker"),
}


def test_what_is_off_the_record_has_a_reason_and_is_this_much() -> None:
    told = {each.name: each.view.off_record for each in addresses() if hasattr(each.view, "off_record")}
    assert told.keys() == REASONED
    assert all(len(why) > 10 for why in told.values())


@pytest.fixture
def leave(district: District):
    made = leave_of(district, "submitted")
    with_evidence(district, made)
    return made


def test_whoever_opens_a_file_is_on_record_with_address_and_person(district: District, leave) -> None:
    client = browser(district.handler)
    page = client.get(leave.get_absolute_url()).content.decode()
    url = re.search(r'href="(/files/[^"]+)"', page)[1]
    before = Event.objects.filter(name=FETCHED).count()
    b"".join(client.get(url, REMOTE_ADDR="203.0.113.7"))
    event = Event.objects.filter(name=FETCHED).last()
    assert Event.objects.filter(name=FETCHED).count() == before + 1
    assert (event.actor, event.address, event.concerns) == (district.handler, "203.0.113.7", leave.person_id)
    assert (event.case_type, event.case_id) == ("units.account", district.handler.pk)
    assert event.data["where"] == resolve(url).view_name
    assert event.data["id"] in url


def answered(account, response: HttpResponse, view=None) -> None:
    request: HttpRequest = RequestFactory().get("/files/x/", REMOTE_ADDR="2001:db8::1")
    request.user = account
    request.resolver_match = resolve(reverse("home:start"))
    if view:
        request.resolver_match.func = view
    OnRecordMiddleware(lambda asked: response)(request)


@pytest.mark.parametrize(
    ("kind", "name", "told"),
    [
        ("application/pdf", "", True),
        ("text/csv", "", True),
        ("text/html", "attachment; filename=x.html", True),
        ("application/json", "attachment; filename=x.json", True),
        ("text/html; charset=utf-8", "", False),
        ("application/json", "", False),
    ],
)
def test_a_file_is_told_by_its_name_or_by_being_no_page(district: District, kind: str, name: str, told: bool) -> None:
    response = HttpResponse(b"x", content_type=kind, headers={"Content-Disposition": name} if name else {})
    answered(district.owner, response)
    assert Event.objects.filter(name=FETCHED, address="2001:db8::1").exists() is told


def test_a_refusal_hands_nothing_out_and_a_declared_view_needs_no_event(district: District) -> None:
    answered(district.owner, HttpResponse(b"x", content_type="text/plain", status=404))
    answered(district.owner, HttpResponse(b"x", content_type="text/plain"), off_record("a form for all")(lambda r: r))
    assert not Event.objects.filter(name=FETCHED).exists()


def test_the_address_is_in_what_the_log_signs(district: District) -> None:
    answered(district.owner, HttpResponse(b"x", content_type="application/pdf"))
    assert not [each for each in check().problems if "记录" in each and "改动" in each]
    tamper("UPDATE workflow_event SET address = '198.51.100.1' WHERE name = %s", FETCHED)
    assert any("被改动或伪造" in each for each in check().problems)
    tamper("UPDATE workflow_event SET address = '2001:db8::1', concerns = 5 WHERE name = %s", FETCHED)
    assert any("被改动或伪造" in each for each in check().problems)


def test_every_reading_has_words(district: District) -> None:
    assert readings() <= event_labels().keys()
    assert record(district.owner, "exported", actor=district.owner).address == ""


class TestSigningIn:
    WRONG = {"username": "nobody", "password": "Falsch-1234"}

    def test_failures_and_locks_are_on_record_with_the_address(self, client, district: District) -> None:
        typed = {"username": district.owner.username, "password": "Falsch-1234"}
        for _ in range(6):
            client.post(reverse("home:sign_in"), typed, REMOTE_ADDR="203.0.113.9")
        events = Event.objects.filter(case_type="units.account", case_id=district.owner.pk, actor=None)
        names = list(events.order_by("pk").values_list("name", flat=True))
        assert names == ["sign_in_failed"] * 5 + ["sign_in_locked"]
        assert set(events.values_list("address", flat=True)) == {"203.0.113.9"}

    def test_what_was_typed_for_a_name_is_not_kept(self, client, district: District) -> None:
        client.post(reverse("home:sign_in"), self.WRONG, REMOTE_ADDR="203.0.113.9")
        [event] = Event.objects.filter(name="sign_in_failed")
        assert (event.case_id, event.data, event.note_sha256) == (0, {}, "")

    def test_an_address_that_tries_many_names_is_locked_on_record_once(self, client, district, settings) -> None:
        settings.SIGN_IN_FAILURES_OF_ADDRESS = 3
        for number in range(5):
            typed = {"username": f"name{number}", "password": "Falsch-1234"}
            client.post(reverse("home:sign_in"), typed, REMOTE_ADDR="203.0.113.9")
        assert Event.objects.filter(name="address_locked").count() == 1

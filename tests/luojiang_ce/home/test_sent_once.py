"""What is sent twice is done once: one after the other, and at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import lxml.html
import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.home.models import SentForm
from luojiang_ce.home.sent_once import DONE_ALREADY, KEPT, KEY
from luojiang_ce.home.tasks import purge_sent
from luojiang_ce.workflow.models import ReturnPhrase
from tests.conftest import District, in_parallel
from tests.factories import id_number, person_in
from tests.luojiang_ce.access.matrix import Row, collect
from tests.training.plans.factories import a_plan
from tests.units.access_rows import a_newcomers_post
from training.plans.models import PlanItem
from units.models import Account, Leave, Unit

BACKEND = "django.contrib.auth.backends.ModelBackend"
# Every act of the access matrix that leads on; a new address gets in by its row, without which it fails the matrix.
ACTS = [row for row in collect() if row.method == "post" and row.status == 302 and row.who]
# Rows of these say that something was done, not what was made.
NOT_MADE = {"workflow.event", "workflow.eventnote", "sessions.session", "home.sentform", "workflow.logwriter"}


def signed_in(account: Any) -> Client:
    client = Client()
    client.force_login(account, backend=BACKEND)
    return client


def rows() -> dict[str, int]:
    """How many of what a form can make there are."""
    made = [model for model in apps.get_models() if model._meta.managed and model._meta.label_lower not in NOT_MADE]
    return {model._meta.label_lower: model._base_manager.count() for model in made}


ROW = {"title": "水肥一体化", "sessions": 1, "form": "face", "measure": "hours", "public_amount": 0,
       "professional_amount": 16, "budget": 0}  # fmt: skip


def as_shown(client: Client, url: str, **typed: Any) -> dict[str, Any]:
    """What the form of this page sends, with what is typed into it."""
    page = lxml.html.fromstring(client.get(url).content.decode())
    form = next(form for form in page.forms if set(typed) <= set(form.fields.keys()))
    return {**{name: value or "" for name, value in form.form_values()}, **typed}


@pytest.mark.thorough
@pytest.mark.django_db
@pytest.mark.parametrize("row", ACTS, ids=str)
def test_an_act_sent_twice_makes_what_it_makes_once(row: Row, district: District) -> None:
    address, client = row.address(district), signed_in(getattr(district, min(row.who)))
    sent = {**{name: [*value] if isinstance(value, list) else value for name, value in row.data.items()}, KEY: "k" * 16}
    assert client.post(address, sent).status_code == 302
    once = rows()
    rewound(sent)
    client.post(address, sent)
    assert rows() == once


def rewound(sent: dict[str, Any]) -> None:
    for value in sent.values():
        for file in value if isinstance(value, list) else [value]:
            if hasattr(file, "seek"):
                file.seek(0)


@pytest.mark.django_db
def test_every_form_of_a_page_has_a_key_of_its_own(district: District) -> None:
    client = signed_in(district.owner)
    keys = [as_shown(client, "/people/new/", name="")[KEY] for _ in range(2)]
    assert len(set(keys)) == 2
    page = lxml.html.fromstring(client.get("/account/").content.decode())
    assert all(form.fields[KEY] for form in page.forms if form.method == "POST")


@pytest.mark.django_db
def test_the_same_again_leads_where_the_first_led_and_says_so(district: District) -> None:
    client = signed_in(district.handler)
    typed = as_shown(client, "/phrases/new/", wrong="没有写明地点")
    first, again = client.post("/phrases/new/", typed), client.post("/phrases/new/", typed, follow=True)
    assert first.headers["Location"] == again.redirect_chain[0][0]
    assert DONE_ALREADY in again.content.decode()
    client.post("/phrases/new/", {**typed, "wrong": "没有写明时间"})
    assert ReturnPhrase.objects.filter(wrong__startswith="没有写明").count() == 2, "gone back to and changed"


@pytest.mark.django_db
def test_what_was_refused_may_be_sent_again(district: District) -> None:
    client = signed_in(district.handler)
    ReturnPhrase.objects.create(case_type="", wrong="没有写明地点", mend="")
    sent = {"case_type": "", "wrong": "没有写明地点", "mend": "", KEY: "k" * 16}
    assert client.post("/phrases/new/", sent).status_code == 422
    assert not SentForm.objects.exists()
    ReturnPhrase.objects.all().delete()
    assert client.post("/phrases/new/", sent).status_code == 302


@pytest.mark.django_db
def test_another_account_with_the_same_key_is_led_nowhere(district: District) -> None:
    sent = {**a_newcomers_post("莫知之"), KEY: "k" * 16}
    for account in (district.owner, district.neighbour):
        signed_in(account).post("/people/new/", {**sent, "number": id_number()})
    assert SentForm.objects.values("digest").distinct().count() == 2


@pytest.mark.django_db
def test_a_leave_sent_twice_is_one(district: District) -> None:
    """Nothing else keeps a second draft of the same from being made."""
    client, url = signed_in(district.owner), reverse("leaves:new", args=[person_in(district.unit).pk])
    typed = as_shown(client, url, reason="sickness", starts_on="2026-01-05", ends_on="2026-07-05")
    places = [client.post(url, typed).headers["Location"] for _ in range(2)]
    assert (Leave.objects.count(), len(set(places))) == (1, 1)


@pytest.mark.real_services
@pytest.mark.django_db(transaction=True)
def test_a_row_sent_ten_times_at_once_is_one(district: District) -> None:
    plan = a_plan(district.unit)
    url = reverse("plans:item_new", args=[plan.pk])
    clients = [signed_in(district.owner) for _ in range(10)]
    typed = as_shown(clients[0], url, **ROW)
    answers = in_parallel([lambda client=client: client.post(url, typed) for client in clients])
    assert PlanItem.objects.filter(plan=plan).count() == 1
    assert {answer.status_code for answer in answers} == {302}
    assert len({answer.headers["Location"] for answer in answers}) == 1


@pytest.mark.django_db
def test_files_are_told_apart_by_what_they_hold(district: District) -> None:
    client, sent = signed_in(district.handler), {"case_type": "", "wrong": "缺材料", "mend": "", KEY: "k" * 16}
    for content in (b"a", b"b"):
        client.post("/phrases/new/", {**sent, "file": SimpleUploadedFile("x.txt", content)})
    assert SentForm.objects.count() == 1, "the second was refused as a double, not led on as the same"


@pytest.mark.django_db
def test_a_unit_with_a_code_is_made_once(district: District) -> None:
    """A code that is no secret."""
    client, url = signed_in(district.handler), reverse("units:new")
    typed = as_shown(client, url, name="洛江区新芽小学", code="XYXX", nature="school", uscc_reason="刚批准设立")
    places = [client.post(url, typed).headers["Location"] for _ in range(2)]
    assert (Unit.objects.filter(code="XYXX").count(), len(set(places))) == (1, 1)


@pytest.mark.django_db
def test_what_is_shown_once_is_made_once_and_the_second_is_told(district: District) -> None:
    client, url = signed_in(district.system_admin), reverse("accounts:new")
    typed = as_shown(client, url, username="linzhixia", name="林知夏")
    first, second = client.post(url, typed), client.post(url, typed)
    assert (first.status_code, second.status_code) == (200, 200)
    assert "刚才已经办成" in second.content.decode()
    assert Account.objects.filter(username="linzhixia").count() == 1


@pytest.mark.django_db
def test_what_was_sent_is_forgotten_after_a_day(district: District) -> None:
    SentForm.objects.create(digest="old", sent_at=clock.now() - KEPT - timedelta(minutes=1))
    SentForm.objects.create(digest="new")
    assert purge_sent() == 1
    assert SentForm.objects.get().digest == "new"

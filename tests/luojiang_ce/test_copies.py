"""The server's side of what a browser keeps until it is saved."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from luojiang_ce import copies
from luojiang_ce.access import case_key
from tests.conftest import District
from tests.training.plans.factories import a_plan, an_item
from tests.units.cases import leave_of
from tests.units.views.helpers import browser
from tests.verification.declarations.cases import declaration_of, with_evidence

pytestmark = pytest.mark.django_db
COPY = "cabc12345678"


def let_go(client: Client) -> list[str]:
    return [name for name, cookie in client.cookies.items() if name.startswith("saved-") and cookie.value]


def test_what_was_saved_is_let_go_and_what_was_refused_is_kept(district: District) -> None:
    item, client = an_item(a_plan(district.unit)), browser(district.owner)
    url = reverse("plans:item_edit", args=[item.plan_id, item.pk])
    page = client.get(url)
    typed = page.context["form"].initial | {"version": 0, "copy": COPY}
    typed = {name: "" if value is None else value for name, value in typed.items()}
    assert client.post(url, typed | {"budget": "x"}).status_code == 422
    assert let_go(client) == []
    assert client.post(url, typed).status_code == 302
    assert let_go(client) == [f"saved-{COPY}"]
    assert not client.cookies[f"saved-{COPY}"]["httponly"], "the script reads it"


def test_an_act_that_was_done_lets_go_and_one_that_was_refused_does_not(district: District) -> None:
    case, client = declaration_of(district.unit), browser(district.owner)
    url = reverse("workflow:act", args=[*case_key(case), "submit"])
    client.post(url, {"note": "", "copy": COPY})
    assert let_go(client) == []
    with_evidence(case, district.owner)
    client.post(url, {"note": "", "copy": COPY})
    assert let_go(client) == [f"saved-{COPY}"]


@pytest.mark.parametrize("name", ["x", "a" * 41, "abc=1; Path=/", "ABCDEFGHIJ", "../../12345678", "甲乙丙丁戊己庚辛"])
def test_nothing_but_a_copys_name_gets_into_a_cookie(district: District, name: str) -> None:
    client = browser(district.owner)
    leave = leave_of(district)
    client.post(reverse("workflow:act", args=[*case_key(leave), "cancel"]), {"note": "重复申报", "copy": name})
    leave.refresh_from_db()
    assert (leave.state, let_go(client)) == ("cancelled", [])


def test_every_account_has_a_key_of_its_own(district: District, settings) -> None:
    own, other = copies.key_of(district.owner.pk), copies.key_of(district.colleague.pk)
    assert own != other
    assert own in browser(district.owner).get("/").content.decode()
    assert own not in browser(district.colleague).get("/").content.decode()
    settings.SECRET_KEY = "another"
    assert copies.key_of(district.owner.pk) != own


def test_who_is_not_signed_in_gets_no_key(client: Client) -> None:
    assert "data-copy-key" not in client.get("/sign-in/").content.decode()

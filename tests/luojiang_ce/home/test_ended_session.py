"""The session ends while a page is open: what is asked for then is not done, and it is said."""

from __future__ import annotations

import lxml.html
import pytest
from django.test import Client
from django.urls import reverse

from luojiang_ce.home.sent_once import KEY, new_key
from tests.factories import PASSWORD
from tests.training.plans.factories import a_plan, an_item
from training.plans.models import PlanItem

pytestmark = pytest.mark.django_db
HERE = "http://testserver"
NOT_DONE = "您刚才的操作没有执行，请再点一次"


def sign_in_on(client: Client, page, account):
    """Fill in the sign-in form as the page gives it."""
    form = next(each for each in lxml.html.fromstring(page.content.decode()).forms if each.get("action") == "/sign-in/")
    typed = dict(form.form_values()) | {"username": account.username, "password": PASSWORD}
    return client.post("/sign-in/", typed, follow=True)


@pytest.fixture
def item(district):
    return an_item(a_plan(district.unit))


@pytest.mark.parametrize("way", ["deleted", "cookie gone"])
def test_a_button_pressed_too_late_leads_back_to_its_page(client, district, item, way):
    client.force_login(district.owner)
    page = item.plan.get_absolute_url()
    if way == "deleted":
        client.session.flush()
    else:
        client.cookies.clear()  # a browser drops the cookie of an idle session itself
    late = client.post(
        reverse("plans:item_delete", args=[item.plan_id, item.pk]), headers={"Referer": HERE + page}, follow=True
    )
    assert "刚才的操作没有执行" in late.content.decode()
    back = sign_in_on(client, late, district.owner)
    assert (back.status_code, back.redirect_chain[-1][0]) == (200, page)
    assert NOT_DONE in back.content.decode()
    assert PlanItem.objects.filter(pk=item.pk).exists()
    assert NOT_DONE not in client.get(page).content.decode(), "said once"


def test_a_wrong_password_in_between_forgets_nothing(client, district, item):
    page = item.plan.get_absolute_url()
    late = client.post(f"{page}?x=1", headers={"Referer": f"{HERE}{page}?view=all"}, follow=True)
    form = lxml.html.fromstring(late.content.decode()).forms[0]
    wrong = client.post("/sign-in/", dict(form.form_values()) | {"username": district.owner.username, "password": "x"})
    back = sign_in_on(client, wrong, district.owner)
    assert back.redirect_chain[-1][0] == f"{page}?view=all"
    assert NOT_DONE in back.content.decode()


def test_no_other_site_is_led_to(client, district, item):
    late = client.post(item.plan.get_absolute_url(), headers={"Referer": "https://evil.example/x"}, follow=True)
    assert late.redirect_chain[-1][0] == f"/sign-in/?next=%2Fplans%2F{item.plan_id}%2F&undone=1"


def test_the_address_of_a_button_opened_as_a_page_is_no_empty_page(client, district, item):
    client.force_login(district.owner)
    url = reverse("plans:item_delete", args=[item.plan_id, item.pk])
    opened = client.get(url, headers={"Accept": "text/html,*/*"}, follow=True)
    assert opened.status_code == 200
    assert "没有执行任何操作" in opened.content.decode()
    assert client.get(url).status_code == 405, "a program is told as before"


def test_a_part_that_posts_moves_the_whole_page_and_says_so(client, district, item):
    page = item.plan.get_absolute_url()
    headers = {"HX-Request": "true", "HX-Current-URL": HERE + page}
    answer = client.post(reverse("notices:read_all"), headers=headers)
    assert "undone=1" in answer.headers["HX-Redirect"]


def test_a_script_is_told_and_leaves_no_word_for_later(client, item):
    answer = client.post(item.plan.get_absolute_url(), headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert "没有执行" not in client.get("/sign-in/").content.decode()


def test_a_page_from_before_the_last_sign_in_can_send_again_what_it_sent(district, item):
    client = Client(enforce_csrf_checks=True)
    client.force_login(district.owner)
    url = reverse("plans:item_edit", args=[item.plan_id, item.pk])
    typed = {"place": "洛江\n<b>乙地</b>", "version": "0", "csrfmiddlewaretoken": "old", KEY: new_key(district.owner)}
    answer = client.post(url, typed, headers={"Referer": HERE + url})
    assert (answer.status_code, item.plan.items.get().place) == (403, item.place)
    form = next(each for each in lxml.html.fromstring(answer.content.decode()).forms if each.get("action") == url)
    assert dict(form.form_values())["place"] == "\n" + typed["place"], "a browser leaves out the first line break"
    assert district.owner.name in answer.content.decode()
    for key in (new_key(district.colleague), new_key(None), "k" * 16, ""):
        others = client.post(url, {**typed, KEY: key}, headers={"Referer": HERE + url})
        assert (others.status_code, "乙地" in others.content.decode()) == (403, False), "shown to somebody else"


def test_what_another_site_sends_is_not_offered(district, item):
    client = Client(enforce_csrf_checks=True)
    client.force_login(district.owner)
    url = reverse("plans:item_edit", args=[item.plan_id, item.pk])
    answer = client.post(url, {"place": "乙地"}, headers={"Referer": "https://evil.example/"})
    assert (answer.status_code, "乙地" in answer.content.decode()) == (403, False)


def test_a_password_is_never_written_onto_a_page(district):
    client = Client(enforce_csrf_checks=True)
    client.force_login(district.owner)
    url = reverse("home:password")
    answer = client.post(url, {"old_password": "geheim-1A"}, headers={"Referer": HERE + url})
    assert (answer.status_code, "geheim" in answer.content.decode()) == (403, False)


def test_an_old_page_without_a_session_leads_to_the_sign_in(district, item):
    client = Client(enforce_csrf_checks=True)
    page = item.plan.get_absolute_url()
    answer = client.post(page, headers={"Referer": HERE + page})
    assert answer.headers["Location"] == f"/sign-in/?next=%2Fplans%2F{item.plan_id}%2F&undone=1"

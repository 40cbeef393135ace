"""The cover sheet: what it says, where its code leads, whom; and a scanner that types it anywhere."""

from __future__ import annotations

import pytest
from django.urls import reverse

from luojiang_ce.papers.blanks import closed_up_figures
from tests.conftest import District
from tests.verification.batches.samples import a_batch, a_draft, a_slot
from tests.verification.batches.test_pages import browser
from verification.batches.models import Batch
from verification.counter.cover import COVER, address_of, cover_of
from verification.counter.seats import book

pytestmark = pytest.mark.django_db
HOSTS = ["http://testserver", "http://127.0.0.1:8000"]


@pytest.mark.notice("二(一)")
def test_the_sheet_says_whose_it_is_and_what_belongs_behind_it(district: District) -> None:
    batch = a_batch(district)
    (sheet,) = cover_of(batch, {})
    html = sheet.html()
    for said in (
        batch.unit.name,
        batch.number,
        closed_up_figures("3 人"),
        "林知秋",
        "未预约",
        "1.继续教育证书",
        "6.论文确认手续（按需）",
    ):
        assert said in html
    seat = book(batches=[batch], slot=a_slot(), unit=batch.unit, actor=district.owner)
    batch = Batch.objects.get(pk=batch.pk)
    assert closed_up_figures(f"{seat.slot.place}，1 号") in cover_of(batch, {})[0].html()
    assert address_of(batch).endswith(reverse("batches:arrived", args=[batch.pk]))


def test_it_is_a_pdf_of_one_sheet_and_a_draft_has_none(district: District) -> None:
    batch, client = a_batch(district), browser(district.owner)
    answer = client.get(reverse("batches:cover", args=[batch.pk]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.count(b"/Type /Page\n") <= 1
    assert (
        COVER.name in client.get(batch.get_absolute_url()).content.decode()
        or "材料封面" in client.get(batch.get_absolute_url()).content.decode()
    )
    draft = a_draft(district)
    page = client.get(reverse("batches:cover", args=[draft.pk]), follow=True).content.decode()
    assert "草稿还没有批次编号，请报送后再打印封面" in page


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("mangled", [str, str.upper, lambda text: text.replace(":", "：").replace("/", "、")])
def test_a_scanner_that_types_the_code_into_a_search_field_opens_the_counter(
    district: District, host: str, mangled
) -> None:
    batch, other = a_batch(district), a_batch(district)
    typed = mangled(host + reverse("batches:arrived", args=[batch.pk]))
    counter = reverse("batches:counter", args=[batch.pk])
    client = browser(district.handler)
    for field in (reverse("home:search"), reverse("batches:counter", args=[other.pk])):
        answer = client.get(field, {"q": typed}, follow=True)
        assert answer.redirect_chain[-1][0] == counter
    assert client.get(reverse("home:search"), {"q": batch.number}).status_code == 302


@pytest.mark.parametrize(
    "typed",
    [
        "https://evil.example/verification/1/arrived/",
        "http://testserver//evil.example/",
        "http://testserver/no-such-page/",
        "http://[testserver/",
        "//evil.example/",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_page_of_this_site_is_searched_for(district: District, typed: str) -> None:
    answer = browser(district.handler).get(reverse("home:search"), {"q": typed})
    assert answer.status_code == 200


def test_the_code_opens_nothing_to_a_neighbour_and_the_batch_to_its_unit(district: District) -> None:
    batch = a_batch(district)
    address = reverse("batches:arrived", args=[batch.pk])
    assert browser(district.neighbour).get(address).status_code == 404
    assert browser(district.owner).get(address).url == batch.get_absolute_url()
    assert browser(district.handler).get(address).url == reverse("batches:counter", args=[batch.pk])

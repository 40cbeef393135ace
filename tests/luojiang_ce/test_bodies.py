"""What is announced is refused before a byte of it is read; what a page offers is taken."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.urls import reverse

from luojiang_ce.bodies import MARGIN
from tests.luojiang_ce.access.urls import addresses

pytestmark = pytest.mark.django_db
MB = 1024 * 1024


class Unreadable:
    """A body of which nobody may read a byte."""

    def read(self, *size: int) -> bytes:
        raise AssertionError("the body was read")

    readline = read


def announce(client, path: str, size: int):
    told = {"CONTENT_LENGTH": str(size), "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    return client.post(path, **told, **{"wsgi.input": Unreadable()})


class TestStrangers:
    @pytest.mark.parametrize("path", ["/no/such/page/", "/static/x", "/%00"])
    def test_an_address_that_is_not_there(self, client, path):
        refused = announce(client, path, 400 * MB)
        assert refused.status_code == 404
        assert refused.headers["Connection"] == "close"

    def test_a_page_without_a_file(self, client):
        refused = announce(client, reverse("home:sign_in"), 2 * MB)
        assert refused.status_code == 413
        assert "这一次送来约 2 MB，这一页一次最多 1 MB" in refused.content.decode()

    def test_a_page_for_somebody_else(self, client):
        assert announce(client, reverse("people:list"), 2 * MB).status_code == 413

    def test_a_page_that_takes_a_file_takes_one(self, client):
        page = reverse("papers:check")
        file = SimpleUploadedFile("x.pdf", b"%PDF-1.7" + b"0" * 3 * MB)
        assert client.post(page, {"file": file}).status_code == 200
        assert announce(client, page, settings.UPLOAD_LIMIT_BYTES + MARGIN + 1).status_code == 413


class TestAccounts:
    def test_more_than_a_page_can_offer(self, client, district):
        client.force_login(district.owner)
        refused = announce(client, reverse("people:list"), settings.BODY_LIMIT_BYTES + 1)
        assert refused.status_code == 413
        assert "请少选几个文件分几次上传" in refused.content.decode()

    @pytest.mark.parametrize("odd", ["-5", "1e9", "many"])
    def test_what_is_no_number_announces_nothing(self, client, district, odd):
        client.force_login(district.owner)
        assert client.post(reverse("home:theme"), CONTENT_LENGTH=odd).status_code in (302, 400)


def test_the_public_pages_that_take_a_file():
    marked = {each.name for each in addresses() if hasattr(each.view, "place") and each.view.access_rule.public}
    assert marked == {"papers:check", "papers:check_code", "phone:ask", "own:objection"}


def test_a_view_that_names_no_place_gets_no_file(client, district, monkeypatch):
    monkeypatch.setattr(TemporaryFileUploadHandler, "new_file", None)  # nor is it spooled
    client.force_login(district.owner)
    file = SimpleUploadedFile("x.pdf", b"%PDF-1.7" + b"0" * 3 * MB)
    answer = client.post(reverse("home:theme"), {"theme": "dark", "file": file})
    assert answer.status_code in (302, 400)
    assert answer.wsgi_request.FILES == {}
    assert answer.wsgi_request.POST["theme"] == "dark"

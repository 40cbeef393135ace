"""The database away or full, a disk full: 503, what was typed stands in the page and can be sent again from there."""

from __future__ import annotations

import resource
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.forms import BaseForm, Field
from django.forms.widgets import PasswordInput
from django.test import Client
from django.urls import resolve, reverse

from luojiang_ce.home.away import is_secret
from luojiang_ce.outages import is_away
from luojiang_ce.uploads.places import PHOTOGRAPH
from luojiang_ce.workflow.models import ReturnPhrase
from tests.factories import account_with

pytestmark = pytest.mark.django_db(transaction=True)
WRONG = "培训对象写了“全体”，请按职称系列写明\n第二行 <b>"


@pytest.fixture
def officer(district) -> Client:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(district.handler)
    return client


@contextmanager
def locked() -> Iterator[None]:
    """Somebody else writes all the time."""
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
        connection.cursor().execute("PRAGMA busy_timeout = 20")
        other.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def full() -> Iterator[None]:
    """Not a page more."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA max_page_count = 1")
        with suppress(OperationalError):
            for n in count():  # into what is left of the last pages
                ReturnPhrase.objects.create(case_type="", wrong=f"占位{n}", mend="")
        try:
            yield
        finally:
            cursor.execute("PRAGMA max_page_count = 1073741823")


@contextmanager
def gone() -> Iterator[None]:
    """Nothing can be asked, not even who is signed in."""
    name = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = "/nowhere/db.sqlite3"
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name


def typed_form(client: Client, url: str, **typed: str) -> dict[str, str]:
    page = client.get(url)
    form = next(form for form in lxml.html.fromstring(page.content.decode()).forms if "wrong" in form.fields)
    return {**dict(form.form_values()), **typed}


def offered(page: Any) -> Any:
    """The form that the page gives back, and what a browser sends of it."""
    form = next(form for form in lxml.html.fromstring(page.content.decode()).forms if "wrong" in form.fields)
    return form, {name: value.removeprefix("\n") for name, value in form.form_values()}


@pytest.mark.parametrize("trouble", [locked, full, gone])
def test_what_was_typed_stands_in_the_page_and_is_sent_again(officer, trouble):
    url = reverse("home:phrase_new") + "?kind="
    typed = typed_form(officer, url, wrong=WRONG + "很长的说明" * 40)
    with trouble():
        away = officer.post(url, typed)
    text = away.content.decode()
    assert (away.status_code, away.headers["Retry-After"], away.headers["Cache-Control"]) == (503, "30", "no-store")
    assert away.headers["X-Request-ID"] in text
    assert "Traceback" not in text
    assert not ReturnPhrase.objects.filter(wrong__contains="很长的说明").exists()
    form, sent = offered(away)
    assert form.action == url
    assert sent["wrong"] == typed["wrong"]
    again = officer.post(form.action, sent)
    assert again.status_code == 302, "its CSRF token is right, though the first check may not have come about"
    assert ReturnPhrase.objects.filter(wrong__contains="很长的说明").count() == 1


def test_a_page_that_is_only_read_says_to_come_again(officer):
    with gone():
        away = officer.get("/units/?q=x")
    assert away.status_code == 503
    assert 'href="/units/?q=x"' in away.content.decode()


def test_pages_are_read_while_the_disk_is_full(officer, monkeypatch):
    """That the session was used cannot be noted; that is no reason to show nothing."""
    monkeypatch.setattr("luojiang_ce.authentication.sessions.TOUCH_EVERY", 0)
    with full():
        assert officer.get(reverse("home:phrases")).status_code == 200


def test_another_sites_words_are_not_offered(officer):
    with gone():
        away = officer.post("/phrases/new/", {"wrong": "别的网站写的", "csrfmiddlewaretoken": "x" * 64})
    assert away.status_code == 503
    assert "别的网站写的" not in away.content.decode()


def test_neither_password_nor_code_comes_back(client):
    browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
    form = next(iter(lxml.html.fromstring(browser.get("/sign-in/").content.decode()).forms))
    with gone():
        away = browser.post("/sign-in/", dict(form.form_values()) | {"username": "某人", "password": "Secret-12345"})
    assert away.status_code == 503
    assert "Secret-12345" not in away.content.decode()
    assert "密码、验证码不保留" in away.content.decode()


def test_files_are_named_to_be_chosen_again(officer):
    typed = typed_form(officer, "/phrases/new/", wrong="附了材料")
    with gone():
        away = officer.post("/phrases/new/", {**typed, "evidence": SimpleUploadedFile("请假条.pdf", b"%PDF-1.7")})
    form, sent = offered(away)
    assert "请重新选择：请假条.pdf" in form.text_content()
    assert sent["wrong"] == "附了材料"
    assert form.get("enctype") == "multipart/form-data"
    assert form.inputs["evidence"].type == "file"


def test_a_file_that_finds_no_room_takes_no_text_along(officer, settings, tmp_path, monkeypatch):
    """On a real disk of 64 kB, of a form that asks for a picture too."""
    monkeypatch.setattr(resolve("/phrases/new/").func, "place", PHOTOGRAPH, raising=False)
    typed = typed_form(officer, "/phrases/new/", wrong="写了很久")
    big = SimpleUploadedFile("照片.jpg", b"x" * 3_000_000)
    with small_disk(tmp_path) as folder:
        settings.FILE_UPLOAD_TEMP_DIR = folder
        away = officer.post("/phrases/new/", {"photograph": big, **typed})
    assert away.status_code == 503
    form, sent = offered(away)
    assert sent["wrong"] == "写了很久"
    assert "请重新选择：照片.jpg" in form.text_content()


def test_what_a_script_sends_is_told_in_a_line(officer):
    with gone():
        said = officer.post("/phrases/new/", {}, headers={"Accept": "application/json"})
    assert said.status_code == 503
    assert said.json()["text"].startswith("没有保存：系统暂时不能写入")


def test_what_the_program_does_wrong_is_no_waiting():
    with pytest.raises(OperationalError) as wrong, connection.cursor() as cursor:
        cursor.execute("SELECT * FROM no_such_table")
    assert not is_away(wrong.value)
    assert not is_away(FileNotFoundError(2, "no such file"))


def test_every_secret_of_a_form_is_known_by_its_name_and_nothing_else_is_one():
    ours = [form for form in forms_of(BaseForm) if not form.__module__.startswith("django.")]
    fields = [(name, field) for form in ours for name, field in fields_of(form)]
    found = {name for name, field in fields if hides(field)} | {"slip_code"}
    assert found >= {"password", "old_password", "new_password1", "otp_code"}
    assert found <= {name for name, _ in fields}
    assert {name for name, _ in fields if is_secret(name)} == found


def test_a_code_that_is_no_secret_costs_nobody_the_form(officer):
    """Of a unit, of a paper: what stood beside it was lost too."""
    page = officer.get(reverse("units:new"))
    form = next(form for form in lxml.html.fromstring(page.content.decode()).forms if "uscc" in form.fields)
    with gone():
        away = officer.post(
            reverse("units:new"), {**dict(form.form_values()), "name": "洛江区新芽小学", "code": "XYXX"}
        )
    again = next(form for form in lxml.html.fromstring(away.content.decode()).forms if "code" in form.fields)
    kept = {name: value.removeprefix("\n") for name, value in again.form_values()}
    assert (kept["name"], kept["code"]) == ("洛江区新芽小学", "XYXX")


def test_what_waits_for_the_database_is_shown_to_nobody_who_signs_in_meanwhile(officer, district):
    url = reverse("home:phrase_new")
    typed = typed_form(officer, url, wrong=WRONG)
    with gone():
        form, sent = offered(officer.post(url, typed))
    sent["csrfmiddlewaretoken"] = "of the session before"
    officer.force_login(account_with("bureau_handler", district.bureau))
    other = officer.post(form.action, sent, headers={"Referer": f"http://testserver{url}"})
    assert other.status_code == 403
    assert "按职称系列写明" not in other.content.decode()
    officer.force_login(district.handler)
    own = officer.post(form.action, sent, headers={"Referer": f"http://testserver{url}"})
    assert own.status_code == 403
    assert "按职称系列写明" in own.content.decode()


def fields_of(form: Any) -> Any:
    return getattr(form, "base_fields", {}).items()


def hides(field: Field) -> bool:
    return isinstance(field.widget, PasswordInput) or field.widget.attrs.get("autocomplete") == "one-time-code"


def forms_of(base: Any) -> Iterator[Any]:
    assert apps.ready
    for each in base.__subclasses__():
        yield each
        yield from forms_of(each)


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """64 kB, mounted; where nothing may be mounted, files that may not grow past them."""
    small = folder / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(small)], capture_output=True)
    if mounted.returncode:
        with no_large_files():
            yield small
        return
    try:
        yield small
    finally:
        subprocess.run(["umount", str(small)], check=True)


@contextmanager
def no_large_files() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65536, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)

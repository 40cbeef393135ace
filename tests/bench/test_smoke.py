"""The bench does not rot: its district loads, every page it asks for is there, and shares are computed as said."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from luojiang_ce.papers.seal_records import PaperSignature
from luojiang_ce.workflow import case_kind
from units.models import Person

from . import archive, bare_settings, signing
from .district import Size, load
from .measuring import Measured, Page, Pair

SMALL = Size(units=3, people=12, classes=12, rows=4)


@pytest.fixture
def big(db):
    return load(SMALL)


def test_every_open_class_has_a_clock_and_the_full_one_its_rows(client, big):
    client.force_login(big.handler)
    board = client.get(reverse("deadlines:board")).context["page_obj"].paginator
    assert board.count >= SMALL.classes
    assert Person.objects.count() == SMALL.people
    assert len(client.get(big.full_class.get_absolute_url()).context["rows"]) == SMALL.rows


@pytest.mark.parametrize("name", ["home:start", "classes:list", "people:list"])
def test_what_is_measured_is_there(client, big, name):
    for account in (big.handler, big.clerk):
        client.force_login(account)
        assert client.get(reverse(name)).status_code == 200


def test_the_public_page_that_is_measured_shows_the_sessions(client, big, settings):
    shown = client.get(reverse("published:list")).context["projects"]
    assert sum(len(each.sessions) for each in shown) == 2 * SMALL.units
    settings.ROOT_URLCONF, settings.MIDDLEWARE = bare_settings.ROOT_URLCONF, bare_settings.MIDDLEWARE
    settings.TEMPLATES = bare_settings.TEMPLATES
    assert len(Client().get("/published/").context["rows"]) == 2 * SMALL.units


def test_the_bare_pages_show_the_same_rows(client, big, settings, django_assert_num_queries):
    settings.ROOT_URLCONF, settings.MIDDLEWARE = bare_settings.ROOT_URLCONF, bare_settings.MIDDLEWARE
    settings.TEMPLATES = bare_settings.TEMPLATES
    client.force_login(big.handler)
    unit, case = big.full_class.unit_id, big.full_class.pk
    rows = {"/people/": SMALL.people, "/start/": 4, f"/start/{unit}/": 4, f"/case/{case}/": SMALL.rows}
    for address, count in rows.items():
        with django_assert_num_queries(3):  # session, account, rows
            assert len(client.get(address).context["rows"]) == count


def test_a_share_is_the_median_of_the_pairs():
    page = Page(1, "/")
    found = Measured(Pair("p", page, page, 0.5), [10, 20, 90], [40, 40, 100])
    assert found.shares == [0.25, 0.5, 0.9]
    assert not found.missed
    assert "50%" in str(found)


@pytest.mark.django_db
def test_papers_are_issued_signed_and_held_against_the_bare_libraries(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(case_kind, "_kinds", dict(case_kind._kinds))
    settings.DEMO, settings.VAR_DIR, settings.MEDIA_ROOT = False, tmp_path, tmp_path / "files"
    signing.prepare(tmp_path)
    signing.measure(2, tmp_path)
    assert PaperSignature.objects.count() == 2


@pytest.mark.parametrize(("issued", "share", "missed"), [(3.2, "80%", False), (3.1, "78%", True)])
def test_pages_are_held_against_both_libraries_one_after_the_other(issued, share, missed):
    """A page that takes 1/20 s to lay out and 1/5 s to sign takes 1/4 s."""
    speeds = signing.Speeds(issued, weasyprint=20.0, pyhanko=5.0)
    assert speeds.both == pytest.approx(4.0)
    assert speeds.missed is missed
    assert re.search(rf"^bare WeasyPrint, then bare pyHanko +4\.0/s +{share}$", speeds.table(), re.MULTILINE)


@pytest.mark.django_db
def test_a_year_is_packed_and_measured(settings, tmp_path):
    settings.VAR_DIR = settings.MEDIA_ROOT = tmp_path
    measured = archive.measure(archive.load(people=4, classes=2, trainees=3))
    assert measured.cases >= 4 + 2
    assert "megabytes added" in measured.table()

"""Lists to take away: short at once, long in the background, seen by their owner alone, gone after some days."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import QueryDict
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import run
from luojiang_ce.sheets import exports
from luojiang_ce.workflow.events import history
from tests.conftest import in_parallel
from tests.factories import person_in
from tests.stored import as_it_lies
from tests.units.views.helpers import browser, workbook_rows
from units.models import Assignment, Unit

LIST = reverse("people:export")


@pytest.fixture
def _long_lists(monkeypatch):
    monkeypatch.setattr(exports, "AT_ONCE", 1)


@pytest.fixture
def job(district, _long_lists) -> Job:
    """The owner's export of two people called 王, begun but not yet done."""
    for name in ("王小明", "王小红", "仇远"):
        person_in(district.unit, name)
    person_in(district.neighbour_unit, "王大力")
    response = browser(district.owner).get(LIST, {"q": "王"})
    begun = Job.objects.get()
    assert response.headers["Location"] == reverse("jobs:progress", args=[begun.uid])
    return begun


def finished(job: Job) -> Job:
    assert run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.message
    return job


def test_a_short_list_comes_at_once(district) -> None:
    person_in(district.unit, "王小明")
    assert len(workbook_rows(browser(district.owner).get(LIST))) == 2
    assert not Job.objects.exists()


def test_a_long_list_is_made_under_the_same_filters_and_rights(district, job) -> None:
    url = finished(job).result_url
    rows = workbook_rows(browser(district.owner).get(url))
    assert {row[0] for row in rows[1:]} == {"王小明", "王小红"}
    assert job.message.startswith("共 2 行，")
    fetched, asked = history(district.owner)
    assert asked.data == {"list": "people", "rows": 2}
    assert (fetched.name, fetched.data["where"]) == ("file_fetched", "sheets:export")


@pytest.mark.django_db(transaction=True)
def test_progress_is_noted_though_others_write_while_a_list_is_read(district, monkeypatch) -> None:
    monkeypatch.setattr(exports, "CHUNK", 1)
    for name in ("王小明", "王小红", "仇远"):
        person_in(district.unit, name)
    people = exports._exports["people"]
    rows = people.rows(people.found(district.owner, QueryDict()), QueryDict(), district.owner)
    next(rows)
    in_parallel([lambda: Unit.objects.filter(pk=district.unit.pk).update(phone="0595-1")])
    assert Unit.objects.filter(pk=district.neighbour_unit.pk).update(phone="0595-2")
    assert len(list(rows)) == 2


def test_rights_lost_meanwhile_are_lost(district, job) -> None:
    district.owner.assignments.update(valid_to=clock.today() - timedelta(days=1))
    assert browser(district.owner).get(finished(job).result_url).status_code == 404


@pytest.mark.parametrize("who", ["colleague", "neighbour", "handler", "audit_admin"])
def test_nobody_else_fetches_it(district, job, who) -> None:
    url = finished(job).result_url
    assert browser(getattr(district, who)).get(url).status_code == 404


def test_it_lies_encrypted_and_is_made_once(district, job) -> None:
    finished(job)
    assert not as_it_lies(f"exports/{job.uid.hex}").startswith(b"PK")
    assert not run(job.pk)


def test_it_is_deleted_after_some_days(district, job, time_machine) -> None:
    url = finished(job).result_url
    assert exports.purge_exports() == 0
    time_machine.move_to(clock.now() + exports.KEEP + timedelta(hours=1))
    assert exports.purge_exports() == 1
    assert exports.purge_exports() == 0
    page = browser(district.owner).get(url, follow=True)
    assert "已按期删除" in page.content.decode()


@pytest.mark.usefixtures("_long_lists")
def test_the_log_is_exported_to_the_audit_officer_alone(district) -> None:
    for _ in range(3):
        person_in(district.unit)
        browser(district.owner).get(reverse("people:export_leavers"))
    browser(district.audit_admin).get(reverse("audit:export"))
    made = finished(Job.objects.get())
    assert len(workbook_rows(browser(district.audit_admin).get(made.result_url))) == 5
    Job.objects.update(owner=district.system_admin)
    assert exports.make_workbook(Job.objects.get(), lambda done, total: None)[0].startswith("共 0 行")


def test_a_role_lost_after_it_was_made_takes_the_workbook_along(district, job) -> None:
    url = finished(job).result_url
    district.owner.assignments.update(valid_to=clock.today() - timedelta(days=1))
    Assignment.objects.create(account=district.owner, role="inspector", unit=district.bureau, valid_from=clock.today())
    response = browser(district.owner).get(url)
    assert response.headers["Location"] == reverse("jobs:progress", args=[job.uid])

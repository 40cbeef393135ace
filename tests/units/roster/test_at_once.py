"""Two at once: two tabs with one import, two units with the same people."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from luojiang_ce.sheets.imports import confirm as confirm_import
from luojiang_ce.sheets.models import ImportBatch
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.units.roster.rosters import number, person, preview_roster, workbook
from units.models import Employment, Person
from units.roster.importer import ROSTER_IMPORT

pytestmark = [pytest.mark.real_services, pytest.mark.django_db(transaction=True)]

ROWS = [person(姓名="王明", 身份证号=number(n)) for n in range(1, 7)]


def at_once(*acts: Callable[[], Any]) -> None:
    """Run these in threads that start together; what one raises fails the test."""
    start, failed = threading.Barrier(len(acts)), []

    def run(act: Callable[[], Any]) -> None:
        start.wait()
        try:
            act()
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_two_tabs_confirm_one_import(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("luojiang_ce.sheets.services.CHUNK_ROWS", 2)
    batch = preview_roster(file=workbook(*ROWS), name="a.xlsx", unit=district.unit, actor=district.owner)

    def confirm() -> None:
        confirm_import(ROSTER_IMPORT, ImportBatch.objects.get(pk=batch.pk), actor=district.owner)

    at_once(confirm, confirm, confirm)
    done = ImportBatch.objects.get(pk=batch.pk)
    assert (done.state, done.done, done.result) == ("confirmed", 6, {"new": 6})
    assert (Person.objects.count(), Employment.objects.count()) == (6, 6)
    assert Event.objects.filter(name="roster_imported").count() == 3


def test_two_units_bring_in_the_same_people(district: District) -> None:
    batches = [
        preview_roster(file=workbook(*ROWS), name="a.xlsx", unit=unit, actor=actor)
        for unit, actor in ((district.unit, district.owner), (district.neighbour_unit, district.neighbour))
    ]
    actors = [district.owner, district.neighbour]
    at_once(*(lambda b=b, a=a: confirm_import(ROSTER_IMPORT, b, actor=a) for b, a in zip(batches, actors, strict=True)))
    results = sorted(str(ImportBatch.objects.get(pk=batch.pk).result) for batch in batches)
    assert results == ["{'new': 6}", "{'wrong': 6}"]
    assert (Person.objects.count(), Employment.objects.filter(ended_on=None).count()) == (6, 6)

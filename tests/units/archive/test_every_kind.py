"""Every registered kind, in every state that its samples can be in: each case belongs to one year and is told whole."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest
from django.db import IntegrityError

from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow.case_kind import kind_of
from tests.conftest import District
from tests.factories import UnitFactory
from tests.luojiang_ce.workflow.walk import Kind, collect
from tests.transactions import of_the_test
from training.inspections.models import OutsideReport
from units.archive.content import Fact
from units.archive.metadata import Record, form, metadata
from units.archive.models import Item, Package
from units.archive.records import Offices, records_of
from units.archive.year import archived_kinds, belonging
from units.models import OfficerRequest

pytestmark = pytest.mark.django_db
YEARS = range(2016, 2032)
KINDS = [kind for kind in collect().values() if kind.model is not Paper]


def _told(record: Record) -> list[Fact]:
    """What the readable page shows of the form and the rows below it."""
    rows = [record.facts, *(row for part in record.parts for row in part.rows)]
    return [fact for row in rows for fact in row if fact.is_named]


def test_no_kind_is_left_out() -> None:
    """But reports from outside, of which a reporter may have asked for secrecy, and what officers do with accounts."""
    left_out = {kind.model for kind in KINDS} - {kind.model for kind in archived_kinds()}
    assert left_out == {OutsideReport, OfficerRequest}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_each_case_belongs_to_one_year_and_is_told(kind: Kind, district: District) -> None:
    district = replace(district, neighbour_unit=UnitFactory(name="洛江区石溪林业站", is_provider=True))
    for state in reversed(kind.model.State.values):  # some samples can be there once: rather closed than drafts
        try:
            with of_the_test():
                kind.build(district, state)
        except (IntegrityError, NotImplementedError):
            continue
    found = [each for year in YEARS for each in belonging(kind_of(kind.model), year)]
    names = {each.name for each in kind.model._meta.concrete_fields}
    sent = kind.model.objects.all()
    if "first_submitted_at" in names:
        sent = sent.exclude(state="draft", first_submitted_at=None)
    assert Counter(each.case.pk for each in found) == Counter(sent.values_list("pk", flat=True))
    package = Package.objects.create(year=2026, number=1, made_by=district.handler, state="failed")
    items = [
        Item.objects.create(package=package, number=n, case_type=kind.key, case_id=each.case.pk, title=str(each.case))
        for n, each in enumerate(found, 1)
    ]
    records = [record for record, _ in records_of(kind_of(kind.model), items, Offices(), {})]
    assert len(records) == len(found) > 0
    for record in records:
        assert record.facts
        assert metadata(record, district.bureau.name, "uid")
        assert form(record)
        read = [line for told in _told(record) for line in told.read]
        assert [line for line in read if re.search(r"[{}]|\b[a-z_]{3,}：|其他：", line)] == []

"""What comes after a year was packed is seen, whatever it is, and goes into a supplement."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.services import revoke_papers
from luojiang_ce.workflow.case_kind import kind_of
from luojiang_ce.workflow.engine import SYSTEM, fire
from luojiang_ce.workflow.events import record
from tests.conftest import District
from tests.factories import person_in
from tests.training.factories import class_of, enrol, sign
from tests.units.archive.years import YEAR, Year, file_of, inside, next_year, packed, two_leaves
from tests.units.cases import leave_of
from tests.units.circulars.cases import circular_of, receipt_of
from tests.units.views.helpers import browser, cost
from tests.verification.declarations.cases import declaration_of
from training.attendance.models import HalfDaySheet
from units.archive import services
from units.archive.later import CAME_LATER, later_of
from units.archive.models import Package
from units.archive.records import Offices, records_of
from units.archive.traces import entries_of, last_events
from units.archive.year import LATER, archived_kinds, belonging
from units.circulars.models import Circular
from units.models import Leave
from verification.declarations.effects import entry_of
from verification.declarations.models import Declaration
from verification.ledger.models import LedgerEntry
from verification.ledger.services import counter, post

pytestmark = pytest.mark.django_db


def a_declaration(district: District, state: str = "submitted") -> Declaration:
    facts = {"state": state, "year": YEAR, "first_submitted_at": clock.now()}
    return declaration_of(district.unit, person_in(district.unit), **facts)


def told(year: int = YEAR) -> list[tuple[str, int, str]]:
    """What came later: kind, id, how it stood."""
    return [(each.kind, each.case_id, each.then) for each in later_of(year)]


def page_of(district: District) -> str:
    with next_year():
        response = browser(district.handler).get(reverse("archive:year", args=[YEAR]))
    return str(response.content.decode())


def message(package: Package) -> str:
    assert package.job
    return str(package.job.message)


class TestCame:
    """Cases that belong to the year and were filed after it was packed."""

    def test_one_that_is_closed_is_listed_and_supplemented(self, district: District) -> None:
        two_leaves(district)
        whole = packed(district, checked=False)
        assert told() == []
        with next_year():
            filed = a_declaration(district)
            fire(filed, "withdraw", actor=district.owner)
        key = Declaration._meta.label_lower
        assert told() == [(key, filed.pk, CAME_LATER)]
        page = page_of(district)
        assert "1 件在归档以后新增或又有办理" in page
        assert f"{filed}" in page
        assert "已办结，可以补充封装" in page
        more = packed(district, supplement=True)
        assert (more.base, more.state, more.passed) == (whole, "complete", True)
        assert [(item.case_type, item.case_id) for item in more.items.packed()] == [(key, filed.pk)]
        assert told() == []

    def test_one_that_is_open_is_listed_and_waits(self, district: District) -> None:
        two_leaves(district)
        packed(district, checked=False)
        filed = a_declaration(district)
        page = page_of(district)
        assert CAME_LATER in page
        assert f"状态是“{filed.get_state_display()}”" in page
        failed = packed(district, supplement=True)
        assert failed.state == "failed"
        assert "1 件都还没有办结，没有可以补充的" in message(failed)
        assert len(told()) == 1  # what failed holds nothing
        assert not failed.items.exists()

    def test_nothing_is_said_by_the_job(self, district: District) -> None:
        two_leaves(district)
        packed(district, checked=False)
        failed = packed(district, supplement=True)
        assert (failed.state, message(failed)) == ("failed", f"{YEAR} 年度归档以后没有变动，不需要补充")

    def test_a_year_that_was_never_packed_has_none(self, district: District) -> None:
        a_declaration(district)
        assert told() == []

    def test_a_draft_that_nobody_handed_over_is_none(self, district: District) -> None:
        two_leaves(district)
        packed(district, checked=False)
        declaration_of(district.unit, state="draft", year=YEAR)
        assert told() == []


class TestLeftOut:
    """Cases about no year that were left out, and belong to the year."""

    def test_one_that_was_taken_up_again_while_it_was_packed(self, district: District) -> None:
        closed, _ = two_leaves(district)
        Leave.objects.filter(pk=closed.pk).update(state="submitted")
        whole = packed(district, checked=False)
        left = whole.items.left_out().get(case_id=closed.pk)
        assert (left.stays, left.reason.endswith(LATER)) == (True, False)
        assert told() == []
        with next_year():
            fire(closed, "approve", actor=district.approver)
        assert told() == [("units.leave", closed.pk, left.reason)]
        more = packed(district, supplement=True)
        assert [item.case_id for item in more.items.packed()] == [closed.pk]

    def test_one_whose_paper_was_still_made(self, district: District) -> None:
        closed, _ = two_leaves(district)
        facts = {"kind": "x", "title": "延期批复", "year": YEAR, "dated": clock.today()}
        paper = Paper.objects.create(case_type="units.leave", case_id=closed.pk, **facts)
        whole = packed(district, checked=False)
        assert whole.items.left_out().get(case_id=closed.pk).reason == "有 1 份文书尚未生成"
        Paper.objects.filter(pk=paper.pk).update(state="revoked")
        record(paper, "issue", actor=SYSTEM)
        assert [pk for _, pk, _ in told()] == [closed.pk]

    def test_one_that_is_a_row_of_what_was_open(self, district: District) -> None:
        two_leaves(district)
        receipt = receipt_of(district, "closed", circular=circular_of(district))
        whole = packed(district, checked=False)
        assert whole.items.left_out().get(case_id=receipt.pk, case_type="units_circulars.receipt").stays
        assert told() == []
        Circular.objects.filter(pk=receipt.circular_id).update(state="sent", sent_at=clock.now())
        record(receipt.circular, "send", actor=district.handler)
        assert ("units_circulars.receipt", receipt.pk) in [(kind, pk) for kind, pk, _ in told()]

    def test_one_that_was_never_closed_goes_with_the_year_in_which_it_is(self, district: District) -> None:
        _, waiting = two_leaves(district)
        whole = packed(district, checked=False)
        left = whole.items.left_out().get(case_id=waiting.pk)
        assert (left.stays, left.reason.endswith(LATER)) == (False, True)
        with next_year():
            fire(waiting, "approve", actor=district.approver)
        assert told() == []
        kind = next(each for each in archived_kinds() if each.model is Leave)
        assert [each.case.pk for each in belonging(kind, YEAR + 1)] == [waiting.pk]

    def test_one_that_is_still_open_is_not_told_again(self, district: District) -> None:
        """Its package says that it is open, and so it is."""
        filed = a_declaration(district)
        packed(district, checked=False)
        record(filed, "handler_named", actor=district.handler)
        assert told() == []

    def test_one_that_was_open_and_is_closed_now_comes_with_the_supplement(self, district: District) -> None:
        waiting = a_declaration(district)
        first = packed(district, checked=False)
        assert waiting.pk in first.items.left_out().values_list("case_id", flat=True)
        with next_year():
            fire(waiting, "withdraw", actor=district.owner)
        more = packed(district, supplement=True)
        assert [item.case_id for item in more.items.packed()] == [waiting.pk]


class TestWentOn:
    """Cases that are in the package, and to which something was done."""

    def test_what_was_corrected_is_told_and_supplemented(self, district: District) -> None:
        closed, _ = two_leaves(district)
        whole = packed(district, checked=False)
        with next_year():
            fire(closed, "revoke", actor=district.approver, note="证明是伪造的")
        assert told() == [("units.leave", closed.pk, "已归档")]
        more = packed(district, supplement=True)
        assert [item.case_id for item in more.items.packed()] == [closed.pk]
        assert f"只含 {whole.called}" in inside(more)["说明文件.TXT"].decode()
        assert told() == []
        assert file_of(whole).exists()

    def test_a_paper_that_is_revoked(self, district: District, year: Year) -> None:
        packed(district, checked=False)
        revoke_papers([year.papers[0]], actor=district.approver, reason="填错")
        assert [pk for _, pk, _ in told()] == [year.batch.pk]

    def test_a_sheet_of_a_class_on_which_signs_are_struck(self, district: District) -> None:
        application = class_of(district.unit)
        sheet = HalfDaySheet.objects.create(application=application, date=application.opens_on, half_day="morning")
        record(sheet, "signs_recorded", actor=district.owner)
        packed(district, checked=False)
        assert told() == []
        record(sheet, "signs_struck", actor=district.owner)
        assert [pk for kind, pk, _ in told() if kind == "training_classes.classapplication"] == [application.pk]

    def test_hours_that_are_countered_and_hold_again(self, district: District) -> None:
        """Counter-entries have no events, and are another's where a correction makes them."""
        declared = a_declaration(district, "accepted")
        [entry] = post(entries=[entry_of(declared)], source=declared, actor=district.handler)
        elsewhere = leave_of(district)
        packed(district, checked=False)
        assert told() == []
        taken = counter(entry=entry, reason="重复计入", actor=district.handler, source=elsewhere)
        assert [pk for _, pk, _ in told()] == [declared.pk]
        packed(district, supplement=True, checked=False)
        assert told() == []
        counter(entry=taken, reason="更正撤销", actor=district.handler, source=elsewhere)
        assert [pk for _, pk, _ in told()] == [declared.pk]

    def test_one_that_is_about_another_year_now_is_not_looked_for(self, district: District) -> None:
        declared = a_declaration(district, "withdrawn")
        packed(district, checked=False)
        Declaration.objects.filter(pk=declared.pk).update(year=YEAR - 1)
        record(declared, "edited", actor=district.owner)
        assert told() == []

    def test_a_whole_package_made_again_takes_the_place_and_the_old_one_stays(self, district: District) -> None:
        closed, _ = two_leaves(district)
        first = packed(district, checked=False)
        fire(closed, "revoke", actor=district.approver, note="证明是伪造的")
        second = packed(district, checked=False)
        assert services.standing(YEAR) == second
        assert told() == []
        assert file_of(first).exists()
        assert (first.number, second.number, second.base) == (1, 2, None)


@pytest.mark.real_services
def test_postgresql_answers_the_same(district: District) -> None:
    """One query for all kinds, whose columns must have the same types there."""
    closed, _ = two_leaves(district)
    packed(district, checked=False)
    with next_year():
        fire(closed, "revoke", actor=district.approver, note="证明是伪造的")
    filed = a_declaration(district, "withdrawn")
    key = Declaration._meta.label_lower
    assert told() == [("units.leave", closed.pk, "已归档"), (key, filed.pk, CAME_LATER)]


def test_the_last_event_is_that_of_everything_in_the_package(district: District) -> None:
    """What is looked for later is what lies in the history of the case: the same rows, found another way."""
    application = class_of(district.unit)
    trainee = enrol(application, person_in(district.unit))
    sign(trainee, application.opens_on, "morning", time_in=time(8, 30), time_out=None)
    sheet = HalfDaySheet.objects.create(application=application, date=application.opens_on, half_day="morning")
    kind, pk = kind_of(application), application.pk
    facts = {"kind": "x", "title": "通知", "year": YEAR, "dated": clock.today(), "case_type": kind.key, "case_id": pk}
    paper = Paper.objects.create(number="2026-X-1", state="issued", issued_at=clock.now(), sha256="0" * 64, **facts)
    package = Package.objects.create(year=YEAR, number=1, made_by=district.handler, state="failed")
    item = package.items.create(number=1, case_type=kind.key, case_id=pk, title="班")
    for row in (application, sheet, paper):
        event = record(row, "edited", actor=district.owner)
        [(archived, _)] = records_of(kind, [item], Offices(), {})
        assert archived.acts[-1].uid == str(event.uid)
        assert last_events(kind, [pk]) == {pk: event.pk}


def test_entries_are_counted_case_by_case(district: District) -> None:
    first, second = a_declaration(district, "accepted"), a_declaration(district, "accepted")
    [entry] = post(entries=[entry_of(first)], source=first, actor=district.handler)
    counter(entry=entry, reason="重复计入", actor=district.handler, source=second)
    assert LedgerEntry.objects.count() == 2
    kind = kind_of(first)
    assert entries_of(kind, [first.pk, second.pk]) == {first.pk: 2, second.pk: 1}


def test_the_page_of_a_year_does_not_grow_with_what_came_later(district: District) -> None:
    two_leaves(district)
    packed(district, checked=False)
    made: list[Any] = []

    def more() -> None:
        made.append(a_declaration(district, "withdrawn" if len(made) % 2 else "submitted"))

    with next_year():
        few, many = cost(district.handler, reverse("archive:year", args=[YEAR]), more)
    assert few == many
    assert many <= 20

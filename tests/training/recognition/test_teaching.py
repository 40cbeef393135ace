"""What lecturers taught, by the lessons of recognised classes, and the numbered proof of it (product.md C7)."""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from luojiang_ce import clock
from luojiang_ce.jobs.services import sweep
from luojiang_ce.papers.models import Paper, SealUse
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import Refused, fire
from tests.conftest import District
from tests.factories import person_in
from tests.training.classes.factories import a_lecturer
from tests.training.factories import class_of, enrol, taught
from tests.units.views.helpers import browser, workbook_rows
from training.classes.models import Lecturer, TeachingProof
from training.classes.proof_paper import outdated
from training.classes.services.proofs import draft_proof
from training.classes.teaching import in_year, why_none, with_hours, years_of
from training.recognition.models import CorrectionLine, Exclusion, RecognitionCorrection
from units.seals import load_bureau_seals

pytestmark = pytest.mark.notice("一(五)3")
State = TeachingProof.State
DAY = date(2026, 5, 11)


@pytest.fixture
def lecturer(district: District) -> Lecturer:
    return a_lecturer(district.unit)


def hours(lecturer: Lecturer, year: int = 2026) -> Decimal:
    return in_year(lecturer, year).hours


def asked(client, name: str) -> int:
    """How many queries a list makes."""
    with CaptureQueriesContext(connection) as found:
        client.get(reverse(f"classes:{name}"))
    return len(found)


class TestSums:
    """A class of two days has four half-days of four hours."""

    def test_recognised_lessons_are_added_up_by_subject(self, lecturer):
        course = taught(lecturer)
        taught(lecturer, state="partly", opens_on=date(2026, 9, 7))
        course.timetable.filter(date=DAY).update(subject="public")
        (year,) = years_of(lecturer)
        assert (year.year, year.public, year.professional, year.hours, year.classes) == (2026, 8, 24, 32, 2)

    @pytest.mark.parametrize("state", ["draft", "submitted", "returned", "checked", "refused"])
    def test_what_is_not_recognised_is_nothing(self, lecturer, state):
        taught(lecturer, state=state)
        assert years_of(lecturer) == []
        assert hours(lecturer) == 0

    def test_a_class_without_a_recognition_is_nothing(self, district, lecturer):
        class_of(district.unit).timetable.update(lecturer=lecturer)
        assert hours(lecturer) == 0

    def test_lessons_of_others_and_what_does_not_count_are_left_out(self, district, lecturer):
        course = taught(lecturer)
        first, second, *_ = course.timetable.all()
        course.timetable.filter(pk=first.pk).update(counts=False)
        course.timetable.filter(pk=second.pk).update(lecturer=a_lecturer(district.unit, "沈听澜"))
        assert hours(lecturer) == 8

    @pytest.mark.parametrize(
        ("day", "half_day", "left"),
        [(DAY, "morning", 12), (DAY, "", 8), (None, "morning", 8), (None, "", 0), (date(2026, 9, 1), "", 16)],
    )
    def test_half_days_that_were_refused_to_everybody_are_left_out(self, district, lecturer, day, half_day, left):
        course = taught(lecturer, state="partly")
        facts = {"recognition": course.recognition, "reason": "未按课程表授课", "decided_by": district.handler}
        Exclusion.objects.create(date=day, half_day=half_day, **facts)
        assert hours(lecturer) == left

    def test_what_one_trainee_did_not_get_was_taught_all_the_same(self, district, lecturer):
        course = taught(lecturer, state="partly")
        trainee = enrol(course, person_in(district.neighbour_unit))
        facts = {"reason": "代签", "decided_by": district.handler, "enrolment": trainee}
        Exclusion.objects.create(recognition=course.recognition, **facts)
        assert hours(lecturer) == 16

    @pytest.mark.parametrize(
        ("kinds", "left"),
        [(["excluded"], 12), (["excluded", "counted"], 16), (["whole"], 0), (["counted"], 16)],
    )
    def test_corrections_that_stand_are_followed_in_order_and_those_taken_back_are_not(
        self, district, lecturer, kinds, left
    ):
        course = taught(lecturer)
        made = []
        for number, kind in enumerate(kinds):
            correction = RecognitionCorrection.objects.create(
                recognition=course.recognition,
                unit=district.unit,
                by_bureau=True,
                reason="检查发现",
                state="corrected",
                decided_at=clock.now() + timedelta(minutes=number),
            )
            facts = {} if kind == "whole" else {"date": DAY, "half_day": "morning"}
            CorrectionLine.objects.create(correction=correction, kind=kind, reason="代签", **facts)
            made.append(correction)
        assert hours(lecturer) == left
        RecognitionCorrection.objects.update(state="undone")
        assert hours(lecturer) == 16

    def test_a_correction_of_one_trainee_changes_no_lesson(self, district, lecturer):
        course = taught(lecturer)
        facts = {"unit": district.unit, "reason": "检查发现", "state": "corrected", "decided_at": clock.now()}
        correction = RecognitionCorrection.objects.create(recognition=course.recognition, **facts)
        trainee = enrol(course, person_in(district.neighbour_unit))
        CorrectionLine.objects.create(
            correction=correction, kind="excluded", enrolment=trainee, date=DAY, reason="代签"
        )
        assert hours(lecturer) == 16

    def test_years_go_by_the_day_of_the_lesson(self, lecturer):
        taught(lecturer, opens_on=date(2026, 12, 31))
        assert [(year.year, year.hours) for year in years_of(lecturer)] == [(2027, 8), (2026, 8)]
        (row,) = with_hours(Lecturer.objects.as_listed(), 2027)
        assert row.hours == 8


class TestPages:
    def test_the_lecturers_page_and_list_and_workbook_say_it(self, district, lecturer):
        with clock.at(datetime(2026, 6, 1, 9, tzinfo=clock.SHANGHAI)):
            taught(lecturer)
            for account in (district.owner, district.colleague, district.handler):
                assert "经认定的授课" in browser(account).get(lecturer.get_absolute_url()).content.decode()
                assert "16.0 学时" in browser(account).get(reverse("classes:lecturers")).content.decode()
            rows = workbook_rows(browser(district.owner).get(reverse("classes:export_lecturers")))
        titles, line = rows[0], rows[1]
        assert line[titles.index("本年已认定授课学时")] == 16
        assert line[titles.index("上年已认定授课学时")] == 0

    def test_a_neighbour_sees_neither(self, district, lecturer):
        taught(lecturer)
        proof = draft_proof(lecturer=lecturer, year=2026, actor=district.owner)
        client = browser(district.neighbour)
        for address in (lecturer, proof):
            assert client.get(address.get_absolute_url()).status_code == 404
        assert client.get(reverse("classes:proof_new", args=[lecturer.pk])).status_code == 404

    def test_the_number_of_queries_does_not_grow(self, client, district):
        client.force_login(district.owner)
        counted = []
        for count in (3, 30):
            for number in range(count):
                someone = a_lecturer(district.unit, f"教师{'甲' * (number % 7 + 1)}{'乙' * (number + count)}")
                taught(someone)
                TeachingProof.objects.create(unit=district.unit, lecturer=someone, year=2026)
            counted.append([asked(client, name) for name in ("lecturers", "proofs")])
        assert counted[0] == counted[1]
        assert max(counted[1]) <= 12


class TestProof:
    def test_from_the_request_to_the_paper(self, district, lecturer):
        load_bureau_seals()
        course = taught(lecturer)
        client = browser(district.owner)
        client.post(reverse("classes:proof_new", args=[lecturer.pk]), {"year": 2026})
        case = TeachingProof.objects.get()
        fire(case, "submit", actor=district.owner)
        fire(case, "check", actor=district.handler)
        fire(case, "issue", actor=district.approver)
        sweep()
        paper = Paper.objects.of(case).get()
        with paper.file.open("rb") as file:
            content = file.read()
        if os.environ.get("SHOTS"):
            Path(os.environ["SHOTS"], "teaching-proof.pdf").write_bytes(content)
        said = "".join("".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())
        for words in ("授课证明", paper.number, lecturer.name, "共16学时", "2026年5月11日", course.title, paper.code):
            assert words in said, words
        assert (case.state, case.hours) == (State.ISSUED, 16)
        assert SealUse.objects.get(paper=paper).approver == district.approver.name
        assert lecturer.name not in str(paper.facts)
        assert client.get(paper.get_absolute_url()).status_code == 200
        assert browser(district.neighbour).get(paper.get_absolute_url()).status_code == 404

    def test_without_recognised_teaching_it_is_refused_with_the_classes_that_wait(self, district, lecturer):
        class_of(district.unit).timetable.update(lecturer=lecturer)
        with pytest.raises(NotPossible) as raised:
            draft_proof(lecturer=lecturer, year=2026, actor=district.owner)
        said = str(raised.value)
        assert "没有经认定学时的授课" in said
        assert "学时还没有认定，认定以后再申请" in said
        page = browser(district.owner).post(reverse("classes:proof_new", args=[lecturer.pk]), {"year": 2026})
        assert page.status_code == 422
        assert "学时还没有认定" in page.content.decode()

    def test_a_lecturer_in_no_timetable_is_told_apart(self, lecturer):
        assert "课程表里没有此教师计学时的课程" in why_none(lecturer, 2025)

    def test_a_recognition_that_is_gone_meanwhile_stops_every_step(self, district, lecturer):
        course = taught(lecturer)
        case = draft_proof(lecturer=lecturer, year=2026, actor=district.owner)
        steps = (("submit", district.owner), ("check", district.handler), ("issue", district.approver))
        for name, actor in steps:
            type(course.recognition).objects.update(state="refused")
            with pytest.raises(Refused, match="没有经认定学时的授课"):
                fire(case, name, actor=actor)
            type(course.recognition).objects.update(state="recognised")
            fire(case, name, actor=actor)

    def test_asking_twice_leads_to_the_same_request(self, district, lecturer):
        taught(lecturer)
        asked = [draft_proof(lecturer=lecturer, year=2026, actor=district.owner) for _ in range(2)]
        assert asked[0] == asked[1]
        fire(asked[0], "cancel", actor=district.owner)
        assert draft_proof(lecturer=lecturer, year=2026, actor=district.colleague) != asked[0]

    def test_proofs_of_any_years_are_looked_at_in_two_queries(self, district, lecturer, django_assert_num_queries):
        taught(lecturer)
        taught(lecturer, opens_on=date(2025, 5, 12))
        facts = {"lecturer": lecturer, "unit": lecturer.unit, "state": State.ISSUED, "created_by": district.owner}
        said = {2025: Decimal(8), 2026: Decimal(24), 2024: Decimal(0)}
        cases = [TeachingProof.objects.create(year=year, hours=told, **facts) for year, told in said.items()]
        papers = [Paper(pk=case.year, case_id=case.pk) for case in cases]
        with django_assert_num_queries(2):
            found = outdated(papers)
        assert found == {year for year in said if hours(lecturer, year) != said[year]} == {2025, 2026}

    def test_hours_that_are_corrected_later_put_the_paper_in_review_until_it_is_revoked(self, district, lecturer):
        course = taught(lecturer)
        case = draft_proof(lecturer=lecturer, year=2026, actor=district.owner)
        for name, actor in (("submit", district.owner), ("check", district.handler), ("issue", district.approver)):
            fire(case, name, actor=actor)
        sweep()
        paper = Paper.objects.of(case).get()
        check = browser(district.neighbour).get(f"/check/{paper.code}/").content.decode()
        assert "复核中" not in check
        facts = {"recognition": course.recognition, "reason": "未按课程表授课", "decided_by": district.handler}
        Exclusion.objects.create(date=DAY, **facts)
        assert "复核中" in browser(district.neighbour).get(f"/check/{paper.code}/").content.decode()
        assert "认定后来有更正" in browser(district.handler).get(case.get_absolute_url()).content.decode()
        fire(case, "revoke", actor=district.approver, note="学时认定已更正")
        paper.refresh_from_db()
        assert paper.state == Paper.State.REVOKED
        assert hours(lecturer) == 8
        draft_proof(lecturer=lecturer, year=2026, actor=district.owner)

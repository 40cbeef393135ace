"""The clerk's list: who can be made whole by which open classes, enrolled with one click; what is refused is named."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
import time_machine

from luojiang_ce import clock
from luojiang_ce.clock import SHANGHAI
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import run
from tests.conftest import District
from tests.factories import UnitFactory, person_in
from tests.queries import statements
from tests.training.factories import class_of, enrol
from tests.verification.declarations.cases import declaration_of
from tests.verification.ledger.entries import a_source, hours, posted
from training.classes.models import ClassApplication, Enrolment, TimetableRow, Waiting
from training.recognition.models import Ruling, RulingLine
from units.models import Person
from verification.shortfalls import overview, planning
from verification.shortfalls.offers import as_shown, ground_of, propose
from verification.shortfalls.overview import everybody
from verification.shortfalls.planner import Method, Plan
from verification.verdicts import assessments

pytestmark = pytest.mark.django_db
DECEMBER = date(2026, 12, 2)


@pytest.fixture(autouse=True)
def _in_november():
    with time_machine.travel(datetime(2026, 11, 24, 9, tzinfo=SHANGHAI), tick=False):
        yield


@pytest.fixture
def short(district) -> Person:
    """8 professional hours are missing."""
    return with_hours(district, "韩砚青", "52")


def with_hours(district: District, name: str, professional: str, public: str = "30") -> Person:
    person = person_in(district.unit, name)
    posted(a_source(), district.handler, hours(person, professional), hours(person, public, subject="public"))
    return person


def a_class(district: District, title: str = "仓储技术班", opens_on: date = DECEMBER, **facts) -> ClassApplication:
    """A day with 8 professional hours, of the neighbour."""
    return class_of(district.neighbour_unit, title=title, opens_on=opens_on, days=1, **facts)


def proposal(district: District, year: int = 2026):
    return propose(everybody(district.unit, year).years, year, clock.now())


def why(district: District) -> str:
    (left,) = proposal(district).left
    return left.why


class Page:
    def __init__(self, client, district: District) -> None:
        self.client, self.district = client, district
        client.force_login(district.owner, backend="django.contrib.auth.backends.ModelBackend")
        self.address = f"/shortfalls/{district.unit.pk}/plan/"

    def read(self) -> str:
        return self.client.get(self.address).content.decode()

    def enrol(self, *picks: str, **more: str) -> str:
        return self.client.post(self.address, {"picks": picks, **more}, follow=True).content.decode()

    def enrol_all(self, **more: str) -> str:
        return self.enrol(*(row.sent for row in proposal(self.district).rows), **more)


@pytest.fixture
def page(client, district) -> Page:
    return Page(client, district)


class TestProposal:
    def test_the_class_that_gives_what_is_missing(self, district, short):
        course = a_class(district)
        found = proposal(district)
        (row,) = found.rows
        assert (row.year.person, row.sent) == (short, f"{short.pk}:{course.pk}")
        assert found.offers[0].given == "专业科目 8.0 学时"

    def test_one_class_that_does_it_rather_than_two(self, district, short):
        for day in (3, 4):
            half = a_class(district, f"半天班{day}", date(2026, 12, day))
            half.timetable.filter(half_day="afternoon").delete()
        whole = a_class(district)
        assert [offer.case for offer in proposal(district).offers] == [whole]

    def test_public_hours_do_not_make_up_for_professional_ones(self, district, short):
        a_class(district).timetable.update(subject="public")
        assert proposal(district).rows == []
        assert why(district) == "开放的班全部算上（含名额已满的）也还差：专业科目 8.0"

    def test_what_is_on_its_way_is_not_planned_again(self, district, short):
        enrol(a_class(district), short)
        a_class(district, "另一个班", date(2026, 12, 9))
        assert proposal(district).rows == proposal(district).left == []

    def test_a_class_beside_an_own_one(self, district, short):
        own = class_of(district.unit, opens_on=DECEMBER, days=1)
        own.timetable.update(subject="public")
        enrol(own, short)
        a_class(district)
        assert why(district) == "能补的班与本人已报的班同一半日：仓储技术班（第1期）（12月2日上午）"

    def test_no_place_is_left(self, district, short):
        enrol(a_class(district, people=1), person_in(district.neighbour_unit))
        assert why(district) == "要报名额已满的班：仓储技术班（第1期），可列入候补"

    def test_a_place_that_somebody_waits_for_is_none(self, district, short):
        course, other = a_class(district, people=1), person_in(district.neighbour_unit)
        Waiting.objects.create(
            application=course, person=other, unit=district.neighbour_unit, added_by=district.neighbour
        )
        assert why(district) == "要报名额已满的班：仓储技术班（第1期），可列入候补"

    def test_the_class_that_is_full_is_named_and_what_the_others_leave(self, district):
        """32 hours are missing: a class with places gives 8, the one that gives 24 is full."""
        with_hours(district, "薛景明", "28")
        a_class(district)
        full = class_of(district.neighbour_unit, title="水库安全班", opens_on=date(2026, 12, 9), days=3, people=1)
        enrol(full, person_in(district.neighbour_unit))
        told = "有名额的班都报上也还差：年度总学时 24.0，专业科目 24.0；还要报名额已满的班"
        assert why(district) == f"{told}：水库安全班（第1期），可列入候补"
        other = class_of(district.neighbour_unit, title="另一个满的班", opens_on=date(2026, 12, 16), days=3, people=1)
        enrol(other, person_in(district.neighbour_unit))
        assert why(district) == f"{told}，如水库安全班（第1期），可列入候补"

    def test_places_that_others_of_the_list_take_are_said_to_be_theirs(self, district, short):
        with_hours(district, "白若谷", "52")
        a_class(district, people=1)
        found = proposal(district)
        assert len(found.rows) == 1
        assert [each.why for each in found.left] == ["名额已排给方案里的其他人：仓储技术班（第1期）（余 1 个）"]

    def test_what_falls_into_the_next_year_is_said(self, district, page, short):
        class_of(district.neighbour_unit, title="跨年班", opens_on=date(2026, 12, 31), days=2)
        (offer,) = proposal(district).offers
        assert (offer.given, offer.given_later) == (
            "专业科目 8.0 学时",
            "另有专业科目 8.0 学时计入 2027 年度",
        )
        assert "计入 2026 年度：专业科目 8.0 学时（另有专业科目 8.0 学时计入 2027 年度）" in page.read()

    def test_hours_that_nobody_has_accepted_are_said_to_be_that(self, district, page, short):
        """What was sent back is on no way: it counts nowhere and is shown."""
        both = with_hours(district, "白若谷", "44")
        facts = {"amount": Decimal(8), "year": 2026, "state": "submitted"}
        declaration_of(district.unit, both, title="远程课程", **facts)
        declaration_of(district.unit, short, title="退回的课程", **facts | {"state": "returned"})
        a_class(district)
        found = {row.year.person: row.year for row in proposal(district).rows}
        assert (found[both].awaited, found[both].awaited_notes) == (Decimal(8), ["其中 8.0 尚待审核"])
        assert (found[short].awaited, found[short].awaited_notes) == (Decimal(0), ["另有 8.0 退回补正，未计入"])
        html = page.read()
        assert "8.0 学时，退回的课程，学时申报 退回补正" in html
        assert html.count("<details") >= 2

    def test_whether_it_is_for_them_is_asked_once_at_the_class(self, district, page, short):
        a_class(district, audience="农业技术人员")
        with_hours(district, "白若谷", "52")
        assert page.read().count("对象：农业技术人员，请核对所报的人是否属于") == 1

    def test_those_who_are_left_declare_together(self, district, page, short):
        with_hours(district, "白若谷", "52")
        html = page.read()
        assert html.count('form="declare" data-tick') == 2
        assert "?person=" not in html
        sent = {"cases": [f"units.person:{short.pk}"], "back": page.address}
        chosen = page.client.post("/declarations/new/many/", sent).content.decode()
        assert "韩砚青" in chosen
        assert "白若谷" not in chosen

    def test_who_waits_for_the_only_class_that_helps_is_told_so(self, district, short):
        course = a_class(district, people=1)
        enrol(course, person_in(district.neighbour_unit))
        Waiting.objects.create(application=course, person=short, unit=district.unit, added_by=district.owner)
        assert why(district) == "除已报名、已列入候补的以外，没有开放的班能补：年度总学时、专业科目"

    def test_a_list_without_proof_does_not_say_that_places_are_missing(self, district, short):
        a_class(district)
        ground = ground_of(everybody(district.unit, 2026).years, 2026, clock.now())
        shown = as_shown(ground, Plan({}, Method.UNPROVED), 2026)
        assert [each.why for each in shown.left] == ["这一次没有排上，也许还有别的排法"]
        assert "没有证明" in shown.plan.method.label

    def test_not_enough_even_with_everything(self, district):
        with_hours(district, "薛景明", "20")
        a_class(district)
        assert why(district).startswith("开放的班全部算上（含名额已满的）也还差：")
        assert why(district).count("32.0") == 2

    def test_a_class_that_runs_gives_what_is_ahead(self, district, short):
        running = a_class(district, opens_on=date(2026, 11, 24))  # the morning has begun
        assert proposal(district).rows == []
        TimetableRow.objects.filter(application=running, half_day="afternoon").update(hours=8)
        found = proposal(district)
        assert found.needs_reason
        assert found.offers[0].has_begun

    def test_classes_that_take_nobody(self, district, short):
        for state in ("submitted", "cancelled", "refused"):
            a_class(district, state=state)
        a_class(district, opens_on=date(2026, 11, 20))
        assert why(district).startswith("没有开放的班能补")

    @pytest.mark.notice("一(五)4")
    def test_a_class_that_was_ruled_out_is_no_offer(self, district, short):
        """学时不予认定, decided before the class is over; nothing comes of being in it, either."""
        course = a_class(district)
        facts = {"case_type": "training_decisions.decision", "case_id": 1, "number": "2026-JC-0001"}
        ruling = Ruling.objects.create(
            application=course, decided_at=clock.now(), decided_by=district.approver, reason="弄虚作假", **facts
        )
        RulingLine.objects.create(ruling=ruling, kind="excluded")
        assert proposal(district).rows == []
        enrol(course, short)
        assert everybody(district.unit, 2026).years[0].standing == "short"

    def test_a_class_of_the_next_year_does_not_count(self, district, short):
        a_class(district, opens_on=date(2027, 1, 6))
        assert proposal(district).rows == []

    def test_after_the_year_no_class_helps(self, district, short):
        a_class(district, opens_on=date(2027, 1, 20))
        with time_machine.travel(datetime(2027, 1, 12, 9, tzinfo=SHANGHAI), tick=False):
            (left,) = proposal(district).left
        assert left.why == "2026 年已过，现在开放的班不计入这一年度"

    def test_credits_up_to_the_cap_of_remote_ones(self, district):
        hospital = UnitFactory(nature="medical", medical_level="second")
        doctor = person_in(hospital, "柳见青", category="medical")
        facts = {"measure": "credits", "subject": "class_2"}
        known = hours(doctor, "12", **facts), hours(doctor, "8", form="remote", course="远程课", **facts)
        posted(a_source(), district.handler, *known)
        a_class(district, "远程班", form="remote", measure="credits", credits={"class_2": "6"})
        assert propose(everybody(hospital, 2026).years, 2026, clock.now()).rows == []
        a_class(district, "面授班", date(2026, 12, 9), measure="credits", credits={"class_1": "5"})
        found = propose(everybody(hospital, 2026).years, 2026, clock.now())
        assert [offer.case.title for offer in found.offers] == ["面授班"]

    def test_an_unset_figure_plans_nothing(self, district):
        """Of public hours there are hardly any, and nobody has said how many are asked for."""
        with_hours(district, "王小明", "90", "1")
        a_class(district).timetable.update(subject="public")
        assert proposal(district).rows == proposal(district).left == []

    def test_as_many_queries_for_30_as_for_3(self, client, district, page):
        counts = []
        for number in (3, 27):
            for n in range(number):
                enrol(class_of(district.neighbour_unit, opens_on=DECEMBER), with_hours(district, f"人员{n}", "20"))
                a_class(district, f"班{n}", date(2026, 12, 9))
            with statements() as queries:
                page.read()
            counts.append(len(queries))
        assert counts[0] == counts[1], counts


class TestMany:
    @pytest.fixture(autouse=True)
    def _few_are_many(self, monkeypatch):
        monkeypatch.setattr(planning, "AT_ONCE", 0)

    def test_the_worker_plans_and_the_clerk_enrols(self, district, page, short):
        a_class(district)
        assert "在后台进行" in page.read()
        assert page.client.post(f"{page.address}later/").status_code == 302
        job = Job.objects.get(kind=planning.KIND)
        assert run(job.pk)
        job.refresh_from_db()
        assert job.message == "排出 1 个班，可补齐 1 人"
        html = page.client.get(job.result_url).content.decode()
        assert "最少 1 个班" in html
        page.enrol_all()
        assert Enrolment.objects.get().person == short
        assert "补齐 1 人" not in page.client.get(job.result_url).content.decode()

    def test_who_was_never_counted_is_counted_first(self, district, page, short, monkeypatch):
        monkeypatch.setattr(overview, "AT_ONCE", 0)
        a_class(district)
        assert "还没有计算过各人的达标情况" in page.read()
        page.client.post(f"{page.address}later/")
        job = Job.objects.get(kind=planning.KIND)
        assert run(job.pk)
        job.refresh_from_db()
        assert job.message == "排出 1 个班，可补齐 1 人"
        html = page.client.get(job.result_url).content.decode()
        assert "最少 1 个班" in html
        assert "计算时还差的人" in html

    def planned(self, page) -> Job:
        page.client.post(f"{page.address}later/")
        assert run(Job.objects.get(kind=planning.KIND).pk)
        return Job.objects.get(kind=planning.KIND)

    def test_places_that_went_after_it_was_planned_are_not_promised(self, district, page, short):
        with_hours(district, "白若谷", "52")
        course = a_class(district, people=2)
        job = self.planned(page)
        assert "最少 1 个班，补齐 2 人" in page.client.get(job.result_url).content.decode()
        enrol(course, person_in(district.neighbour_unit))
        html = page.client.get(job.result_url).content.decode()
        assert "2 人还差，1 人已排上" in html
        assert "排出 1 个班，补齐 1 人" in html
        assert "现在补不齐的人已去掉，不一定还是最少的" in html
        assert "这一次没有排上，也许还有别的排法" in html
        assert "重新排" in html
        assert "最少 1 个班" not in html

    def test_who_is_short_since_was_not_planned_for_and_nobody_says_that_nothing_helps(self, district, page, short):
        a_class(district)
        job = self.planned(page)
        with_hours(district, "白若谷", "52")
        html = page.client.get(job.result_url).content.decode()
        assert "没有排上的 1 人" in html
        assert "名额不够" not in html

    def test_nothing_that_helps_is_said_as_that(self, district, page, short):
        assert self.planned(page).message == "没有排得出的班"
        html = page.client.get(Job.objects.get().result_url).content.decode()
        assert "1 人还差，0 人补得齐" in html
        assert "2026 年度补不齐的 1 人" in html
        assert "没有开放的班能补" in html

    def test_what_a_colleague_had_planned_is_not_shown(self, client, district, page, short):
        a_class(district)
        page.client.post(f"{page.address}later/")
        job = Job.objects.get(kind=planning.KIND)
        run(job.pk)
        job.refresh_from_db()
        client.force_login(district.colleague, backend="django.contrib.auth.backends.ModelBackend")
        assert "在后台进行" in client.get(job.result_url).content.decode()
        for found in ("x", "", "1"):
            assert client.get(page.address, {"found": found}).status_code == 200


class TestEnrolling:
    def test_one_click_enrols_and_everybody_is_on_the_way(self, district, page, short):
        course = a_class(district)
        html = page.read()
        assert "最少 1 个班" in html
        assert "已证明补齐的人最多，其次班数最少" in html
        assert "已报名 1 人次" in page.enrol_all()
        row = Enrolment.objects.get(application=course)
        assert (row.person, row.agreement) == (short, "agreed")
        html = page.read()
        assert "没有还差学时" in html
        assert f'href="/classes/open/{course.pk}/"' in html
        assert "1 人：韩砚青" in html

    def test_what_the_list_promises_the_verdict_keeps(self, district, page, short):
        """Once the class is over and its hours are in the ledger."""
        a_class(district)
        (row,) = proposal(district).rows
        posted(
            a_source(), district.handler, *(hours(short, str(e.amount), subject=e.subject) for e in row.offers[0].gives)
        )
        assert assessments([short], 2026)[short.pk].outcome == "met"

    def test_a_second_click_changes_nothing(self, district, page, short):
        a_class(district)
        sent = [row.sent for row in proposal(district).rows]
        page.enrol(*sent)
        assert "勾选的人都已在名单里" in page.enrol(*sent)
        assert Enrolment.objects.count() == 1

    def test_who_is_not_ticked_is_not_enrolled(self, district, page, short):
        with_hours(district, "白若谷", "52")
        a_class(district)
        page.enrol(next(row.sent for row in proposal(district).rows if row.year.person == short))
        assert [row.person for row in Enrolment.objects.all()] == [short]

    def test_places_that_went_meanwhile_are_named(self, district, page, short):
        with_hours(district, "白若谷", "52")
        course = a_class(district, people=3)
        sent = [row.sent for row in proposal(district).rows]
        for name in ("孟归鸿", "陆怀远"):
            enrol(course, person_in(district.neighbour_unit, name))
        html = page.enrol(*sent)
        assert "2 人没有报上" in html
        assert "只剩 1 个名额" in html
        assert Enrolment.objects.filter(person=short).count() == 0

    def test_one_class_that_refuses_does_not_keep_the_others(self, district, page):
        both = with_hours(district, "薛景明", "44")
        one, other = a_class(district, "甲班"), a_class(district, "乙班", date(2026, 12, 9))
        sent = [row.sent for row in proposal(district).rows]
        ClassApplication.objects.filter(pk=one.pk).update(state="not_held")
        html = page.enrol(*sent)
        assert "已报名 1 人次" in html
        assert "甲班（第1期），1 人没有报上" in html
        assert Enrolment.objects.get().application == other
        assert Enrolment.objects.get().person == both

    @pytest.mark.parametrize("state", ["draft", "submitted", "returned", "checked", "refused", "cancelled"])
    def test_a_guessed_number_tells_nothing_of_a_class(self, district, page, short, state):
        secret = class_of(district.neighbour_unit, title="不该知道的班", opens_on=DECEMBER, days=1)
        ClassApplication.objects.filter(pk=secret.pk).update(state=state)
        html = page.enrol(f"{short.pk}:{secret.pk}", f"{short.pk}:999999")
        assert "2 个班不能报名" in html
        assert "不该知道的班" not in html
        assert not Enrolment.objects.exists()

    def test_who_sits_elsewhere_by_now_is_left_out_by_name(self, district, page, short):
        a_class(district)
        sent = [row.sent for row in proposal(district).rows]
        elsewhere = class_of(district.unit, title="同时的班", opens_on=DECEMBER, days=1)
        enrol(elsewhere, short)
        html = page.enrol(*sent)
        assert "韩砚青同一半日另有" in html
        assert Enrolment.objects.get().application == elsewhere

    def test_who_has_left_the_unit_by_now_is_counted_and_not_said_to_be_on_the_list(self, district, page, short):
        a_class(district)
        sent = [row.sent for row in proposal(district).rows]
        short.employments.update(ended_on=date(2026, 11, 23), end_reason="left")
        html = page.enrol(*sent)
        assert "1 人已不在本单位任职，没有报名" in html
        assert "都已在名单里" not in html

    def test_late_ones_come_with_a_reason(self, district, page, short):
        running = a_class(district, opens_on=date(2026, 11, 24))
        TimetableRow.objects.filter(application=running, half_day="afternoon").update(hours=8)
        assert "补报原因" in page.read()
        assert "补报须写明原因" in page.enrol_all(late_reason=" ")
        page.enrol_all(late_reason="下乡刚回")
        assert Enrolment.objects.get().late_reason == "下乡刚回"

    def test_nobody_of_another_unit_is_enrolled(self, district, page, short):
        stranger, course = person_in(district.neighbour_unit, "孟归鸿"), a_class(district)
        page.enrol(f"{stranger.pk}:{course.pk}")
        assert not Enrolment.objects.exists()

    @pytest.mark.parametrize("sent", ["", "x", "1", "1:", ":1", "1:2-", "99999999999999999999:1"])
    def test_what_is_no_pick_is_refused(self, district, page, short, sent):
        answer = page.client.post(page.address, {"picks": sent})
        assert answer.status_code == 422
        assert "还没有勾选" in answer.content.decode()

    def test_the_neighbour_finds_no_page(self, client, district, short):
        client.force_login(district.neighbour, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get(f"/shortfalls/{district.unit.pk}/plan/").status_code == 404
        assert client.get(f"/shortfalls/{district.unit.pk}/").status_code == 404

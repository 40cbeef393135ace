"""How people stand: as their ledger says, with what is on its way; counted by unit; the same however many."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
import time_machine
from django.urls import reverse
from openpyxl import load_workbook

from luojiang_ce import clock
from luojiang_ce.clock import SHANGHAI
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import run
from luojiang_ce.notices.models import Notice
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.factories import UnitFactory, person_in
from tests.queries import statements
from tests.training.factories import class_of, enrol, recognition_of, sign_all
from tests.verification.batches.samples import a_batch, staff
from tests.verification.declarations.cases import declaration_of
from tests.verification.ledger.entries import a_source, hours, posted
from units.extensions.reading import current_terms
from units.models import Leave, StudyPeriod
from verification.batches import owing
from verification.ledger.registry import standings_for
from verification.shortfalls import overview, services
from verification.shortfalls.models import Filing, Reminder, Standing, StandingLine
from verification.verdicts import verdicts

pytestmark = pytest.mark.django_db
OVERVIEW = "/shortfalls/"


@pytest.fixture(autouse=True)
def _in_november():
    with time_machine.travel(datetime(2026, 11, 24, 9, tzinfo=SHANGHAI), tick=False):
        yield


def with_hours(district: District, name: str, professional: str = "60", public: str = "30", unit=None):
    person = person_in(unit or district.unit, name)
    posted(a_source(), district.handler, hours(person, professional), hours(person, public, subject="public"))
    return person


def stands(district: District, person, year: int = 2026):
    found = overview.everybody(person.employments.get().unit, year)
    return next(each for each in found.years if each.person == person)


def read(client, account, address, **query):
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(address, query)
    assert answer.status_code == 200
    return answer.content.decode()


class TestStanding:
    def test_met_and_short_as_the_ledger_says(self, district):
        met, short = with_hours(district, "王小明"), with_hours(district, "韩砚青", "44")
        assert stands(district, met).standing is Standing.MET
        found = stands(district, short)
        assert (found.standing, found.gap) == (Standing.SHORT, 16)
        shown = verdicts([short], 2026)[short.pk]
        assert found.verdict == shown
        assert "差 16.0" in found.missing

    def test_the_same_as_on_the_page_of_the_ledger_for_every_kind_of_person(self, client, district):
        clinic = UnitFactory(nature="medical", medical_level="first", supervisor=district.health)
        doctor, teacher = person_in(clinic, "柳见青", category="medical"), person_in(district.unit, category="teacher")
        StudyPeriod.objects.create(person=doctor, kind="tenure", first_year=2024, last_year=2026)
        StudyPeriod.objects.create(person=teacher, kind="cycle", first_year=2022, last_year=2026)
        credits = hours(doctor, "9", subject="class_2", measure="credits")
        posted(a_source(), district.handler, credits, hours(teacher, "12", subject="public", course="师德修养"))
        for person in (doctor, teacher):
            found = stands(district, person)
            assert found.standing is Standing.SHORT
            assert found.verdict == standings_for([person], 2026)[person.pk].verdict
            page = read(client, district.handler, f"/ledger/people/{person.pk}/", year="2026")
            rows = [row.conclusion for row in found.verdict.rows if row.css == "unmet"]
            assert rows
            assert all(each in page and each in found.missing for each in rows)

    def test_a_class_that_one_is_in_is_on_its_way(self, district):
        short = with_hours(district, "韩砚青", "52")
        enrol(class_of(district.unit, opens_on=date(2026, 12, 2), days=1), short)
        found = stands(district, short)
        assert (found.standing, found.awaited) == (Standing.ON_ITS_WAY, 8)
        assert "已报名，按全勤预计" in found.awaited_said

    def test_what_was_missed_of_a_class_does_not_come(self, district):
        """Two of four half-days are over, and nobody signed in them."""
        short = with_hours(district, "韩砚青", "48")
        enrol(class_of(district.unit, opens_on=date(2026, 11, 23)), short)
        found = stands(district, short)
        assert found.awaited == 4  # this afternoon alone: the morning has begun
        assert found.standing is Standing.SHORT

    def test_a_class_under_recognition_counts_by_its_signs(self, district):
        short, other = with_hours(district, "韩砚青", "52"), with_hours(district, "薛景明", "52")
        course = class_of(district.unit, opens_on=date(2026, 11, 10), days=1)
        sign_all(course, [enrol(course, short)])
        enrol(course, other)
        recognition_of(course, state="submitted")
        assert stands(district, short).standing is Standing.ON_ITS_WAY
        assert stands(district, other).standing is Standing.SHORT

    def test_a_class_whose_time_is_over_brings_nothing(self, district):
        short = with_hours(district, "韩砚青", "52")
        course = class_of(district.unit, opens_on=date(2026, 5, 11), days=1)
        sign_all(course, [enrol(course, short)])
        assert stands(district, short).standing is Standing.SHORT

    def test_a_declaration_that_waits_is_on_its_way(self, district):
        short = with_hours(district, "韩砚青", "20")
        declaration_of(district.unit, short, amount=Decimal(40), state="submitted")
        assert stands(district, short).standing is Standing.ON_ITS_WAY

    def test_on_leave_on_the_last_day(self, district):
        away = with_hours(district, "夏知远", "20")
        facts = {"starts_on": date(2026, 9, 1), "ends_on": date(2027, 6, 30), "state": "approved"}
        Leave.objects.create(person=away, unit=district.unit, reason="sickness", **facts)
        assert stands(district, away).standing is Standing.ON_LEAVE

    def test_who_is_on_leave_on_the_last_day_is_excused_whatever_the_verdict(self, client, district):
        """Whether it is met, goes on, or nobody could judge it: nobody is asked for the year (notice 二(三)2)."""
        hospital = UnitFactory(nature="medical", medical_level="third", supervisor=district.health)
        met, unjudged = with_hours(district, "夏知远"), person_in(hospital, "柳见青", category="medical")
        for person in (met, unjudged):
            unit = person.employments.get().unit
            facts = {"starts_on": date(2026, 9, 1), "ends_on": date(2027, 6, 30), "state": "approved"}
            Leave.objects.create(person=person, unit=unit, reason="sickness", **facts)
        with time_machine.travel(datetime(2027, 1, 12, 9, tzinfo=SHANGHAI), tick=False):
            found = [stands(district, each) for each in (met, unjudged)]
            assert [each.standing for each in found] == [Standing.MET, Standing.UNDETERMINED]
            assert {each.filing for each in found} == {Filing.EXCUSED}
            assert [tally.overdue for tally in overview.tallies_of([district.unit, hospital], 2026)] == [0, 0]
            page = read(client, district.owner, f"{OVERVIEW}{district.unit.pk}/", year="2026", filing="excused")
            assert "报送截止日在长期离岗" in page
            assert services.remind(units=[district.unit], year=2026, actor=district.handler).nobody_short

    def test_who_came_after_the_last_day_is_excused_as_where_rosters_are_owed(self, district):
        late = with_hours(district, "夏知远", "20")
        late.employments.update(started_on=date(2027, 4, 1))
        late.employments.create(unit=district.neighbour_unit, started_on=date(2020, 1, 1), ended_on=date(2027, 3, 31))
        with time_machine.travel(datetime(2027, 4, 12, 9, tzinfo=SHANGHAI), tick=False):
            found = overview.everybody(district.unit, 2026).years[0]
            assert (found.standing, found.filing) == (Standing.SHORT, Filing.EXCUSED)
            assert found.why_not_filed == "报送期限过后才到本单位或登记"
            assert overview.tallies_of([district.unit], 2026)[0].overdue == 0
            terms = current_terms()
            assert owing.excused(district.unit, 2026, [late], terms, clock.now()) == {found.why_not_filed: ["夏知远"]}
            assert owing.Missing({district.unit.pk: district.unit}, 2026, terms, clock.now()).groups == []

    def test_nobody_is_judged_without_a_rule_or_a_figure(self, district):
        hospital = UnitFactory(nature="medical", medical_level="third")
        doctor = person_in(hospital, "柳见青", category="medical")
        found = stands(district, doctor)
        assert (found.standing, found.missing) == (Standing.UNDETERMINED, "")
        assert "未设定" in stands(district, with_hours(district, "王小明", "90", "1")).unset

    def test_a_year_that_was_passed_although_it_is_short(self, district):
        people = staff(district.unit, 2, met=False)
        batch = a_batch(district, "decided", people=people)
        batch.records.filter(person=people[0]).update(waived_by=district.approver)
        assert stands(district, people[0]).standing is Standing.WAIVED
        assert stands(district, people[1]).standing is Standing.SHORT

    def test_filing_follows_the_yearly_record(self, district):
        filed, drafted, left = staff(district.unit, 3)
        a_batch(district, "submitted", people=[filed])
        assert stands(district, filed).filing is Filing.FILED
        a_batch(district, "draft", people=[drafted])
        assert {stands(district, each).filing for each in (drafted, left)} == {Filing.NONE}
        filed.records.update(state="given_up")
        assert stands(district, filed).filing is Filing.GIVEN_UP

    def test_who_left_is_not_counted(self, district):
        gone = with_hours(district, "孟归鸿", "20")
        gone.employments.update(ended_on=date(2026, 6, 30))
        assert overview.everybody(district.unit, 2026).lines == []


class TestPages:
    def test_the_clerk_sees_the_people_of_the_unit(self, client, district):
        with_hours(district, "王小明")
        short = with_hours(district, "韩砚青", "44")
        with_hours(district, "孟归鸿", "20", unit=district.neighbour_unit)
        client.force_login(district.owner, backend="django.contrib.auth.backends.ModelBackend")
        answer = client.get(OVERVIEW, follow=True)
        html = answer.content.decode()
        assert answer.redirect_chain == [(f"{OVERVIEW}{district.unit.pk}/?year=2026", 302)]
        assert "差 16.0" in html
        assert "孟归鸿" not in html
        assert reverse("ledger:person", args=[short.pk]) in html
        assert "补学方案" in html

    def test_filters_and_sorts(self, client, district):
        far, near, met = (
            with_hours(district, name, amount)
            for name, amount in (("薛景明", "20"), ("韩砚青", "44"), ("王小明", "60"))
        )
        address = f"{OVERVIEW}{district.unit.pk}/"
        html = read(client, district.owner, address)
        assert html.index(far.name) < html.index(near.name) < html.index(met.name)
        html = read(client, district.owner, address, sort="gap")
        assert html.index(met.name) < html.index(near.name) < html.index(far.name)
        html = read(client, district.owner, address, standing="short", q="HYQ")
        assert near.name in html
        assert far.name not in html
        assert met.name in read(client, district.owner, address, standing="met")
        assert "没有符合条件的" in read(client, district.owner, address, filing="given_up")
        html = read(client, district.owner, address, q="HYQ", standing="x", unit="x")
        assert far.name not in html  # of what makes no sense the rest still counts
        own, other = district.unit.short, district.neighbour_unit
        with_hours(district, "陆怀远", "20", unit=other)
        table = read(client, district.handler, OVERVIEW, q=other.name).split("<tbody>")[1].split("</tbody>")[0]
        assert other.short in table
        assert own not in table

    @pytest.mark.parametrize("query", ["year=x", "year=1999", "standing=x", "sort=x", "page=-1", "unit=x", "filing=1"])
    def test_a_query_that_makes_no_sense_does_no_harm(self, client, district, query):
        with_hours(district, "韩砚青", "44")
        for who, address in ((district.handler, OVERVIEW), (district.owner, f"{OVERVIEW}{district.unit.pk}/")):
            read(client, who, f"{address}?{query}")
            client.get(f"{OVERVIEW}export/?{query}")

    def test_the_bureau_sees_units_with_their_numbers_the_worst_first(self, client, district):
        with_hours(district, "王小明")
        for name in ("韩砚青", "薛景明"):
            with_hours(district, name, "20", unit=district.neighbour_unit)
        html = read(client, district.handler, OVERVIEW)
        own, other = district.unit.short, district.neighbour_unit.short
        table = html[html.index("<tbody>") :]
        assert table.index(other) < table.index(own)
        assert own not in read(client, district.handler, OVERVIEW, who="short").split("<tbody>")[1].split("</tbody>")[0]

    def test_a_reviewer_sees_the_own_system_alone(self, client, district):
        hospital = UnitFactory(name="洛江区松溪卫生院", nature="medical", supervisor=district.health)
        person_in(hospital, "柳见青", category="medical")
        with_hours(district, "王小明")
        html = read(client, district.health_reviewer, OVERVIEW)
        assert hospital.name in html
        assert district.unit.name not in html.split("<tbody>")[1]
        assert "柳见青" in read(client, district.health_reviewer, f"{OVERVIEW}{hospital.pk}/")
        assert "催办" not in read(client, district.health_reviewer, f"{OVERVIEW}{hospital.pk}/").split("<main")[1]
        for address in (f"{OVERVIEW}{district.unit.pk}/", f"{OVERVIEW}{hospital.pk}/plan/"):
            assert client.get(address).status_code == 404
        client.force_login(district.education_reviewer, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get(f"{OVERVIEW}{hospital.pk}/").status_code == 404

    def test_the_clerk_of_a_supervising_unit_sees_its_own_people(self, client, district):
        hospital = UnitFactory(supervisor=district.unit)
        person_in(hospital, "柳见青")
        client.force_login(district.owner, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get(f"{OVERVIEW}{hospital.pk}/").status_code == 404
        assert client.get(f"{OVERVIEW}{hospital.pk}/plan/").status_code == 404

    @pytest.mark.parametrize("who", ["owner", "handler"])
    def test_as_many_queries_for_30_as_for_3(self, client, district, who):
        counts = []
        course = class_of(district.unit, opens_on=date(2026, 12, 2), days=1)
        for number in (3, 27):
            for n in range(number):
                enrol(course, with_hours(district, f"人员{n}", "44"))
                with_hours(district, f"外单位{n}", "20", unit=UnitFactory())
            address = OVERVIEW if who == "handler" else f"{OVERVIEW}{district.unit.pk}/"
            client.force_login(getattr(district, who), backend="django.contrib.auth.backends.ModelBackend")
            client.get(address)  # the first after signing in writes that down
            with statements() as queries:
                assert client.get(address).status_code == 200
            counts.append(len(queries))
        assert counts[0] == counts[1], counts
        assert counts[0] <= 25, queries  # the last for records of other districts that wait

    def test_takes_away_what_the_page_shows(self, client, district):
        with_hours(district, "王小明")
        with_hours(district, "韩砚青", "44")
        client.force_login(district.owner, backend="django.contrib.auth.backends.ModelBackend")
        answer = client.get(f"{OVERVIEW}export/?unit={district.unit.pk}&year=2026&standing=short")
        rows = list(load_workbook(BytesIO(answer.content)).active.values)
        assert [row[2] for row in rows if row[0] == 2026] == ["韩砚青"]
        assert client.get(f"{OVERVIEW}export/?unit={district.neighbour_unit.pk}").status_code == 200


class TestMany:
    """More people than are counted while somebody waits."""

    @pytest.fixture(autouse=True)
    def _few_are_many(self, monkeypatch):
        monkeypatch.setattr(overview, "AT_ONCE", 1)

    def test_the_worker_counts_and_the_page_shows_people_as_they_are_now(self, client, district):
        short, met = with_hours(district, "韩砚青", "44"), with_hours(district, "王小明")
        assert "还没有计算过" in read(client, district.handler, OVERVIEW)
        answer = client.post(f"{OVERVIEW}count/", {"year": "2026"})
        assert answer.status_code == 302
        assert run(Job.objects.get(kind=overview.KIND).pk)
        assert Job.objects.get(kind=overview.KIND).message == "已计算 2 人"
        html = read(client, district.handler, OVERVIEW)
        assert district.unit.short in html
        posted(a_source(), district.handler, hours(short, "10"))
        html = read(client, district.owner, f"{OVERVIEW}{district.unit.pk}/", standing="short")
        assert "差 6.0" in html
        assert met.name not in html.split("<tbody>")[1]

    def test_counting_twice_leaves_one_line_each_and_none_of_who_left(self, district):
        gone, _ = with_hours(district, "韩砚青", "44"), with_hours(district, "王小明")
        assert overview.count_all(2026) == overview.count_all(2026) == 2
        assert StandingLine.objects.count() == 2
        gone.employments.update(ended_on=date(2026, 6, 30))
        overview.count_all(2026)
        assert StandingLine.objects.count() == 1

    def test_every_night(self, district):
        with_hours(district, "韩砚青", "44")
        with_hours(district, "王小明")
        assert overview.count_where_many() == 4  # two years

    def test_a_clerk_counts_the_own_unit_alone(self, client, district):
        with_hours(district, "韩砚青", "44")
        client.force_login(district.owner, backend="django.contrib.auth.backends.ModelBackend")
        assert client.post(f"{OVERVIEW}count/", {"unit": district.neighbour_unit.pk}).status_code == 404
        client.post(f"{OVERVIEW}count/", {})
        assert not Job.objects.exists()
        client.post(f"{OVERVIEW}count/", {"unit": district.unit.pk})
        assert Job.objects.get().args["unit"] == district.unit.pk


class TestReminders:
    def remind(self, client, district, *units, who="handler"):
        client.force_login(getattr(district, who), backend="django.contrib.auth.backends.ModelBackend")
        sent = {"units": [unit.pk for unit in units], "year": "2026", "back": OVERVIEW}
        return client.post(f"{OVERVIEW}remind/", sent, follow=True).content.decode()

    def test_the_clerks_are_told_how_many_once_a_day(self, client, district):
        with_hours(district, "韩砚青", "44")
        assert "已催办 1 个单位" in self.remind(client, district, district.unit)
        told = Notice.objects.filter(recipient__in=[district.owner, district.colleague])
        assert {notice.title for notice in told} == {"催办：2026 年度还有 1 人学时（学分）不足"}
        assert told.count() == 2
        assert not Notice.objects.filter(recipient=district.neighbour).exists()
        assert "今天已催办过" in self.remind(client, district, district.unit, who="approver")
        assert (told.count(), Reminder.objects.count()) == (2, 1)
        assert Event.objects.filter(name=services.REMINDED, case_id=district.unit.pk).count() == 1
        with time_machine.travel(datetime(2026, 11, 25, 9, tzinfo=SHANGHAI), tick=False):
            self.remind(client, district, district.unit)
        assert Reminder.objects.count() == 2

    def test_the_notice_leads_to_the_page(self, client, district):
        with_hours(district, "韩砚青", "44")
        self.remind(client, district, district.unit)
        address = Notice.objects.filter(recipient=district.owner).get().url
        assert "韩砚青" in read(client, district.owner, address)

    def test_nobody_is_told_for_nothing(self, client, district):
        with_hours(district, "王小明")
        lonely = UnitFactory(name="洛江区无专办员单位")
        with_hours(district, "韩砚青", "20", unit=lonely)
        html = self.remind(client, district, district.unit, lonely)
        assert "没有还差或未报送的人" in html
        assert "没有专办员，也没有代为报送的主管单位专办员，未发" in html
        assert not Reminder.objects.exists()
        assert "没有要催办的单位" in self.remind(client, district)

    def test_of_a_clinic_without_a_clerk_who_files_for_it_is_told(self, client, district):
        """And can go on from there; which clinic it is stands in the notice."""
        clinic = UnitFactory(name="洛江区松溪卫生所", nature="medical", medical_level="first", supervisor=district.unit)
        person_in(clinic, "柳见青", category="medical")
        with time_machine.travel(datetime(2027, 1, 12, 9, tzinfo=SHANGHAI), tick=False):
            assert "已催办 1 个单位" in self.remind(client, district, clinic)
            told = Notice.objects.get(recipient=district.owner)
            assert told.title == f"催办（{clinic.short}）：2026 年度还有 1 人学时（学分）不足、1 人未报送"
            assert f"代{clinic.short}报送" in read(client, district.owner, told.url)
        assert Reminder.objects.get().unit == clinic
        assert Event.objects.filter(name=services.REMINDED, case_id=clinic.pk).count() == 1

    def test_after_the_year_who_is_not_filed_is_counted_too(self, client, district):
        with_hours(district, "王小明")
        with time_machine.travel(datetime(2027, 1, 12, 9, tzinfo=SHANGHAI), tick=False):
            self.remind(client, district, district.unit)
        assert Reminder.objects.get().said == "2026 年度还有 1 人未报送"

    def test_many_units_in_the_background(self, client, district, monkeypatch):
        monkeypatch.setattr(services, "AT_ONCE", 1)
        units = [district.unit, district.neighbour_unit]
        for unit in units:
            with_hours(district, "韩砚青", "44", unit=unit)
        self.remind(client, district, *units)
        job = Job.objects.get(kind=services.KIND)
        assert run(job.pk)
        job.refresh_from_db()
        assert (job.state, job.message) == ("done", "已催办 2 个单位")

    def test_not_after_the_role_has_ended(self, client, district, monkeypatch):
        monkeypatch.setattr(services, "AT_ONCE", 0)
        with_hours(district, "韩砚青", "44")
        self.remind(client, district, district.unit)
        district.handler.assignments.all().delete()
        job = Job.objects.get(kind=services.KIND)
        run(job.pk)
        job.refresh_from_db()
        assert job.state == "failed"
        assert not Reminder.objects.exists()

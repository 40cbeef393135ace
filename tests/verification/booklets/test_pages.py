"""Pages of booklets: from the ledger, written by whom the notice says, marked, taken back (notice 二(一))."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from luojiang_ce import clock
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import sweep
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.factories import UnitFactory, account_with, person_in
from tests.luojiang_ce.papers.reading import text_of
from tests.queries import statements
from tests.verification.batches.samples import YEAR, learned, staff
from tests.verification.booklets.written import a_doctor, a_hospital, job_of, more_hours, standing_of, written
from units.models import Account, Certificate, Employment, Person
from verification.booklets import services
from verification.booklets.filling import filled_by, fills, to_fill
from verification.booklets.models import WrittenPage
from verification.booklets.page import page_of
from verification.booklets.printing import pages_printed
from verification.booklets.rows import CHOICES, rows_of, standing_as, working
from verification.booklets.services import pages_of
from verification.booklets.views import link_to_page
from verification.ledger.models import LedgerEntry
from verification.ledger.services import counter

pytestmark = [pytest.mark.django_db, pytest.mark.notice("二(一)卫生")]
LIST = reverse("booklets:list")


@pytest.fixture
def person(district: District) -> Person:
    return staff(district.unit, 1)[0]


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


class TestWhatItSays:
    def test_what_was_learned_and_the_sums(self, person: Person) -> None:
        page = pages_of([person], YEAR)[person.pk]
        assert [(line.title, line.subject, line.amount) for line in page.lines] == [
            ("农产品质量安全检测技术培训班", "专业科目", "72 学时"),
            ("农产品质量安全检测技术培训班", "公共科目", "24 学时"),
        ]
        assert page.totals == "公共科目 24 学时，专业科目 72 学时，共 96 学时"
        assert page.number == person.certificates.get().number

    def test_what_was_countered_is_not_written(self, district: District, person: Person) -> None:
        counter(entry=LedgerEntry.objects.get(subject="public"), reason="检查", actor=district.approver)
        page = pages_of([person], YEAR)[person.pk]
        assert page.totals == "专业科目 72 学时，共 72 学时"
        assert page.entries_seen == 3

    def test_a_counter_that_was_countered_leaves_it(self, district: District, person: Person) -> None:
        (gone,) = [counter(entry=LedgerEntry.objects.get(subject="public"), reason="检查", actor=district.approver)]
        counter(entry=gone, reason="检查有误", actor=district.approver)
        assert pages_of([person], YEAR)[person.pk].totals == "公共科目 24 学时，专业科目 72 学时，共 96 学时"

    @pytest.mark.parametrize(
        ("category", "title"),
        [
            ("general", "专业技术人员继续教育证书"),
            ("medical", "医学继续教育证书"),
            ("teacher", "福建省专业技术人员继续教育证书"),
        ],
    )
    def test_into_which_booklet(self, category: str, title: str) -> None:
        assert page_of(Person(category=category), "general", "", []).title == title

    @given(st.lists(st.tuples(st.sampled_from("甲乙"), st.sampled_from(["public", "class_2"]), st.integers(1, 400))))
    def test_the_lines_come_to_what_the_ledger_comes_to(self, learned_: list[tuple[str, str, int]]) -> None:
        def entry(title: str, subject: str, tenths: int) -> SimpleNamespace:
            facts = {"date_from": date(2026, 3, 2), "date_to": None, "organiser": "", "form": "class"}
            return SimpleNamespace(title=title, subject=subject, amount=Decimal(tenths) / 10, **facts)

        entries = [entry(*each) for each in learned_]
        again = page_of(Person(category="general"), "general", "1", entries[::-1])
        page = page_of(Person(category="general"), "general", "1", entries)
        written_ = sum((Decimal(line.amount.split()[0]) for line in page.lines), Decimal(0))
        assert written_ == sum((each.amount for each in entries), Decimal(0))
        assert (again.lines, again.totals) == (page.lines, page.totals)


class TestWhoWrites:
    def test_of_a_general_unit_its_clerk(self, district: District, person: Person) -> None:
        job = job_of(person)
        assert fills(district.owner, job)
        others = (district.neighbour, district.health_reviewer, district.handler, district.education_reviewer)
        assert not any(fills(each, job) for each in others)

    def test_of_a_hospital_its_supervising_unit(self, district: District) -> None:
        hospital = a_hospital(district)
        job, own = job_of(a_doctor(hospital)), account_with("unit_clerk", hospital)
        assert filled_by(job) == district.health
        assert fills(district.health_reviewer, job)
        assert fills(account_with("unit_clerk", district.health), job)
        assert not fills(own, job)

    @pytest.mark.parametrize("supervised", [False, True])
    def test_where_nobody_supervises_the_hospital_itself(self, district: District, supervised: bool) -> None:
        over = UnitFactory(name="洛江区山腰医院集团") if supervised else None  # where nobody is
        hospital = a_hospital(district, supervisor=over)
        job, own = job_of(a_doctor(hospital)), account_with("unit_clerk", hospital)
        assert filled_by(job) == hospital
        assert fills(own, job)
        assert not fills(district.health_reviewer, job)

    def test_of_a_school_the_school(self, district: District) -> None:
        district.unit.supervisor = district.education
        district.unit.save()
        (teacher,) = staff(district.unit, 1, category="teacher")
        assert fills(district.owner, job_of(teacher))
        assert not fills(district.education_reviewer, job_of(teacher))

    def test_asked_of_many_at_once_it_is_the_same(self, district: District) -> None:
        hospital, lone = a_hospital(district), a_hospital(district, supervisor=None, name="孤山医院", code="LONE")
        people = [*staff(district.unit, 2), a_doctor(hospital), a_doctor(lone), person_in(hospital)]
        accounts = [district.owner, district.health_reviewer, district.neighbour, district.handler]
        accounts += [account_with("unit_clerk", each) for each in (hospital, lone, district.health)]
        jobs = Employment.objects.filter(person__in=people).select_related("person", "unit__supervisor")
        for account in accounts:
            assert set(jobs.filter(to_fill(account))) == {job for job in jobs if fills(account, job)}


class TestMarking:
    def test_says_who_wrote_what_on_which_day(self, district: District, person: Person) -> None:
        mark = written(job_of(person), district.owner)
        assert (mark.written_by, mark.written_on, mark.filled_by) == (district.owner, clock.today(), district.unit)
        assert [line["amount"] for line in mark.lines] == ["72 学时", "24 学时"]
        assert standing_of(person) == "written"
        event = Event.objects.get(name="booklet_written")
        assert event.actor == district.owner
        assert "登记 2 项" in event.note_row.text

    def test_twice_is_once(self, district: District, person: Person) -> None:
        assert written(job_of(person), district.owner) == written(job_of(person), district.colleague)
        assert WrittenPage.objects.count() == 1

    def test_hours_that_came_after_are_written_in_addition(self, district: District, person: Person) -> None:
        first = written(job_of(person), district.owner)
        more_hours(person)
        assert standing_of(person) == "more"
        second = written(job_of(person), district.colleague)
        first.refresh_from_db()
        assert (len(second.lines), second.ended_at) == (3, None)
        assert first.ended_why == "补登：其后又有学时入账，页面已续写"
        assert standing_of(person) == "written"

    def test_hours_that_were_countered_after_are_noted(self, district: District, person: Person) -> None:
        first = written(job_of(person), district.owner)
        counter(entry=LedgerEntry.objects.get(subject="public"), reason="检查", actor=district.approver)
        (row,) = rows_of([job_of(person)], YEAR)
        assert ([line.amount for line in row.struck], row.label) == (["24 学时"], "登记后有变动，待补登")
        written(job_of(person), district.owner)
        first.refresh_from_db()
        assert first.ended_why == "更正：其后有学时被冲销，页面已注明"

    def test_of_what_was_countered_and_posted_anew_both_are_said(self, district: District, person: Person) -> None:
        first = written(job_of(person), district.owner)
        counter(entry=LedgerEntry.objects.get(subject="public"), reason="检查", actor=district.approver)
        more_hours(person)
        written(job_of(person), district.owner)
        first.refresh_from_db()
        assert first.ended_why == "更正：其后有学时被冲销，也有学时入账，页面已改写"

    def test_a_year_that_is_wholly_countered_is_noted_once_and_done(self, district: District) -> None:
        one, bare = staff(district.unit, 2)
        written(job_of(one), district.owner)
        for entry in LedgerEntry.objects.all():
            counter(entry=entry, reason="检查", actor=district.approver)
        jobs = working(district.owner)
        assert standing_of(bare) == "empty"  # there is nothing to write
        assert [job.person for job in standing_as(jobs, YEAR, "empty")] == [bare]
        assert not standing_as(jobs, YEAR, "open")
        with pytest.raises(NotPossible, match="没有可以登记的内容"):
            written(job_of(bare), district.owner)
        assert rows_of([job_of(one)], YEAR)[0].label == "学时已全部冲销，待注明"
        client, here = signed_in(district.owner), f"{reverse('booklets:page', args=[one.pk])}?year={YEAR}"
        html = client.get(here).content.decode()
        assert "证书上已写，其后冲销" in html
        seen = rows_of([job_of(one)], YEAR)[0].seen
        sent = {"year": YEAR, "seen": seen, "on": f"{clock.today()}", "back": here}
        assert (
            "更正：其后有学时被冲销，页面已注明"
            in client.post(reverse("booklets:written"), sent, follow=True).content.decode()
        )
        assert standing_of(one) == "written"
        assert [job.person for job in standing_as(jobs, YEAR, "written")] == [one]
        assert "已全部冲销" in Event.objects.filter(name="booklet_written").order_by("-pk")[0].note_row.text

    def test_what_changed_while_it_was_copied_is_not_marked(self, district: District, person: Person) -> None:
        seen = pages_of([person], YEAR)[person.pk].mark
        more_hours(person)
        with pytest.raises(NotPossible, match="与您抄写时显示的不同"):
            services.mark_written(job=job_of(person), year=YEAR, seen=seen, on=clock.today(), actor=district.owner)
        assert not WrittenPage.objects.exists()

    def test_without_a_booklet_or_without_hours_there_is_nothing_to_mark(self, district: District) -> None:
        (bare,) = staff(district.unit, 1, booklet=False)
        with pytest.raises(NotPossible, match="还没有登记《专业技术人员继续教育证书》"):
            written(job_of(bare), district.owner)
        idle = person_in(district.unit)
        Certificate.objects.create(person=idle, number="0526-9999")
        with pytest.raises(NotPossible, match="没有可以登记的内容"):
            written(job_of(idle), district.owner)

    def test_on_a_day_of_the_year_or_later_and_not_tomorrow(self, district: District, person: Person) -> None:
        seen = pages_of([person], YEAR)[person.pk].mark
        for on in (date(YEAR - 1, 12, 31), clock.today() + timedelta(days=1)):
            with pytest.raises(NotPossible, match="登记日期应在"):
                services.mark_written(job=job_of(person), year=YEAR, seen=seen, on=on, actor=district.owner)

    def test_nobody_marks_who_does_not_write(self, district: District, person: Person) -> None:
        for account in (district.neighbour, district.handler, district.health_reviewer):
            with pytest.raises(PermissionDenied):
                written(job_of(person), account)

    def test_is_taken_back_with_a_reason_on_record(self, district: District, person: Person) -> None:
        mark = written(job_of(person), district.owner)
        with pytest.raises(PermissionDenied):
            services.take_back(written=mark, reason="误点", actor=district.neighbour)
        with pytest.raises(NotPossible, match="理由"):
            services.take_back(written=mark, reason=" ", actor=district.owner)
        services.take_back(written=mark, reason="误点", actor=district.owner)
        with pytest.raises(NotPossible, match="已经终止"):
            services.take_back(written=mark, reason="误点", actor=district.owner)
        assert standing_of(person) == "open"
        assert Event.objects.get(name="booklet_unwritten").note_row.text == "误点"
        written(job_of(person), district.owner)
        assert WrittenPage.objects.count() == 2


class TestPages:
    def test_the_list_says_how_each_stands_and_filters_by_it(self, district: District) -> None:
        empty = person_in(district.unit)
        open_, done, more = staff(district.unit, 3)
        for each in (done, more):
            written(job_of(each), district.owner)
        more_hours(more)
        expected = {"empty": empty, "open": open_, "written": done, "more": more}
        jobs = working(district.owner)
        for standing, person in expected.items():
            assert [job.person for job in standing_as(jobs, YEAR, standing)] == [person]
            assert standing_of(person) == standing
        assert {code for code, _ in CHOICES} == set(expected)
        html = signed_in(district.owner).get(LIST, {"year": YEAR, "standing": "more"}).content.decode()
        assert "登记后有变动，待补登" in html
        assert more.name in html

    def test_it_asks_as_often_for_thirty_as_for_three(self, district: District) -> None:
        counted = []
        for number in (3, 27):
            for each in staff(district.unit, number):
                written(job_of(each), district.owner)
            client = signed_in(district.owner)
            client.get(LIST, {"year": YEAR})
            with statements() as asked:
                client.get(LIST, {"year": YEAR})
            counted.append(len(asked))
        assert counted[0] == counted[1]
        assert counted[0] <= 12

    def test_many_are_copied_in_a_row_and_marked_with_one_button(self, district: District) -> None:
        people = staff(district.unit, 3)
        client = signed_in(district.owner)
        ticks = {"cases": [job_of(each).pk for each in people], "back": LIST}
        shown = client.post(f"{reverse('booklets:pages')}?year={YEAR}", ticks).content.decode()
        assert shown.count("已写进证书</label>") == 3
        assert " checked" not in shown  # nothing is said to be written before somebody says so
        assert "农产品质量安全检测技术培训班，培训班，专业科目 72 学时" in shown
        seen = [f"{each.pk}:{pages_of([each], YEAR)[each.pk].mark}" for each in people]
        more_hours(people[2])
        sent = {"year": YEAR, "seen": seen, "on": f"{clock.today()}", "back": LIST}
        told = client.post(reverse("booklets:written"), sent, follow=True).content.decode()
        assert f"已登记 2 人的 {YEAR} 年度页" in told
        assert "与您抄写时显示的不同" in told
        assert set(WrittenPage.objects.values_list("person", flat=True)) == {each.pk for each in people[:2]}

    def test_without_a_booklet_there_is_no_box_but_the_way_to_its_number(self, district: District) -> None:
        (person,) = staff(district.unit, 1, booklet=False)
        learned(person)
        ticks = {"cases": [job_of(person).pk], "back": LIST}
        shown = signed_in(district.owner).post(f"{reverse('booklets:pages')}?year={YEAR}", ticks).content.decode()
        assert 'name="seen"' not in shown
        assert f'<a href="{person.get_absolute_url()}">人员信息</a> 里登记证书编号' in shown

    def test_a_neighbour_neither_sees_nor_marks_nor_prints_them(self, district: District, person: Person) -> None:
        client, mark = signed_in(district.neighbour), written(job_of(person), district.owner)
        seen = [f"{person.pk}:{pages_of([person], YEAR)[person.pk].mark}"]
        assert client.get(reverse("booklets:page", args=[person.pk])).status_code == 404
        assert client.get(reverse("booklets:print"), {"person": person.pk}).status_code == 404
        sent = {"year": YEAR, "seen": seen, "on": f"{clock.today()}"}
        assert client.post(reverse("booklets:written"), sent).status_code == 404
        assert client.post(reverse("booklets:take_back", args=[mark.pk]), {"reason": "x"}).status_code == 404
        ticked = {"cases": [job_of(person).pk]}
        assert client.post(f"{reverse('booklets:pages')}?year={YEAR}", ticked).status_code == 302

    @pytest.mark.parametrize("seen", ["", ":", "abc:x", "999999999999999999999:1", "²:1", "0:"])
    def test_what_no_page_sends_is_nobodys_page(self, district: District, person: Person, seen: str) -> None:
        sent = {"year": "x", "seen": [seen], "on": "gestern"}
        assert signed_in(district.owner).post(reverse("booklets:written"), sent).status_code == 404

    @pytest.mark.parametrize("day", ["2026-13-40", "", f"{YEAR - 1}-12-31", "2999-01-01"])
    def test_a_wrong_day_is_told_and_no_tick_is_lost(self, district: District, day: str) -> None:
        people = staff(district.unit, 3)
        rows = rows_of([job_of(each) for each in people], YEAR)
        more_hours(people[1])  # copied before: to be looked at again
        sent = {"year": YEAR, "shown": [each.pk for each in people], "seen": [row.seen for row in rows[:2]]}
        sent |= {"on": day, "back": LIST}
        answer = signed_in(district.owner).post(reverse("booklets:written"), sent)
        html = answer.content.decode()
        assert answer.status_code == 422
        assert answer.context["form"].errors["on"]
        assert html.count('name="seen"') == 3
        assert html.count(" checked") == 1
        assert f'value="{rows[0].seen}" checked' in html
        assert f'name="on" value="{day}"' in html or not day
        assert LIST in html
        assert not WrittenPage.objects.exists()

    def test_without_a_tick_nothing_is_marked_and_it_says_so(self, district: District, person: Person) -> None:
        sent = {"year": YEAR, "shown": [person.pk], "on": f"{clock.today()}"}
        answer = signed_in(district.owner).post(reverse("booklets:written"), sent)
        assert answer.status_code == 422
        assert "还没有勾选" in answer.content.decode()

    @pytest.mark.parametrize("way", ["pages", "written", "print"])
    def test_who_writes_for_others_is_asked_once_for_thirty_as_for_three(self, district: District, way: str) -> None:
        hospital, counted = a_hospital(district), []
        for number in (3, 30):
            doctors = [a_doctor(hospital, f"白若谷{number}{n}") for n in range(number)]
            jobs = [job_of(each) for each in doctors]
            client = signed_in(district.health_reviewer)
            with statements() as asked:
                if way == "pages":
                    ticks = {"cases": [job.pk for job in jobs], "back": LIST}
                    client.post(f"{reverse('booklets:pages')}?year={YEAR}", ticks)
                elif way == "written":
                    sent = {"year": YEAR, "shown": [each.pk for each in doctors], "seen": ["0:x"], "on": "?"}
                    client.post(reverse("booklets:written"), sent)
                else:
                    people = ",".join(f"{each.pk}" for each in doctors)
                    pages_printed(doctors[0], {"people": people, "year": f"{YEAR}"})
            counted.append(len(asked))
        assert counted[0] == counted[1]

    def test_a_mark_asks_once_who_writes_for_others(self, district: District) -> None:
        doctor = a_doctor(a_hospital(district))
        with statements() as asked:
            written(job_of(doctor), district.health_reviewer)
        assert len([each for each in asked if '"units_assignment"."role" IN' in each]) == 1

    def test_is_printed_with_who_wrote_it(self, district: District, person: Person, tmp_path) -> None:
        mark = written(job_of(person), district.owner)
        answer = signed_in(district.owner).get(reverse("booklets:print"), {"person": person.pk, "year": YEAR})
        assert answer["Content-Type"] == "application/pdf"
        file = tmp_path / "page.pdf"
        file.write_bytes(b"".join(answer.streaming_content) if answer.streaming else answer.content)
        text = "".join(PdfReader(file).pages[0].extract_text().split())
        for said in ("《专业技术人员继续教育证书》登记页", person.name, mark.number, "72学时", district.owner.name):
            assert "".join(said.split()) in text

    def test_thirty_are_printed_by_the_worker(self, district: District) -> None:
        people = staff(district.unit, 12)
        ticks = {"cases": [job_of(each).pk for each in people]}
        answer = signed_in(district.owner).post(f"{reverse('booklets:print')}?year={YEAR}", ticks)
        assert answer.status_code == 302
        assert "jobs" in answer.url

    def test_what_the_worker_prints_is_what_the_account_sees_then(self, district: District) -> None:
        people = staff(district.unit, 12)
        client = signed_in(district.owner)
        ticks = {"cases": [job_of(each).pk for each in people]}
        client.post(f"{reverse('booklets:print')}?year={YEAR}", ticks)
        Person.objects.filter(pk=people[-1].pk).update(name="欧阳远行")
        gone = people[-1].employments.get()
        gone.ended_on = clock.today() - timedelta(days=1)
        gone.save()
        Employment.objects.create(person=people[-1], unit=district.neighbour_unit, started_on=clock.today())
        job = Job.objects.get()
        sweep()
        job.refresh_from_db()
        text = text_of(client.get(job.result_url).content)
        assert people[0].name in text
        assert "欧阳远行" not in text

    def test_nobody_is_led_to_the_page_of_a_leaver(self, district: District, person: Person) -> None:
        assert link_to_page(person, district.handler)
        Employment.objects.filter(person=person).update(ended_on=clock.today() - timedelta(days=1))
        for account in (district.handler, district.owner, district.neighbour):
            link = link_to_page(person, account)
            assert link is None or signed_in(account).get(link.url).status_code == 200
        assert link_to_page(person, district.handler) is None

    def test_a_leaver_is_written_by_nobody_and_the_next_unit_sees_the_mark(
        self, district: District, person: Person
    ) -> None:
        mark = written(job_of(person), district.owner)
        job_ = person.employments.get()
        job_.ended_on = clock.today() - timedelta(days=1)
        job_.save()
        assert signed_in(district.owner).get(mark.get_absolute_url()).status_code == 404
        Employment.objects.create(person=person, unit=district.neighbour_unit, started_on=clock.today())
        assert district.owner.name in signed_in(district.neighbour).get(mark.get_absolute_url()).content.decode()

    def test_one_that_was_learned_in_another_year_stands_there(self, district: District, person: Person) -> None:
        learned(person, public="0", professional="9", year=YEAR - 1)
        assert rows_of([job_of(person)], YEAR - 1)[0].page.totals == "专业科目 9 学时，共 9 学时"

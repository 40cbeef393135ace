"""Self-study is filed and approved before it begins (notice 一(四)): the form, the guards, the pages."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.clock import SHANGHAI
from luojiang_ce.notices.models import Notice
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.events import history
from tests.factories import account_with, assignment, person_in
from tests.queries import statements
from tests.todos import todos
from tests.units.views.helpers import browser
from tests.verification.declarations.cases import declaration_of
from units.models import Employment
from verification.self_study.models import SelfStudy

from .cases import study_of

pytestmark = [pytest.mark.django_db, pytest.mark.notice("一(四)")]
NEW = reverse("self_study:new")
NAMES = ("仇远", "莫知之", "温如故")


@pytest.fixture(autouse=True)
def _in_march():
    with time_machine.travel(datetime(2026, 3, 2, 9, tzinfo=SHANGHAI), tick=True):
        yield


def typed(**changes):
    facts = {
        "names": "\n".join(NAMES),
        "title": "设施蔬菜水肥一体化",
        "content": "自学教材第一至六章",
        "date_from": "2026-03-16",
        "date_to": "2026-05-31",
        "guide": "指导人甲，高级农艺师",
        "assessment": "闭卷考试，60 分合格",
        "subject": "professional",
        "amount": "20",
        "basis": "测文〔2020〕1号第3条",
        "do": "submit",
        **changes,
    }
    return {name: value for name, value in facts.items() if value is not None}


@pytest.fixture
def staff(district):
    return [person_in(district.unit, name) for name in NAMES]


class TestForm:
    def test_keeps_a_draft_with_its_people(self, district, staff):
        answer = browser(district.owner).post(NEW, typed())
        study = SelfStudy.objects.get()
        assert answer.headers["Location"] == study.get_absolute_url()
        assert set(study.people.all()) == set(staff)
        assert (study.unit, study.measure, str(study.amount), study.state) == (district.unit, "hours", "20.0", "draft")
        assert study.number == f"ZX-2026-{study.pk:05d}"
        assert [event.name for event in history(study)] == ["created"]

    def test_a_second_click_finds_the_first_draft(self, district, staff):
        clerk = browser(district.owner)
        clerk.post(NEW, typed())
        clerk.post(NEW, typed())
        assert SelfStudy.objects.count() == 1

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"date_from": "2026-03-01"}, "起始日期最早为今天（2026年3月2日）"),
            ({"date_to": "2026-03-15"}, "结束日期早于起始日期"),
            ({"amount": "0"}, "应大于 0"),
            ({"subject": "class_1"}, "按学时计"),
            ({"names": "查无此人"}, "不是本单位在册人员的姓名"),
            ({"names": ""}, "请粘贴姓名"),
            ({"guide": ""}, "请填写这一项"),
            ({"assessment": ""}, "请填写这一项"),
        ],
    )
    @pytest.mark.usefixtures("staff")
    def test_says_what_is_wrong_and_keeps_what_was_typed(self, district, changes, says):
        answer = browser(district.owner).post(NEW, typed(**changes))
        assert answer.status_code == 422
        assert says in answer.content.decode()
        assert "设施蔬菜水肥一体化" in answer.content.decode()
        assert not SelfStudy.objects.exists()

    def test_an_edit_is_told_in_words_with_its_people(self, district, staff):
        study = study_of(district, "returned", people=tuple(staff))
        clerk = browser(district.owner)
        edit = reverse("self_study:edit", args=[study.pk])
        kept = typed(names="", people=[person.pk for person in staff[:2]], amount="24", version=study.version)
        assert clerk.post(edit, kept).status_code == 302
        study.refresh_from_db()
        assert set(study.people.all()) == set(staff[:2])
        note = history(study).last().note_row.text
        assert "每人拟计学时（学分）：20 → 24" in note
        assert f"去掉 {staff[2].name}" in note

    def test_who_saves_second_sees_what_the_first_saved(self, district, staff):
        study = study_of(district, people=tuple(staff))
        edit = reverse("self_study:edit", args=[study.pk])
        sent = typed(names="", people=[person.pk for person in staff], version=study.version)
        browser(district.colleague).post(edit, sent | {"guide": "指导人乙"})
        answer = browser(district.owner).post(edit, sent | {"guide": "指导人丙"})
        assert answer.status_code == 422
        assert "指导人乙" in answer.content.decode()
        study.refresh_from_db()
        assert study.guide == "指导人乙"

    def test_people_of_two_units_are_filed_apart(self, district, staff):
        """A clerk of two units plans for one at a time."""
        from luojiang_ce.access import Role
        from tests.factories import assignment

        assignment(district.owner, Role.UNIT_CLERK, district.neighbour_unit).save()
        other = person_in(district.neighbour_unit, "孟归鸿")
        answer = browser(district.owner).post(NEW, typed(names=f"{staff[0].name}\n{other.name}"))
        assert answer.status_code == 422
        assert "不在同一个单位" in answer.content.decode()

    def test_a_draft_can_be_deleted_with_its_people(self, district, staff):
        from luojiang_ce.workflow.drafts import delete_draft

        study = study_of(district, people=tuple(staff))
        delete_draft(case=study, actor=district.owner)
        assert not SelfStudy.objects.exists()


class TestApproval:
    def test_from_draft_to_approval(self, district):
        study = study_of(district)
        fire(study, "submit", actor=district.owner)
        assert Notice.objects.get(recipient=district.handler).title == f"收到自学备案 {study.number}"
        fire(study, "approve", actor=district.approver)
        study.refresh_from_db()
        assert (study.state, study.approved_by) == ("approved", district.approver)
        told = Notice.objects.filter(recipient=district.owner).get()
        assert told.title == f"自学备案 {study.number} 核准备案"

    def test_self_study_that_began_before_its_filing_was_approved(self, district):
        """It is refused with the earliest day; approval moves no date by itself."""
        study = study_of(district, date_from=clock.today() + timedelta(days=2))
        fire(study, "submit", actor=district.owner)
        with time_machine.travel(datetime(2026, 3, 6, 9, tzinfo=SHANGHAI)):
            with pytest.raises(Refused, match=r"计划自 2026年3月4日 起.*不早于 2026年3月6日.*不计学时"):
                fire(study, "approve", actor=district.approver)
            study.refresh_from_db()
            assert (study.state, f"{study.date_from:%m-%d}") == ("submitted", "03-04")
            items = [{"where": "起始日期", "wrong": "早于核准之日", "mend": "改为核准当日或以后"}]
            fire(study, "return", actor=district.handler, data={"items": items})
            with pytest.raises(Refused, match="不早于 2026年3月6日"):
                fire(study, "resubmit", actor=district.owner)
            SelfStudy.objects.filter(pk=study.pk).update(date_from="2026-03-06")
            fire(SelfStudy.objects.get(pk=study.pk), "resubmit", actor=district.owner)
            fire(SelfStudy.objects.get(pk=study.pk), "approve", actor=district.approver)

    def test_a_plan_of_yesterday_is_not_even_filed(self, district):
        study = study_of(district, date_from=clock.today() - timedelta(days=1))
        with pytest.raises(Refused, match="最早为核准当日"):
            fire(study, "submit", actor=district.owner)

    def test_only_for_people_who_work_here(self, district, staff):
        study = study_of(district, people=tuple(staff))
        Employment.objects.filter(person=staff[0]).update(ended_on=clock.today())
        with pytest.raises(Refused, match=f"已不在本单位：{staff[0].name}"):
            fire(study, "submit", actor=district.owner)

    def test_the_handler_does_not_approve(self, district):
        study = study_of(district, "submitted")
        with pytest.raises(Refused):
            fire(study, "approve", actor=district.handler)

    def test_who_filed_it_does_not_approve_it(self, district):
        """The clerk of a unit who is an approver of the bureau too."""
        study = study_of(district)
        assignment(district.approver, Role.UNIT_CLERK, district.unit).save()
        fire(study, "submit", actor=district.fresh(district.approver))
        for name in ("approve", "refuse"):
            with pytest.raises(Refused, match="须为两人"):
                fire(SelfStudy.objects.get(pk=study.pk), name, actor=district.fresh(district.approver), note="x")
        other = account_with(Role.BUREAU_APPROVER, district.bureau, name="另一位审批")
        fire(SelfStudy.objects.get(pk=study.pk), "approve", actor=other)

    def test_what_was_credited_under_it_is_countered_first(self, district):
        study = study_of(district, "approved")
        person = study.people.get()
        case = declaration_of(district.unit, person, form="self_study", filing=study, state="accepted")
        with pytest.raises(Refused, match="已有 1 件学时申报按本备案认可入账"):
            fire(study, "revoke", actor=district.approver, note="考核有假")
        case.state = "revoked"
        case.save()
        fire(study, "revoke", actor=district.approver, note="考核有假")
        assert study.state == "revoked"


class TestPages:
    def test_the_case_says_the_plan_and_how_each_person_stands(self, district, staff):
        study = study_of(district, "approved", people=tuple(staff))
        declaration_of(
            district.unit, staff[0], form="self_study", filing=study, amount=8, state="accepted",
            first_submitted_at=clock.now(),
        )  # fmt: skip
        html = browser(district.owner).get(study.get_absolute_url()).content.decode()
        for word in ("自学教材第一至六章", "指导人甲", "闭卷考试", "20.0 学时", "8.0", f"filing={study.pk}"):
            assert word in html
        assert f"filing={study.pk}" not in browser(district.handler).get(study.get_absolute_url()).content.decode()
        assert staff[0].id_number not in html

    def test_as_many_queries_for_30_as_for_3(self, district):
        counts = []
        for number in (3, 27):
            for _ in range(number):
                study_of(district, "submitted")
            for who in (district.owner, district.handler):
                reader = browser(who)
                with statements() as queries:
                    assert reader.get(reverse("self_study:list")).status_code == 200
                assert len(queries) <= 12, queries
                counts.append(len(queries))
        assert counts[:2] == counts[2:]

    def test_a_case_of_30_people_asks_as_often_as_one_of_3(self, district):
        counts = []
        for number in (3, 30):
            people = tuple(person_in(district.unit) for _ in range(number))
            study = study_of(district, "approved", people=people)
            clerk = browser(district.owner)
            with statements() as queries:
                assert clerk.get(study.get_absolute_url()).status_code == 200
            counts.append(len(queries))
        assert counts[0] == counts[1]
        assert counts[0] <= 20

    def test_the_list_as_a_workbook(self, district, staff):
        study_of(district, "approved", people=tuple(staff))
        answer = browser(district.handler).get(reverse("self_study:export"))
        assert answer.status_code == 200


def test_lists_say_that_it_is_about_self_study(district):
    """Among sixty to-dos of all kinds a bare subject says nothing; and a handler is not told to approve."""
    case = study_of(district, "submitted")
    for account in (district.handler, district.approver):
        assert [todo.title for todo in todos(account, SelfStudy)] == [f"审核自学备案：{case.title}"]
    draft = study_of(district)
    mine = {todo.title for todo in todos(district.owner, SelfStudy)}
    assert mine == {f"提交自学备案：{draft.title}", f"审核自学备案：{case.title}"}

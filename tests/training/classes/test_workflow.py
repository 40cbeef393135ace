"""From draft to approved class: what each guard lets in, and who is told (the walk tries every role and state)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from luojiang_ce import clock
from luojiang_ce.notices.models import Notice
from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.models import Event
from tests.factories import person_in
from tests.training.classes.factories import a_course, an_application, enrolled, far_monday
from tests.training.plans.factories import a_scan
from training.classes.models import ClassApplication, CourseEntitlement, Enrolment
from training.plans.models import PlanItem

State = ClassApplication.State
RETURN = {"items": [{"where": "课程表", "wrong": "课程名称过于笼统", "mend": "写明专题"}]}


def at(day: date, hour: int = 10) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=clock.SHANGHAI)


def refused(case, name, actor, **kwargs) -> str:
    with pytest.raises(Refused) as raised:
        fire(case, name, actor=actor, **kwargs)
    return "\n".join(raised.value.reasons)


@pytest.fixture
def draft(district) -> ClassApplication:
    return an_application(district.unit, opens_on=date(2026, 12, 14), actor=district.owner)


@pytest.mark.notice("一(五)2")
class TestTenWorkingDays:
    """2026-12-14: the last filing day is 30 November, until 24:00."""

    def test_the_last_minute_is_in_time(self, district, draft):
        with clock.at(datetime(2026, 11, 30, 23, 59, tzinfo=clock.SHANGHAI)):
            fire(draft, "submit", actor=district.owner)
        assert draft.state == State.SUBMITTED

    def test_the_next_day_is_too_late(self, district, draft):
        with clock.at(at(date(2026, 12, 1), 0)):
            assert "已过开班申请期限" in refused(draft, "submit", district.owner)
        assert draft.number is None

    def test_mending_may_run_past_the_deadline(self, district, draft):
        with clock.at(at(date(2026, 11, 30))):
            fire(draft, "submit", actor=district.owner)
        with clock.at(at(date(2026, 12, 2))):
            fire(draft, "return", actor=district.handler, data=RETURN)
        with clock.at(at(date(2026, 12, 4))):
            fire(draft, "resubmit", actor=district.owner)
        assert draft.state == State.SUBMITTED
        assert clock.local(draft.first_submitted_at).date() == date(2026, 11, 30)

    def test_a_return_does_not_let_the_opening_come_forward_into_lateness(self, district, draft):
        with clock.at(at(date(2026, 11, 30))):
            fire(draft, "submit", actor=district.owner)
            fire(draft, "return", actor=district.handler, data=RETURN)
            draft.opens_on = draft.ends_on = date(2026, 12, 11)
            draft.save()
            draft.timetable.update(date=draft.opens_on)
            assert "已过开班申请期限" in refused(draft, "resubmit", district.owner)

    def test_what_was_taken_back_has_to_be_in_time_again(self, district, draft):
        with clock.at(at(date(2026, 11, 30))):
            fire(draft, "submit", actor=district.owner)
            fire(draft, "take_back", actor=district.owner)
        assert not ClassApplication.objects.visible_to(district.handler).filter(pk=draft.pk).exists()
        with clock.at(at(date(2026, 12, 1))):
            assert "已过" in refused(draft, "submit", district.owner)

    def test_taking_back_ends_with_the_deadline(self, district, draft):
        with clock.at(at(date(2026, 11, 30))):
            fire(draft, "submit", actor=district.owner)
        with clock.at(at(date(2026, 12, 1))):
            assert "不能再撤回" in refused(draft, "take_back", district.owner)


class TestComplete:
    def test_everything_that_is_wrong_is_said_at_once(self, district):
        case = an_application(district.unit, place="", phone="", charges=True)
        said = refused(case, "submit", district.owner)
        for part in ("还没有填地点", "还没有填电话", "收费的班须填", "师资与材料", "地点与公布的计划不同"):
            assert part in said

    def test_a_lecturer_without_a_resume_is_named(self, district):
        case = an_application(district.unit)
        assert "缺温如故的简历" in refused(case, "submit", district.owner)

    def test_a_class_that_charges_needs_the_approval_as_a_file(self, district):
        case = an_application(district.unit, actor=district.owner, charges=True, fee=Decimal(280), fee_document="1号")
        assert "缺材料：收费批件" in refused(case, "submit", district.owner)

    @pytest.mark.notice("三2")
    def test_only_a_published_project_may_be_held(self, district):
        case = an_application(district.unit, actor=district.owner)
        PlanItem.objects.filter(pk=case.project_id).update(state=PlanItem.State.WITHDRAWN)
        case.refresh_from_db()
        assert "只有已公布的项目可以开班" in refused(case, "submit", district.owner)

    def test_a_lecturer_taken_by_another_filed_class_is_pointed_out(self, district):
        first = an_application(district.unit, State.SUBMITTED, actor=district.owner)
        second = an_application(district.unit, actor=district.owner)
        second.timetable.update(lecturer=first.timetable.get().lecturer)
        assert f"在“{first}”授课" in refused(second, "submit", district.owner)

    def test_another_unit_s_room_of_the_same_name_is_no_conflict(self, district):
        an_application(district.neighbour_unit, State.APPROVED)
        case = an_application(district.unit, actor=district.owner)
        fire(case, "submit", actor=district.owner)
        assert case.state == State.SUBMITTED


@pytest.mark.notice("一(二)")
class TestPublicCourses:
    @pytest.fixture
    def case(self, district):
        case = an_application(district.unit, actor=district.owner)
        case.timetable.update(subject="public", catalogue_course=a_course())
        case.difference_notes = {"amounts": "改为公共科目"}
        case.save()
        return case

    def test_need_the_bureau_or_an_entrustment(self, district, case):
        assert "由人社部门组织实施" in refused(case, "submit", district.owner)

    def test_may_be_held_by_an_entrusted_unit(self, district, case):
        day = far_monday()
        CourseEntitlement.objects.create(unit=district.unit, document="委托书", valid_from=day, valid_to=day)
        fire(case, "submit", actor=district.owner)
        assert case.state == State.SUBMITTED

    def test_an_entrustment_that_ran_out_does_not_help(self, district, case):
        facts = {"document": "委托书", "valid_from": date(2020, 1, 1), "valid_to": far_monday() - timedelta(days=1)}
        CourseEntitlement.objects.create(unit=district.unit, **facts)
        assert "没有当日有效的委托文件" in refused(case, "submit", district.owner)

    def test_may_be_held_with_the_bureau_among_the_organisers(self, district, case):
        case.organisers.create(part="helper", name=district.bureau.name, unit=district.bureau, position=2)
        case.difference_notes["organisers"] = "与区人社局共同举办"
        case.save()
        fire(case, "submit", actor=district.owner)
        assert case.state == State.SUBMITTED


class TestDecisions:
    def test_the_number_is_given_once(self, district, draft):
        with clock.at(at(date(2026, 11, 20))):
            fire(draft, "submit", actor=district.owner)
            number = draft.number
            fire(draft, "return", actor=district.handler, data=RETURN)
            fire(draft, "resubmit", actor=district.owner)
        assert number == draft.number == "2026-C-0001"

    def test_whoever_checked_does_not_decide(self, district):
        case = an_application(district.unit, State.SUBMITTED, actor=district.owner)
        district.handler.assignments.create(role="bureau_approver", unit=district.bureau, valid_from=date(2017, 1, 1))
        both = district.fresh(district.handler)
        fire(case, "check", actor=both)
        assert "审核人与审批人须为两人" in refused(case, "approve", both)
        assert "审核人与审批人须为两人" in refused(case, "refuse", both, note="不同意")

    def test_nothing_is_approved_on_its_opening_day(self, district):
        case = an_application(district.unit, State.CHECKED)
        with clock.at(at(case.opens_on, 0)):
            assert "须在开班日之前批准" in refused(case, "approve", district.approver)

    def test_approval_issues_the_notice_and_tells_the_unit_and_its_partners(self, district):
        case = an_application(district.unit, State.CHECKED)
        case.organisers.create(part="carrier", name="x", unit=district.neighbour_unit, position=2)
        fire(case, "approve", actor=district.approver)
        assert Paper.objects.of(case).get().kind == "opening_notice"
        told = set(Notice.objects.values_list("recipient", flat=True))
        assert told == {district.owner.pk, district.colleague.pk, district.neighbour.pk}

    def test_cancelling_tells_the_trainees_units_and_withdraws_the_notice(self, district):
        case = an_application(district.unit, State.CHECKED)
        fire(case, "approve", actor=district.approver)
        enrolled(case, person_in(district.neighbour_unit), agreement=Enrolment.Agreement.AGREED)
        Notice.objects.all().delete()
        fire(case, "cancel", actor=district.owner, note="讲师不能到课")
        paper = Paper.objects.of(case).get(kind="opening_notice")
        assert (paper.state, paper.revoked_by) == (Paper.State.REVOKED, district.owner)
        assert Event.objects.filter(case_type="papers.paper", name="revoke").get().actor == district.owner
        told = set(Notice.objects.values_list("recipient", flat=True))
        assert told == {district.handler.pk, district.neighbour.pk}

    def test_a_class_that_has_begun_is_not_cancelled(self, district):
        case = an_application(district.unit, State.APPROVED)
        with clock.at(at(case.opens_on)):
            assert "不能再取消" in refused(case, "cancel", district.owner, note="改期")


def test_a_material_uploaded_to_a_filed_case_is_refused(client, district):
    case = an_application(district.unit, State.SUBMITTED)
    client.force_login(district.owner)
    address = f"/files/to/training_classes.classapplication/{case.pk}/notice/"
    assert client.post(address, {"files": a_scan()}).status_code == 404

"""From a draft to hours in the ledger (notice 一(五)3; product.md R1–R5)."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.clock import SHANGHAI
from luojiang_ce.notices.models import Notice
from luojiang_ce.papers.models import Paper
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.models import DeadlineSetting
from luojiang_ce.workflow.engine import Refused, actions_for, fire
from luojiang_ce.workflow.events import record
from tests.factories import UnitFactory, account_with, person_in
from tests.training.factories import (
    add_lessons,
    class_of,
    enrol,
    recognition_of,
    sign,
    sign_all,
    stranger,
    with_package,
)
from training.attendance.models import Sign
from training.attendance.services import Wanted, record_signs, strike_signs
from training.choices import Assessment
from training.classes.models import Enrolment
from training.recognition.models import AssessmentResult, Recognition
from training.recognition.services import decide, open_recognition
from verification.choices import Measure
from verification.ledger.models import LedgerEntry

DAY = date(2026, 5, 11)


def on(year, month, day, hour=9, minute=0):
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def _a_week_later(time_machine):
    time_machine.move_to(on(2026, 5, 18), tick=False)


@pytest.fixture
def course(district):
    return class_of(district.unit)


@pytest.fixture
def trainee(district, course):
    found = enrol(course, person_in(district.neighbour_unit, "王小明"))
    sign_all(course, [found])
    return found


@pytest.fixture
def draft(district, course, trainee):
    case = recognition_of(course)
    with_package(case, district.owner)
    return case


def reasons(case, name, actor):
    with pytest.raises(Refused) as refused:
        fire(case, name, actor=actor)
    return "；".join(refused.value.reasons)


def eight_hours(case, trainee, handler):
    amounts = {(2026, "professional"): Decimal("8.0")}
    decide(recognition=case, enrolment=trainee, amounts=amounts, reason="第二天代签", actor=handler)


def decided(draft, district, name="recognise"):
    fire(draft, "submit", actor=district.owner)
    fire(draft, "check", actor=district.handler, note="材料齐全")
    fire(draft, name, actor=district.approver)
    return draft


class TestBeginning:
    def test_from_the_last_day_on(self, district, course, time_machine):
        time_machine.move_to(on(2026, 5, 11, 23, 59))
        with pytest.raises(NotPossible, match="最后一天起"):
            open_recognition(application=course, actor=district.owner)
        time_machine.move_to(on(2026, 5, 12, 0, 0))
        assert open_recognition(application=course, actor=district.owner).state == "draft"

    def test_beginning_twice_gives_the_same_one(self, district, course):
        first = open_recognition(application=course, actor=district.owner)
        assert open_recognition(application=course, actor=district.colleague) == first

    @pytest.mark.parametrize("person", ["neighbour", "handler", "approver"])
    def test_only_by_the_clerks_of_the_class(self, district, course, person):
        with pytest.raises(NotPossible, match="只有办班单位"):
            open_recognition(application=course, actor=getattr(district, person))

    def test_not_for_a_class_that_was_not_approved(self, district):
        with pytest.raises(NotPossible, match="不能申报"):
            open_recognition(application=class_of(district.unit, state="refused"), actor=district.owner)


class TestSubmitting:
    @pytest.mark.notice("一(五)3")
    def test_everything_missing_is_named_at_once(self, district, course, trainee):
        said = reasons(recognition_of(course), "submit", district.owner)
        for title in (
            "报名通知",
            "花名册",
            "签到表",
            "讲义、课件：检测技术（1）",
            "讲义、课件：检测技术（4）",
            "现场照片",
        ):
            assert title in said
        assert "还缺 8 项材料" in said

    def test_a_complete_package_is_filed_with_a_number(self, district, draft):
        fire(draft, "submit", actor=district.owner)
        assert (draft.state, draft.number) == ("submitted", "2026-R-0001")
        assert draft.first_submitted_at == clock.now()
        assert Notice.objects.filter(recipient=district.handler).count() == 1

    def test_not_on_the_last_day_itself(self, district, draft, time_machine):
        time_machine.move_to(on(2026, 5, 12, 18))
        assert "5月12日 才结束，次日起可以提交" in reasons(draft, "submit", district.owner)

    @pytest.mark.notice("一(五)3")
    def test_until_the_thirtieth_day_at_midnight(self, district, draft, time_machine):
        time_machine.move_to(on(2026, 6, 11, 23, 59))
        assert all(action.enabled for action in actions_for(draft, district.owner))
        time_machine.move_to(on(2026, 6, 12, 0, 0))
        said = reasons(draft, "submit", district.owner)
        for words in (
            "已过学时（学分）认定期限",
            "通知 一(五)3",
            "第 30 日是 2026年6月11日",
            "促进就业和培训股申请延期",
        ):
            assert words in said

    def test_without_trainees(self, district):
        case = recognition_of(class_of(district.unit))
        with_package(case, district.owner)
        assert "还没有学员" in reasons(case, "submit", district.owner)

    def test_each_trainee_who_came_needs_a_result(self, district, draft, course, trainee):
        type(course).objects.filter(pk=course.pk).update(assessment=Assessment.EXAM)
        enrol(course, person_in(district.unit, "没有来的人"))
        assert "还缺 1 人的考核结果：王小明" in reasons(draft, "submit", district.owner)
        AssessmentResult.objects.create(enrolment=trainee, outcome="passed")
        fire(draft, "submit", actor=district.owner)

    def test_signs_are_frozen_from_then_on_until_returned(self, district, draft, course, trainee):
        wanted = [Wanted(trainee.pk, DAY, "morning", time(8, 30), None)]
        fire(draft, "submit", actor=district.owner)
        with pytest.raises(NotPossible, match="学时认定已提交（待审核）"):
            record_signs(application=course, wanted=wanted, source=Sign.Source.LIST, actor=district.owner)
        items = [{"where": "签到表", "wrong": "缺签字", "mend": "补签"}]
        fire(draft, "return", actor=district.handler, data={"items": items})
        record_signs(application=course, wanted=wanted, source=Sign.Source.LIST, actor=district.owner)


class TestMending:
    def returned(self, draft, district):
        fire(draft, "submit", actor=district.owner)
        items = [{"where": "照片", "wrong": "看不清", "mend": "换一张"}]
        fire(draft, "return", actor=district.handler, data={"items": items})
        return draft

    def test_the_first_submission_decides(self, district, draft, time_machine):
        time_machine.move_to(on(2026, 6, 11))
        self.returned(draft, district)
        time_machine.move_to(on(2026, 6, 18))
        fire(draft, "resubmit", actor=district.owner, data={"answers": {}})
        assert (draft.state, draft.number) == ("submitted", "2026-R-0001")

    def test_mending_ends_after_five_working_days(self, district, draft, time_machine):
        time_machine.move_to(on(2026, 6, 11))
        self.returned(draft, district)
        time_machine.move_to(on(2026, 6, 19))
        assert "已过补正期限" in reasons(draft, "resubmit", district.owner)

    def test_where_finished_is_asked_for_mending_ends_with_the_deadline(self, district, draft, time_machine):
        DeadlineSetting.objects.update(recognition_done_by="finished")
        self.returned(draft, district)
        time_machine.move_to(on(2026, 6, 12))
        assert "须在期限内办结" in reasons(draft, "resubmit", district.owner)

    def test_taking_back_is_as_if_never_filed(self, district, draft, time_machine):
        fire(draft, "submit", actor=district.owner)
        fire(draft, "take_back", actor=district.colleague)
        assert draft.first_submitted_at is None
        assert not Recognition.objects.visible_to(district.fresh(district.handler)).exists()
        time_machine.move_to(on(2026, 6, 12))
        assert "已过" in reasons(draft, "submit", district.owner)

    def test_not_after_the_deadline(self, district, draft, time_machine):
        fire(draft, "submit", actor=district.owner)
        time_machine.move_to(on(2026, 6, 12))
        assert "不能再撤回" in reasons(draft, "take_back", district.owner)


class TestDeciding:
    @pytest.mark.notice("一(五)3")
    def test_recognition_posts_the_hours_once_and_tells_everybody(self, district, draft, trainee):
        clerk = account_with(Role.UNIT_CLERK, district.neighbour_unit)
        decided(draft, district)
        entry = LedgerEntry.objects.get()
        assert (entry.person, entry.year, entry.subject, entry.amount) == (
            trainee.person, 2026, "professional", Decimal("16.0"),
        )  # fmt: skip
        assert (entry.form, entry.measure, entry.organiser) == ("class", "hours", district.unit.name)
        assert (entry.date_from, entry.date_to) == (date(2026, 5, 11), date(2026, 5, 12))
        assert Paper.objects.get().kind == "recognition_sheet"
        told = Notice.objects.filter(title__contains="本单位人员的培训学时认定").values_list("recipient", flat=True)
        assert set(told) == {district.neighbour.pk, clerk.pk}
        outcome = draft.outcomes.get()
        assert outcome.posted
        assert [each["why"] for each in outcome.half_days] == ["counted"] * 4

    def test_a_second_decision_is_refused_and_posts_nothing(self, district, draft):
        decided(draft, district)
        for name in ("recognise", "refuse", "check"):
            assert "现在的状态是“已认定”" in reasons(draft, name, district.approver)
        assert LedgerEntry.objects.count() == 1

    def test_whoever_checked_does_not_decide(self, district, draft):
        both = account_with(Role.BUREAU_HANDLER, district.bureau)
        both.assignments.create(role=Role.BUREAU_APPROVER, unit=district.bureau, valid_from=date(2017, 1, 1))
        fire(draft, "submit", actor=district.owner)
        fire(draft, "check", actor=district.fresh(both))
        assert "审核人与审批人须为两人" in reasons(draft, "recognise", district.fresh(both))

    @pytest.mark.parametrize("act", ["excluded", "included", "decided", "decided_rest"])
    def test_nor_does_whoever_excluded_or_decided_hours(self, district, draft, act):
        fire(draft, "submit", actor=district.owner)
        record(draft, act, actor=district.approver)
        fire(draft, "check", actor=district.handler)
        another = account_with(Role.BUREAU_APPROVER, district.bureau)
        why, free = (actions_for(draft, each, "recognise")[0].reason for each in (district.approver, another))
        assert ("审核人与审批人须为两人" in why, "须为两人" in free) == (True, False)

    def test_nor_whoever_checked_before_somebody_else_did(self, district, draft):
        both = account_with(Role.BUREAU_HANDLER, district.bureau)
        fire(draft, "submit", actor=district.owner)
        fire(draft, "check", actor=district.fresh(both))
        fire(draft, "send_back", actor=district.approver, note="请再核对")
        fire(draft, "check", actor=district.handler)
        both.assignments.update(role=Role.BUREAU_APPROVER)
        assert "办过“审核通过”" in actions_for(draft, district.fresh(both), "recognise")[0].reason
        assert "须为两人" not in actions_for(draft, district.approver, "recognise")[0].reason, "an own step is none"

    def test_a_refusal_posts_nothing(self, district, draft):
        fire(draft, "submit", actor=district.owner)
        fire(draft, "check", actor=district.handler)
        fire(draft, "refuse", actor=district.approver, note="签到不实")
        assert draft.state == "refused"
        assert not LedgerEntry.objects.exists()
        assert not Paper.objects.exists()
        assert Notice.objects.filter(recipient=district.owner, text="签到不实").exists()

    def test_strangers_are_kept_and_earn_nothing(self, district, draft, course):
        foreign = stranger(course)
        sign_all(course, [foreign])
        decided(draft, district)
        outcome = draft.outcomes.get(enrolment=foreign)
        assert (outcome.posted, outcome.why_not) == (False, "不是本区登记的专业技术人员，在本区不入账")
        assert LedgerEntry.objects.count() == 1

    @pytest.mark.notice("二(一)3")
    def test_who_is_not_agreed_earns_the_hours_all_the_same(self, district, draft, trainee):
        Enrolment.objects.filter(pk=trainee.pk).update(agreement=Enrolment.Agreement.WAITING)
        decided(draft, district)
        assert LedgerEntry.objects.filter(person=trainee.person).exists()

    @pytest.mark.notice("三3")
    def test_who_failed_earns_nothing(self, district, draft, course, trainee):
        type(course).objects.filter(pk=course.pk).update(assessment=Assessment.EXAM)
        AssessmentResult.objects.create(enrolment=trainee, outcome="failed")
        decided(draft, district)
        outcome = draft.outcomes.get()
        assert (outcome.posted, outcome.why_not, outcome.assessment) == (False, "考核不合格，不计学时", "failed")
        assert not LedgerEntry.objects.exists()

    def test_a_class_over_new_year_posts_to_two_years(self, district, time_machine):
        time_machine.move_to(on(2027, 1, 5))
        course = class_of(district.unit, opens_on=date(2026, 12, 31))
        person = person_in(district.unit)
        sign_all(course, [enrol(course, person)])
        case = recognition_of(course)
        with_package(case, district.owner)
        decided(case, district)
        found = LedgerEntry.objects.order_by("year").values_list("year", "amount", "date_from", "date_to")
        assert list(found) == [
            (2026, Decimal("8.0"), date(2026, 12, 31), date(2026, 12, 31)),
            (2027, Decimal("8.0"), date(2027, 1, 1), date(2027, 1, 1)),
        ]

    @pytest.mark.notice("一(三)3")
    def test_required_courses_form_and_intensive_reach_the_ledger(self, district):
        course = class_of(district.unit, half_days=(), days=1, intensive=True, form="remote")
        add_lessons(course, [(DAY, "morning")], subject="public", required_course="师德修养")
        add_lessons(course, [(DAY, "afternoon")])
        sign_all(course, [enrol(course, person_in(district.unit))])
        case = recognition_of(course)
        with_package(case, district.owner)
        decided(case, district)
        found = LedgerEntry.objects.order_by("subject").values_list("subject", "course", "form", "intensive")
        assert list(found) == [("professional", "", "remote", True), ("public", "师德修养", "remote", True)]

    def test_credits_are_posted_as_credits(self, district):
        course = class_of(district.unit, measure=Measure.CREDITS, credits={"class_2": "5.0"})
        sign_all(course, [enrol(course, person_in(district.unit, category="medical"))])
        case = recognition_of(course)
        with_package(case, district.owner)
        decided(case, district)
        entry = LedgerEntry.objects.get()
        assert (entry.measure, entry.subject, entry.amount) == ("credits", "class_2", Decimal("5.0"))

    def test_who_must_be_decided_holds_the_check_up(self, district):
        course = class_of(district.unit, measure=Measure.CREDITS, credits={"class_2": "5.0"})
        trainee = enrol(course, person_in(district.unit, "梁月"))
        sign(trainee, DAY, "morning", time_in=time(8, 30), time_out=time(11, 30))
        case = recognition_of(course)
        with_package(case, district.owner)
        fire(case, "submit", actor=district.owner)
        assert "还有 1 人须逐人核定学时（学分）：梁月" in reasons(case, "check", district.handler)

    def test_a_reduction_is_recognised_partly(self, district, draft, trainee):
        fire(draft, "submit", actor=district.owner)
        eight_hours(draft, trainee, district.handler)
        fire(draft, "check", actor=district.handler)
        assert "应作“部分认定”" in reasons(draft, "recognise", district.approver)
        fire(draft, "recognise_partly", actor=district.approver)
        entry = LedgerEntry.objects.get()
        assert (entry.amount, entry.reason) == (Decimal("8.0"), "第二天代签")
        assert draft.outcomes.get().amounts == [
            {"year": 2026, "subject": "professional", "amount": "8.0", "counted": "16.0", "reason": "第二天代签"}
        ]

    def test_what_was_decided_on_other_signs_is_decided_again(self, district, course, draft, trainee):
        """Signs may change after a return: a decision on the old ones does not pass unseen."""
        fire(draft, "submit", actor=district.owner)
        eight_hours(draft, trainee, district.handler)
        fire(draft, "return", actor=district.handler, data={"items": [{"wrong": "缺第二天上午的签到表"}]})
        key = (DAY, "morning")
        strike_signs(application=course, key=key, enrolments=[trainee.pk], reason="代签", actor=district.owner)
        fire(draft, "resubmit", actor=district.owner)
        assert reasons(draft, "check", district.handler).endswith("须重新核定：王小明")
        eight_hours(draft, trainee, district.handler)
        fire(draft, "check", actor=district.handler)
        fire(draft, "recognise_partly", actor=district.approver)
        assert LedgerEntry.objects.get().amount == Decimal("8.0")

    def test_a_decision_outlives_a_return_that_changes_no_sign(self, district, draft, trainee):
        fire(draft, "submit", actor=district.owner)
        eight_hours(draft, trainee, district.handler)
        fire(draft, "return", actor=district.handler, data={"items": [{"wrong": "照片不清楚"}]})
        fire(draft, "resubmit", actor=district.owner)
        fire(draft, "check", actor=district.handler)

    def test_without_a_reduction_there_is_no_partly(self, district, draft):
        fire(draft, "submit", actor=district.owner)
        fire(draft, "check", actor=district.handler)
        assert "应作“认定学时”" in reasons(draft, "recognise_partly", district.approver)


@pytest.mark.parametrize("people", [3, 30])
def test_a_decision_is_bounded_in_queries(district, people, django_assert_max_num_queries):
    """The ledger and the outcomes are written at once; notices go to all clerks at once."""
    course = class_of(district.unit)
    units = [UnitFactory() for _ in range(people)]
    for unit in units:
        account_with(Role.UNIT_CLERK, unit)
    sign_all(course, [enrol(course, person_in(unit)) for unit in units])
    case = recognition_of(course)
    with_package(case, district.owner)
    fire(case, "submit", actor=district.owner)
    fire(case, "check", actor=district.handler)
    with django_assert_max_num_queries(60):
        fire(case, "recognise", actor=district.approver)
    assert LedgerEntry.objects.count() == people
    assert timedelta(0) <= clock.now() - case.submitted_at


@pytest.mark.django_db
class TestOnThePageOfTheClass:
    """The path of a class goes on where its own table ends."""

    def path(self, page):
        return {step.label: (step.meaning, step.note) for step in page.context["page"].path}

    @pytest.mark.parametrize(
        ("state", "meaning", "word"),
        [
            ("draft", "", ""),
            ("submitted", "", ""),
            ("recognised", "is-done", "已认定"),
            ("partly", "is-done", "部分认定"),
            ("refused", "is-late", "不予认定"),
        ],
    )
    def test_what_became_of_its_hours(self, client, district, draft, state, meaning, word):
        Recognition.objects.filter(pk=draft.pk).update(state=state)
        client.force_login(district.owner)
        page = client.get(draft.application.get_absolute_url())
        assert self.path(page)["开班"] == ("is-done", "")
        assert self.path(page)["认定学时"] == (meaning, word)
        assert f'href="{draft.get_absolute_url()}"' in page.content.decode()

    def test_a_draft_is_linked_for_nobody_but_its_unit(self, client, district, draft):
        client.force_login(district.handler)
        assert draft.get_absolute_url() not in client.get(draft.application.get_absolute_url()).content.decode()

    def test_before_its_first_day_it_has_not_begun(self, client, district, draft, time_machine):
        time_machine.move_to(datetime(2026, 5, 10, 9, tzinfo=clock.SHANGHAI), tick=False)
        client.force_login(district.owner)
        assert self.path(client.get(draft.application.get_absolute_url()))["开班"] == ("", "")

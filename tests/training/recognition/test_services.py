"""Results of the assessment, the handler's decisions, half-days that are not recognised."""

from datetime import date, time
from decimal import Decimal

import pytest

from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.models import Event
from tests.factories import person_in
from tests.training.factories import class_of, enrol, recognition_of, sign, sign_all
from training.recognition.counting import tally
from training.recognition.models import AssessmentResult, Exclusion, Override, Recognition
from training.recognition.services import (
    Result,
    decide,
    decide_rest,
    exclude,
    include_again,
    save_results,
)

DAY = date(2026, 5, 11)
KEY = (2026, "professional")


@pytest.fixture
def course(district):
    return class_of(district.unit, assessment="exam")


@pytest.fixture
def trainees(district, course):
    found = [enrol(course, person_in(district.unit, name)) for name in ("王小明", "李晓红", "陈大文")]
    sign_all(course, found)
    return found


@pytest.fixture
def draft(course):
    return recognition_of(course)


@pytest.fixture
def submitted(course, trainees):
    return recognition_of(course, state="submitted")


def fresh(case):
    return Recognition.objects.get(pk=case.pk)


class TestResults:
    def test_are_kept_changed_and_taken_away(self, district, draft, trainees):
        one, two, _ = trainees
        first = {one.pk: Result("passed", Decimal("86.5")), two.pk: Result("failed")}
        assert save_results(recognition=draft, results=first, actor=district.owner) == 2
        second = {one.pk: Result("passed", Decimal("86.5")), two.pk: Result("passed", Decimal(60))}
        assert save_results(recognition=draft, results=second, actor=district.colleague) == 1
        assert AssessmentResult.objects.get(enrolment=two).recorded_by == district.colleague
        assert AssessmentResult.objects.get(enrolment=one).recorded_by == district.owner
        assert save_results(recognition=draft, results={one.pk: Result("")}, actor=district.owner) == 1
        assert list(AssessmentResult.objects.values_list("enrolment", flat=True)) == [two.pk]

    def test_repeating_changes_nothing(self, district, draft, trainees):
        results = {trainees[0].pk: Result("passed")}
        save_results(recognition=draft, results=results, actor=district.owner)
        events = Event.objects.count()
        assert save_results(recognition=draft, results=results, actor=district.owner) == 0
        assert Event.objects.count() == events

    def test_a_trainee_of_another_class_is_left_out(self, district, draft, trainees):
        foreign = enrol(class_of(district.neighbour_unit), person_in(district.neighbour_unit))
        assert save_results(recognition=draft, results={foreign.pk: Result("failed")}, actor=district.owner) == 0

    @pytest.mark.parametrize("state", ["submitted", "checked", "recognised", "partly", "refused"])
    def test_not_once_submitted(self, district, course, state):
        with pytest.raises(NotPossible, match="提交后不能再改考核结果"):
            save_results(recognition=recognition_of(course, state=state), results={}, actor=district.owner)

    def test_queries_do_not_grow_with_trainees(self, district, django_assert_max_num_queries):
        counts = []
        for number in (3, 30):
            course = class_of(district.unit, assessment="exam")
            results = {enrol(course, person_in(district.unit, f"学员{n}")).pk: Result("passed") for n in range(number)}
            case = recognition_of(course)
            with django_assert_max_num_queries(15) as queries:
                save_results(recognition=case, results=results, actor=district.owner)
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestDecisions:
    def amounts(self, value):
        return {KEY: Decimal(value)}

    def test_replace_each_other_and_can_be_taken_back(self, district, submitted, trainees):
        one = trainees[0]
        decide(recognition=submitted, enrolment=one, amounts=self.amounts(8), reason="代签", actor=district.handler)
        decide(recognition=submitted, enrolment=one, amounts=self.amounts(12), reason="更正", actor=district.handler)
        assert list(Override.objects.values_list("amount", "reason")) == [(Decimal("12.0"), "更正")]
        decide(recognition=submitted, enrolment=one, amounts={}, reason="按签到", actor=district.handler)
        assert not Override.objects.exists()
        assert Event.objects.filter(name="decided").count() == 3

    def test_no_more_than_the_class_has_to_give(self, district, submitted, trainees):
        with pytest.raises(NotPossible) as refused:
            decide(
                recognition=submitted,
                enrolment=trainees[0],
                amounts={KEY: Decimal("16.5"), (2025, "public"): Decimal(1)},
                reason="x",
                actor=district.handler,
            )
        assert refused.value.reasons == [
            "2026 年核定 16.5，超过全程参加的 16.0",
            "本班 2025 年没有这一科目的学时（学分）",
        ]

    @pytest.mark.parametrize("person", ["owner", "approver", "neighbour"])
    def test_only_by_the_handler(self, district, submitted, trainees, person):
        with pytest.raises(NotPossible, match="只有区人社局经办"):
            decide(
                recognition=submitted, enrolment=trainees[0], amounts={}, reason="x", actor=getattr(district, person)
            )

    @pytest.mark.parametrize("state", ["draft", "returned", "checked", "recognised"])
    def test_only_while_under_review(self, district, course, trainees, state):
        case = recognition_of(course, state=state)
        with pytest.raises(NotPossible, match="只有审核时可以核定"):
            decide(recognition=case, enrolment=trainees[0], amounts={}, reason="x", actor=district.handler)

    def test_the_rest_is_decided_with_nothing(self, district, submitted, trainees):
        AssessmentResult.objects.create(enrolment=trainees[0], outcome="passed")
        assert decide_rest(recognition=submitted, reason="缺考", actor=district.handler) == 2
        found = tally(fresh(submitted))
        assert found.undecided == []
        assert [each.total("professional") for each in found.trainees] == [Decimal("16.0"), 0, 0]
        assert decide_rest(recognition=submitted, reason="缺考", actor=district.handler) == 0

    def test_nothing_is_given_again_where_something_has_changed_since(self, district, submitted, trainees):
        AssessmentResult.objects.create(enrolment=trainees[0], outcome="passed")
        decide_rest(recognition=submitted, reason="缺考", actor=district.handler)
        Override.objects.filter(enrolment=trainees[1]).update(basis="another")
        assert [each.enrolment for each in tally(fresh(submitted)).outdated] == [trainees[1]]
        assert decide_rest(recognition=submitted, reason="缺考，已核对", actor=district.handler) == 1
        assert tally(fresh(submitted)).outdated == []
        reasons = set(Override.objects.filter(enrolment=trainees[1]).values_list("reason", flat=True))
        assert reasons == {"缺考，已核对"}

    def test_of_decisions_older_than_their_basis_nothing_is_said(self, district, submitted, trainees):
        decide_rest(recognition=submitted, reason="缺考", actor=district.handler)
        Override.objects.update(basis="")
        assert tally(fresh(submitted)).outdated == []


class TestExclusions:
    def test_a_half_day_for_everybody(self, district, submitted, trainees):
        for trainee in trainees:
            AssessmentResult.objects.create(enrolment=trainee, outcome="passed")
        row = exclude(
            recognition=submitted, day=DAY, half_day="morning", enrolment=None, reason="未授课", actor=district.handler
        )
        assert [each.total("professional") for each in tally(fresh(submitted)).trainees] == [Decimal("12.0")] * 3
        include_again(exclusion=row, actor=district.handler)
        assert [each.total("professional") for each in tally(fresh(submitted)).trainees] == [Decimal("16.0")] * 3

    def test_for_one_trainee(self, district, submitted, trainees):
        AssessmentResult.objects.create(enrolment=trainees[1], outcome="passed")
        exclude(
            recognition=submitted,
            day=DAY,
            half_day="morning",
            enrolment=trainees[1],
            reason="代签",
            actor=district.handler,
        )
        found = {each.enrolment.pk: each for each in tally(fresh(submitted)).trainees}
        assert found[trainees[1].pk].total("professional") == Decimal("12.0")
        assert found[trainees[0].pk].result.half_days[0].why == "counted"

    def test_the_same_one_twice_is_one(self, district, submitted):
        for _ in range(2):
            exclude(
                recognition=submitted, day=DAY, half_day="morning", enrolment=None, reason="x", actor=district.handler
            )
        assert Exclusion.objects.count() == 1


def test_partial_attendance_of_a_credits_class_is_the_handlers_to_decide(district):
    course = class_of(district.unit, measure="credits", credits={"class_2": "5.0"})
    trainee = enrol(course, person_in(district.unit))
    sign(trainee, DAY, "morning", time_in=time(8, 30), time_out=time(11, 30))
    case = recognition_of(course, state="submitted")
    assert [each.enrolment for each in tally(case).undecided] == [trainee]
    decide(
        recognition=case,
        enrolment=trainee,
        amounts={(2026, "class_2"): Decimal("2.5")},
        reason="参加一半",
        actor=district.handler,
    )
    found = tally(fresh(case))
    assert found.undecided == []
    assert not found.is_partial

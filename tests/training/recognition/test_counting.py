"""The hours of a class in the database are those of the pure function (product.md R2)."""

from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import person_in
from tests.training.factories import add_lessons, class_of, enrol, sign, sign_all, stranger
from training.attendance.models import Sign
from training.choices import Assessment
from training.classes.models import TimetableRow
from training.half_days import Lesson, Why
from training.half_days import Sign as SignFact
from training.recognition import hours
from training.recognition.counting import class_case, class_cases, full_amounts, tally
from training.recognition.hours import count_hours
from training.recognition.models import AssessmentResult, Exclusion, Recognition
from training.recognition.services import decide
from verification.choices import Measure

DAY = date(2026, 5, 11)


@pytest.fixture
def course(district):
    return class_of(district.unit)


@pytest.fixture
def trainees(district, course):
    return [enrol(course, person_in(district.neighbour_unit, name)) for name in ("王小明", "李晓红")]


def recognition_of(course, **kwargs):
    return Recognition.objects.create(application=course, unit=course.unit, **kwargs)


@pytest.mark.notice("一(五)3")
def test_full_attendance_earns_every_counting_hour(course, trainees):
    sign_all(course, trainees)
    result = count_hours(class_case(course))[0]
    assert result.person == trainees[0].pk
    assert [(each.year, each.subject, each.amount) for each in result.amounts] == [
        (2026, "professional", Decimal("16.0"))
    ]


@pytest.mark.notice("一(五)3")
def test_a_missing_sign_out_costs_the_half_day(course, trainees):
    sign_all(course, trainees)
    Sign.objects.get(enrolment=trainees[0], date=DAY, half_day="afternoon", kind="out").delete()
    result = count_hours(class_case(course))[0]
    assert [each.why for each in result.half_days] == [Why.COUNTED, Why.NO_SIGN_OUT, Why.COUNTED, Why.COUNTED]
    assert result.total("professional") == Decimal("12.0")


def test_struck_signs_do_not_count(course, trainees):
    sign_all(course, trainees)
    Sign.objects.filter(enrolment=trainees[0], date=DAY, half_day="morning").update(struck_at="2026-05-12T08:00+08:00")
    assert count_hours(class_case(course))[0].half_days[0].why is Why.ABSENT


def test_a_trainee_taken_off_the_list_is_not_counted(course, trainees):
    sign_all(course, trainees)
    type(trainees[0]).objects.filter(pk=trainees[0].pk).update(
        removed_at="2026-05-10T08:00+08:00", removed_reason="调出"
    )
    assert [result.person for result in count_hours(class_case(course))] == [trainees[1].pk]


@pytest.mark.notice("三3")
def test_results_and_exclusions_reach_the_counting(course, trainees, district):
    course.assessment = Assessment.EXAM
    course.save()
    sign_all(course, trainees)
    AssessmentResult.objects.create(enrolment=trainees[0], outcome="failed")
    recognition = recognition_of(course)
    Exclusion.objects.create(
        recognition=recognition, date=DAY, half_day="morning", reason="未按课程表授课", decided_by=district.handler
    )
    failed, unknown = count_hours(class_case(course))
    assert (failed.amounts, failed.decide, unknown.decide) == ((), False, True)
    assert failed.half_days[0].why is Why.EXCLUDED


def test_a_class_of_credits_has_them_whole(district):
    course = class_of(district.unit, measure=Measure.CREDITS, credits={"class_2": "5.0"})
    trainee = enrol(course, person_in(district.unit))
    sign_all(course, [trainee])
    assert count_hours(class_case(course))[0].amounts == (hours.Amount(2026, "class_2", Decimal("5.0")),)


def test_what_can_be_earned_at_most_is_full_attendance(course):
    add_lessons(course, [(date(2026, 5, 13), "evening")], subject="public")
    amounts = {(each.year, each.subject): each.amount for each in full_amounts(class_case(course))}
    assert amounts == {(2026, "professional"): Decimal("16.0"), (2026, "public"): Decimal("2.0")}


def test_a_tally_puts_decisions_on_top_and_knows_when_something_is_reduced(course, trainees, district):
    sign_all(course, trainees)
    recognition = recognition_of(course, state="submitted")
    assert not tally(recognition).is_partial
    amounts = {(2026, "professional"): Decimal("8.0")}
    facts = {"amounts": amounts, "reason": "第二天代签", "actor": district.handler}
    decide(recognition=recognition, enrolment=trainees[0], **facts)
    found = tally(Recognition.objects.get(pk=recognition.pk))
    assert found.is_partial
    assert [trainee.total("professional") for trainee in found.trainees] == [Decimal("8.0"), Decimal("16.0")]
    assert [(final.counted, final.reason) for final in found.trainees[0].finals] == [(Decimal("16.0"), "第二天代签")]


def test_an_excluded_half_day_is_a_reduction_too(course, trainees, district):
    sign_all(course, trainees)
    recognition = recognition_of(course)
    Exclusion.objects.create(
        recognition=recognition, date=DAY, half_day="morning", reason="x", decided_by=district.handler
    )
    assert tally(recognition).is_partial


def test_an_excluded_half_day_that_nobody_attended_reduces_nothing(course, trainees, district):
    recognition = recognition_of(course)
    Exclusion.objects.create(recognition=recognition, reason="x", decided_by=district.handler)
    assert not tally(recognition).is_partial


@pytest.mark.parametrize("people", [3, 30])
def test_queries_do_not_grow_with_trainees(district, people, django_assert_num_queries):
    course = class_of(district.unit, days=3)
    everybody = [enrol(course, person_in(district.unit, f"学员{n}")) for n in range(people)]
    sign_all(course, everybody)
    recognition = Recognition.objects.select_related("application").get(pk=recognition_of(course).pk)
    with django_assert_num_queries(6):
        assert len(tally(recognition).trainees) == people


@pytest.mark.parametrize("count", [3, 30])
def test_many_classes_are_loaded_in_as_many_queries_as_one(district, count, django_assert_num_queries):
    person = person_in(district.unit)
    courses = [class_of(district.unit, days=1) for _ in range(count)]
    enrolments = [enrol(course, person) for course in courses]
    for course, enrolment in zip(courses, enrolments, strict=True):
        sign_all(course, [enrolment])
    with django_assert_num_queries(4):
        cases = class_cases(courses, person.enrolments.all())
    assert [count_hours(cases[course.pk])[0].total("professional") for course in courses] == [Decimal("8.0")] * count


# --- the adapter equals the pure function, whatever the timetable and the signs ---------------------------------------

half_days = st.sampled_from(["morning", "afternoon", "evening"])
days = st.integers(0, 4).map(lambda n: date(2026, 12, 29) + timedelta(days=n))
lines = st.lists(
    st.tuples(days, half_days, st.sampled_from(["public", "professional"]), st.integers(0, 80), st.booleans()),
    min_size=1,
    max_size=8,
)
punches = st.lists(
    st.tuples(st.integers(0, 2), days, half_days, st.booleans(), st.integers(6, 22), st.integers(0, 59), st.booleans()),
    max_size=40,
    unique_by=lambda punch: punch[:6],
)
outcomes = st.lists(st.sampled_from(["passed", "failed", ""]), min_size=3, max_size=3)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=lines, punches=punches, outcomes=outcomes, assessed=st.booleans())
def test_the_database_gives_what_the_pure_function_gives(district, lines, punches, outcomes, assessed):
    with transaction.atomic():
        course = class_of(district.unit, half_days=(), assessment=Assessment.EXAM if assessed else Assessment.NONE)
        people = [stranger(course, f"学员{n}") for n in range(3)]
        for day, half_day, subject, tenths, counts in lines:
            TimetableRow.objects.create(
                application=course,
                date=day,
                half_day=half_day,
                subject=subject,
                hours=Decimal(tenths) / 10,
                counts=counts,
                starts_at=time(8),
                ends_at=time(9),
                course="x",
            )
        for n, day, half_day, is_in, hour, minute, struck in punches:
            at = time(hour, minute)
            sign(people[n], day, half_day, time_in=at if is_in else None, time_out=None if is_in else at)
            if struck:
                Sign.objects.filter(pk=Sign.objects.latest("pk").pk).update(struck_at="2027-01-05T08:00+08:00")
        for person, outcome in zip(people, outcomes, strict=True):
            if outcome:
                AssessmentResult.objects.create(enrolment=person, outcome=outcome)
        found = count_hours(class_case(course))
        transaction.set_rollback(True)
    assert [_plain(result) for result in found] == _expected(lines, punches, outcomes, assessed)


def _plain(result):
    half_days = [(each.date, str(each.half_day), str(each.why)) for each in result.half_days]
    return half_days, [(each.year, each.subject, each.amount) for each in result.amounts], result.decide


def _expected(lines, punches, outcomes, assessed):
    case = hours.ClassCase(
        timetable=tuple(
            Lesson(day, half_day, subject, Decimal(tenths) / 10, counts)
            for day, half_day, subject, tenths, counts in lines
        ),
        trainees=(0, 1, 2),
        signs=tuple(
            SignFact(n, day, half_day, is_in, time(hour, minute))
            for n, day, half_day, is_in, hour, minute, struck in punches
            if not struck
        ),
        assessment=assessed,
        results={n: outcome == "passed" for n, outcome in enumerate(outcomes) if outcome},
    )
    return [_plain(result) for result in count_hours(case)]

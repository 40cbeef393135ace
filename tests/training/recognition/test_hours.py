"""Hours from timetable and attendance: the public cases, and what must always hold."""

import random
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.choices import HalfDay
from training.half_days import Lesson, Sign, Why, slots_of
from training.recognition.hours import ClassCase, Exclusion, count_hours

pytestmark = pytest.mark.notice("一(五)3")

DAY = date(2026, 5, 11)
MORNING = (DAY, HalfDay.MORNING)
ROW = Lesson(DAY, HalfDay.MORNING, "professional", Decimal("4.0"))


def sign(is_in: bool, hour: int, minute: int = 0, *, slot=MORNING, person="甲") -> Sign:
    return Sign(person, *slot, is_in, time(hour, minute))


def why(*signs: Sign, exclusions: tuple[Exclusion, ...] = ()) -> Why:
    (result,) = count_hours(ClassCase((ROW,), ("甲",), signs, exclusions=exclusions))
    return result.half_days[0].why


class TestWhy:
    """The first reason that applies."""

    def test_each(self):
        assert why() is Why.ABSENT
        assert why(sign(False, 11)) is Why.NO_SIGN_IN
        assert why(sign(True, 8)) is Why.NO_SIGN_OUT
        assert why(sign(True, 11), sign(False, 8)) is Why.OUT_BEFORE_IN
        assert why(sign(True, 8), sign(False, 8)) is Why.OUT_BEFORE_IN
        assert why(sign(True, 8), sign(False, 8, 1)) is Why.COUNTED

    def test_exclusion_comes_first(self):
        assert why(exclusions=(Exclusion(),)) is Why.EXCLUDED
        assert why(sign(True, 8), sign(False, 11), exclusions=(Exclusion(),)) is Why.EXCLUDED

    def test_signs_elsewhere_are_ignored(self):
        afternoon, next_day = (DAY, HalfDay.AFTERNOON), (DAY + timedelta(days=1), HalfDay.MORNING)
        assert why(sign(True, 8, slot=afternoon), sign(False, 11, slot=next_day)) is Why.ABSENT
        assert why(sign(True, 8, person="乙"), sign(False, 11, person="乙")) is Why.ABSENT

    @pytest.mark.parametrize(
        ("exclusion", "hit"),
        [
            (Exclusion(), True),
            (Exclusion(person="甲"), True),
            (Exclusion(person="乙"), False),
            (Exclusion(date=DAY), True),
            (Exclusion(date=DAY + timedelta(days=1)), False),
            (Exclusion(half_day=HalfDay.MORNING), True),
            (Exclusion(half_day=HalfDay.EVENING), False),
            (Exclusion("甲", DAY, HalfDay.MORNING), True),
            (Exclusion("甲", DAY, HalfDay.EVENING), False),
        ],
    )
    def test_what_an_exclusion_covers(self, exclusion, hit):
        assert (why(exclusions=(exclusion,)) is Why.EXCLUDED) is hit

    def test_every_reason_has_words(self):
        assert len({each.label for each in Why}) == len(Why)


def counting_half_days(timetable) -> list[tuple[date, str]]:
    return [slot.key for slot in slots_of(timetable)]


def attended(person: str, *slots: tuple[date, HalfDay]) -> list[Sign]:
    return [sign(is_in, 8 if is_in else 11, slot=slot, person=person) for slot in slots for is_in in (True, False)]


NEW_YEAR = (
    Lesson(date(2025, 12, 31), HalfDay.EVENING, "professional", Decimal("2.0")),
    replace(ROW, date=date(2026, 1, 1)),
)


def test_a_class_over_new_year_earns_in_two_years():
    case = ClassCase(NEW_YEAR, ("甲",), tuple(attended("甲", *counting_half_days(NEW_YEAR))))
    (result,) = count_hours(case)
    assert [(each.year, str(each.amount)) for each in result.amounts] == [(2025, "2.0"), (2026, "4.0")]
    assert result.total("professional") == Decimal("6.0")


class TestCredits:
    rows = NEW_YEAR
    credits = {"class_2": Decimal("3.0"), "class_1": Decimal("0"), "general_practice": Decimal("1.5")}

    def count(self, *slots, **kwargs):
        (result,) = count_hours(ClassCase(self.rows, ("甲",), tuple(attended("甲", *slots)), self.credits, **kwargs))
        return [(each.year, each.subject, str(each.amount)) for each in result.amounts], result.decide

    def test_whole_in_the_year_of_the_last_half_day(self):
        slots = counting_half_days(self.rows)
        assert self.count(*slots) == ([(2026, "class_2", "3.0"), (2026, "general_practice", "1.5")], False)

    def test_partly_is_decided_by_the_handler(self):
        assert self.count(counting_half_days(self.rows)[0]) == ([], True)

    def test_never_there_earns_nothing(self):
        assert self.count() == ([], False)

    def test_an_excluded_half_day_is_not_counted(self):
        slots = counting_half_days(self.rows)
        assert self.count(*slots, exclusions=(Exclusion(date=DAY), Exclusion(date=slots[0][0]))) == ([], True)
        assert self.count(*slots, exclusions=(Exclusion(),)) == ([], False)

    def test_failed_and_without_result(self):
        slots = counting_half_days(self.rows)
        assert self.count(slots[0], assessment=True, results={"甲": False}) == ([], False)
        assert self.count(*slots, assessment=True) == ([], True)
        assert self.count(*slots, assessment=True, results={"甲": True})[1] is False

    def test_a_timetable_without_counting_rows_gives_nothing(self):
        idle = tuple(replace(row, counts=False) for row in self.rows)
        (result,) = count_hours(ClassCase(idle, ("甲",), credits=self.credits))
        assert (result.half_days, result.amounts, result.decide) == ((), (), False)


def test_results_are_ignored_without_an_assessment():
    case = ClassCase((ROW,), ("甲",), tuple(attended("甲", MORNING)), results={"甲": False})
    assert count_hours(case)[0].total("professional") == Decimal("4.0")


class TestStated:
    """What the public description states since (data/hours)."""

    def one(self, *signs: Sign, timetable=(ROW,), **kwargs):
        (result,) = count_hours(ClassCase(timetable, ("甲",), signs, **kwargs))
        return result

    def test_seconds_are_cut_off(self):
        def at(is_in, *clock):
            return Sign("甲", *MORNING, is_in, time(*clock))

        assert why(at(True, 8, 20, 0), at(False, 8, 20, 59)) is Why.OUT_BEFORE_IN
        assert why(at(True, 8, 20, 59), at(False, 8, 21, 0)) is Why.COUNTED
        assert why(at(True, 8, 20, 59), at(True, 8, 20, 1), at(False, 8, 20, 30)) is Why.OUT_BEFORE_IN

    @pytest.mark.parametrize("credits", [None, {"class_2": Decimal(3)}])
    def test_no_result_yet_and_never_present_is_decided_by_the_handler(self, credits):
        result = self.one(assessment=True, credits=credits)
        assert (result.half_days[0].why, result.amounts, result.decide) == (Why.ABSENT, (), True)
        assert self.one(assessment=True, credits=credits, exclusions=(Exclusion(),)).decide

    def test_an_evening_sign_out_after_midnight_is_no_sign_out(self):
        evening = (DAY, HalfDay.EVENING)
        signs = (sign(True, 19, slot=evening), sign(False, 0, 20, slot=evening))
        assert self.one(*signs, timetable=(replace(ROW, half_day="evening"),)).half_days[0].why is Why.OUT_BEFORE_IN

    def test_credits_are_of_the_year_of_the_last_counting_half_day(self):
        ceremony = replace(ROW, date=date(2027, 1, 2), counts=False)
        old, idle = replace(ROW, date=date(2026, 12, 31)), replace(ROW, date=date(2026, 12, 30), hours=Decimal(0))
        signs = attended("甲", *counting_half_days((old, idle)))
        result = self.one(*signs, timetable=(ceremony, old, idle), credits={"class_2": Decimal(3)})
        assert [(each.year, each.amount) for each in result.amounts] == [(2026, 3)]
        assert len(result.half_days) == 2

    @pytest.mark.parametrize("results", [{}, {"甲": False}, {"乙": False}])
    def test_results_of_a_class_without_an_assessment_are_ignored(self, results):
        result = self.one(*attended("甲", MORNING), results=results, credits={"class_2": Decimal(3)})
        assert (len(result.amounts), result.decide) == (1, False)


rows = st.builds(
    Lesson,
    st.dates(date(2025, 12, 28), date(2026, 1, 4)),
    st.sampled_from(HalfDay),
    st.sampled_from(["public", "professional"]),
    st.integers(0, 40).map(lambda tenths: Decimal(tenths) / 10),
    st.booleans(),
)
signs = st.builds(
    Sign,
    st.sampled_from("甲乙丙丁"),
    st.dates(date(2025, 12, 28), date(2026, 1, 4)),
    st.sampled_from(HalfDay),
    st.booleans(),
    st.times(time(6), time(22)).map(lambda moment: moment.replace(second=0, microsecond=0)),
)
exclusions = st.builds(
    Exclusion,
    st.none() | st.sampled_from("甲乙"),
    st.none() | st.dates(date(2025, 12, 28), date(2026, 1, 4)),
    st.none() | st.sampled_from(HalfDay),
)
cases = st.builds(
    ClassCase,
    st.lists(rows, max_size=10).map(tuple),
    st.just(("甲", "乙", "丙")),
    st.lists(signs, max_size=40).map(tuple),
    exclusions=st.lists(exclusions, max_size=2).map(tuple),
)


class TestAlways:
    """For any timetable and any attendance."""

    @given(cases, st.randoms(use_true_random=False))
    def test_the_order_of_rows_and_signs_is_irrelevant(self, case, chance: random.Random):
        shuffled = replace(
            case,
            signs=tuple(chance.sample(case.signs, len(case.signs))),
            timetable=tuple(chance.sample(case.timetable, len(case.timetable))),
        )
        assert count_hours(case) == count_hours(shuffled)

    @given(cases)
    def test_sums_are_those_of_the_counted_half_days(self, case):
        for result in count_hours(case):
            counted = {(each.date, each.half_day) for each in result.half_days if each.counted}
            hours = [row.hours for row in case.timetable if row.counts and (row.date, row.half_day) in counted]
            assert sum(each.amount for each in result.amounts) == sum(hours)
            assert all(each.amount > 0 for each in result.amounts)

    @given(cases, signs)
    def test_a_sign_in_and_a_sign_out_more_never_lower_anything(self, case, more):
        early, late = replace(more, is_in=True, time=time(5)), replace(more, is_in=False, time=time(23))
        before, after = count_hours(case), count_hours(replace(case, signs=(*case.signs, early, late)))
        for less, much in zip(before, after, strict=True):
            for subject in ("public", "professional"):
                assert less.total(subject) <= much.total(subject)

    @given(cases)
    def test_one_half_day_needs_an_in_before_an_out(self, case):
        for result in count_hours(case):
            for each in result.half_days:
                mine = [
                    s for s in case.signs if (s.person, s.date, s.half_day) == (result.person, each.date, each.half_day)
                ]
                pairs = [(i, o) for i in mine if i.is_in for o in mine if not o.is_in and o.time > i.time]
                excluded = any(e.covers(result.person, (each.date, each.half_day)) for e in case.exclusions)
                assert each.counted == (bool(pairs) and not excluded)

    @given(cases)
    def test_each_trainee_once_in_order_with_half_days_in_order_of_time(self, case):
        results = count_hours(case)
        assert [each.person for each in results] == ["甲", "乙", "丙"]
        order = {half_day: n for n, half_day in enumerate(HalfDay)}
        for result in results:
            places = [(each.date, order[each.half_day]) for each in result.half_days]
            assert places == sorted(set(places))

    @given(cases, st.integers(0, 59))
    def test_seconds_change_nothing(self, case, second):
        later = tuple(replace(each, time=each.time.replace(second=second)) for each in case.signs)
        assert count_hours(replace(case, signs=later)) == count_hours(case)

    @given(cases)
    def test_everything_excluded_earns_nothing(self, case):
        for result in count_hours(replace(case, exclusions=(Exclusion(),))):
            assert (result.amounts, result.decide) == ((), False)

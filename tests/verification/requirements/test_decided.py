"""What was decided so that a verdict that was stamped comes out the same when it is computed again years later."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verification.requirements.assess import Entry, Outcome, PersonFacts, assess, choose

from .rules import SPARE, credits, hours, lines, verdict

GENERAL = PersonFacts("general")
SECOND = PersonFacts("medical", "second")
FIRST = PersonFacts("medical", "first", tenure=(2023, 2025))
TEACHER = PersonFacts("teacher", cycle=(2021, 2025))
PEOPLE = [GENERAL, SECOND, FIRST, replace(FIRST, tenure=None), TEACHER, replace(TEACHER, cycle=None)]


def trainings(*entries: Entry, year: int = 2025) -> str:
    return lines(verdict(TEACHER, year, *entries))["intensive_or_remote"][1]


class TestLaterEntries:
    def test_in_a_tenure(self):
        known = [credits(2024, "class_2", "25"), credits(2025, "general_practice", "10")]
        assert lines(verdict(FIRST, 2024, *known))["general_practice"] == ("10", "0", "0", None)
        assert lines(verdict(FIRST, 2025, *known))["general_practice"] == ("10", "10", "10", True)

    def test_in_a_cycle(self):
        known = [hours(2022, "professional", "72", "remote"), hours(2023, "public", "24", course="师德修养")]
        found = verdict(TEACHER, 2022, *known, teacher_cycle_total="96")
        assert lines(found) == {
            "intensive_or_remote": ("1", "1", "1", True),
            "public_courses": ("2", "0", "0", None),
            "total": ("96", "72", "72", None),
        }

    def test_a_counter_entry_of_a_later_year_is_later_too(self):
        remote = hours(2022, "professional", "72", "remote", source="class-7")
        gone = replace(remote, amount=Decimal(-72), year=2023)
        assert (trainings(remote, gone, year=2022), trainings(remote, gone, year=2023)) == ("1", "0")


class TestYearsWithoutAVerdict:
    @pytest.mark.parametrize("amount", ["0", "24.9"])
    def test_no_tenure_can_cure_a_year_that_is_short(self, amount):
        short = verdict(replace(FIRST, tenure=None), 2025, credits(2025, "class_2", amount))
        assert short.outcome is Outcome.UNMET
        assert lines(short)["general_practice"][3] is None

    def test_a_full_year_waits_for_the_tenure(self):
        full = verdict(replace(FIRST, tenure=None), 2025, credits(2025, "general_practice", "25"))
        assert full.outcome is Outcome.UNDETERMINED

    def test_remote_above_the_cap_leaves_a_year_short(self):
        over = [credits(2025, "class_2", "12"), credits(2025, "general_practice", "30", "remote")]
        assert verdict(replace(FIRST, tenure=None), 2025, *over).outcome is Outcome.UNMET

    @pytest.mark.parametrize("span", [(2019, 2024), (2026, 2030)])
    @pytest.mark.parametrize("amount", ["20", "30"])
    def test_a_year_outside_what_is_given(self, span, amount):
        entry = credits(2025, "class_2", amount)
        assert verdict(replace(FIRST, tenure=span), 2025, entry).outcome is Outcome.UNDETERMINED
        assert verdict(replace(TEACHER, cycle=span), 2025).outcome is Outcome.UNDETERMINED

    @pytest.mark.parametrize("span", [(2019, 2024), (2026, 2030)])
    def test_a_span_that_nothing_needs_does_not_matter(self, span):
        assert verdict(replace(SECOND, tenure=span, cycle=span), 2025).outcome is Outcome.UNMET
        assert verdict(replace(GENERAL, tenure=span, cycle=span), 2025).outcome is Outcome.UNMET

    @pytest.mark.parametrize("person", PEOPLE)
    def test_before_the_notice(self, person):
        over = replace(person, tenure=(2014, 2018), cycle=(2014, 2018))
        assert verdict(over, 2016, hours(2016, "professional", "90")).outcome is Outcome.UNDETERMINED


class TestTrainings:
    both = (
        hours(2024, "professional", "60", intensive=True, source="class-7"),
        hours(2024, "public", "12", intensive=True, course="师德修养", source="class-7"),
    )

    def test_one_posted_as_several_entries_is_one(self):
        assert trainings(*self.both) == "1"
        assert trainings(*self.both, replace(self.both[0], source="class-9")) == "2"

    def test_one_over_new_year_is_one(self):
        assert trainings(self.both[0], replace(self.both[0], year=2025)) == "1"

    def test_without_a_source_each_is_its_own(self):
        assert trainings(*(replace(each, source="") for each in self.both)) == "2"

    @pytest.mark.parametrize("amount", ["-60", "-12", "-0.5", "-90"])
    def test_one_that_was_countered_is_none_by_however_much(self, amount):
        gone = replace(self.both[0], amount=Decimal(amount))
        other = hours(2025, "professional", "30", "remote", source="class-9")
        assert trainings(*self.both, gone) == "0"
        assert trainings(*self.both, gone, other) == "1"

    def test_a_counter_entry_that_says_less_about_the_class_counters_it(self):
        assert trainings(*self.both, hours(2024, "public", "-12", source="class-7")) == "0"

    def test_a_counter_entry_of_another_measure_does_not(self):
        assert trainings(*self.both, credits(2024, "class_2", "-60", source="class-7")) == "1"

    def test_an_unrelated_counter_entry_takes_nothing_else_away(self):
        gone = hours(2023, "professional", "-200", "remote", source="class-1")
        assert trainings(*self.both, gone) == "1"
        assert trainings(*self.both, replace(gone, source="")) == "1"

    def test_one_that_is_neither_intensive_nor_remote_is_none(self):
        assert trainings(hours(2024, "professional", "60", source="class-7")) == "0"

    def test_intensive_placements_are_intensive(self):
        placement = hours(2024, "professional", "160", "placement", source="class-7")
        assert (trainings(placement), trainings(replace(placement, intensive=True))) == ("0", "1")

    def test_what_comes_to_nothing_is_left_out(self):
        gone = replace(self.both[0], amount=Decimal(-60), is_void=True)
        again = replace(self.both[0], is_void=True)
        found = verdict(TEACHER, 2025, *self.both, gone, again)
        assert lines(found)["intensive_or_remote"][1] == "1"
        assert lines(found)["total"][1] == "72"


class TestWhatCounts:
    def test_remote_general_practice_counts_whole_for_the_tenure(self):
        found = verdict(FIRST, 2025, credits(2025, "general_practice", "15", "remote"), credits(2025, "class_2", "13"))
        assert lines(found) == {"total": ("25", "28", "25", True), "general_practice": ("10", "15", "15", True)}

    @pytest.mark.parametrize("subject", ["public", "professional", "class_1", "general_practice"])
    def test_a_required_course_under_any_subject(self, subject):
        known = [hours(2024, subject, "12", course="师德修养"), hours(2025, "public", "12", course="教育法规")]
        assert lines(verdict(TEACHER, 2025, *known))["public_courses"] == ("2", "2", "2", True)


class TestTheAlternativeOf2024:
    (spare,) = SPARE

    def by_it(self, person: PersonFacts, *entries: Entry) -> tuple[Outcome | None, dict[str, tuple]]:
        found = assess(2025, person, entries, choose(SPARE, 2025, person), {})
        return found.outcome, lines(found)

    def test_keeps_general_practice_for_the_first_level(self):
        enough = [credits(2025, "class_2", "25"), hours(2025, "professional", "90")]
        outcome, found = self.by_it(FIRST, *enough)
        assert (outcome, found["general_practice"]) == (Outcome.UNMET, ("10", "0", "0", False))
        assert self.by_it(FIRST, *enough, credits(2023, "general_practice", "10"))[0] is Outcome.MET
        outcome, found = self.by_it(SECOND, *enough)
        assert (outcome, set(found)) == (Outcome.MET, {"total", "hours"})

    @pytest.mark.parametrize("level", ["third", None])
    def test_holds_for_the_levels_that_it_names(self, level):
        person = PersonFacts("medical", level)
        assert self.by_it(person, credits(2025, "class_2", "25"))[0] is Outcome.UNDETERMINED
        assert choose([replace(self.spare, levels=frozenset())], 2025, person) is None
        assert choose([replace(self.spare, levels=frozenset(["third"]))], 2025, PersonFacts("medical", "third"))


entries = st.builds(
    Entry,
    st.integers(2020, 2026),
    st.sampled_from(["hours", "credits"]),
    st.sampled_from(["public", "professional", "class_2", "general_practice"]),
    st.sampled_from(["class", "remote", "placement"]),
    st.integers(-40, 400).map(lambda tenths: Decimal(tenths) / 10),
    st.booleans(),
    st.sampled_from(["", "师德修养", "教育法规"]),
    st.sampled_from(["", "a", "b", "c"]),
)
some = st.lists(entries, max_size=20)


class TestAlways:
    @given(st.sampled_from(PEOPLE), st.integers(2021, 2025), some, some)
    def test_what_comes_later_changes_nothing(self, person, year, known, more):
        later = [replace(each, year=year + 1 + n % 3) for n, each in enumerate(more)]
        before, after = verdict(person, year, *known), verdict(person, year, *known, *later)
        assert (before.outcome, lines(before)) == (after.outcome, lines(after))

    @given(some)
    def test_splitting_a_training_by_subject_changes_nothing(self, known):
        sourced = [replace(each, source=each.source or f"own-{n}") for n, each in enumerate(known)]
        halves = [replace(each, amount=each.amount / 2) for each in sourced for _ in range(2)]
        assert trainings(*sourced) == trainings(*halves)

    @given(some, st.sampled_from(["a", "b", "c"]))
    def test_any_counter_entry_ends_its_training_and_no_other(self, known, source):
        sourced = [replace(each, source=each.source or "d", year=2024, measure="hours") for each in known]
        gone = hours(2024, "public", "-0.1", source=source)
        rest = [each for each in sourced if each.source != source]
        assert trainings(*sourced, gone) == trainings(*rest)

"""Verdicts by the rules of the notice, at their edges."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verification.requirements.assess import Entry, Outcome, PersonFacts, assess, choose

from .rules import ACTIVE, credits, hours, lines, verdict

GENERAL = PersonFacts("general")
SECOND = PersonFacts("medical", "second")
FIRST = PersonFacts("medical", "first", tenure=(2023, 2025))
TEACHER = PersonFacts("teacher", cycle=(2021, 2025))


@pytest.mark.notice("一(三)1")
class TestGeneral:
    def test_ninety_hours_and_sixty_professional(self):
        found = verdict(GENERAL, 2025, hours(2025, "public", "30"), hours(2025, "professional", "60"))
        assert found.outcome is Outcome.MET
        assert found.rule_set.code == "general-2017"

    def test_half_an_hour_short(self):
        found = verdict(GENERAL, 2025, hours(2025, "public", "29.5"), hours(2025, "professional", "60"))
        assert (found.outcome, lines(found)["total"]) == (Outcome.UNMET, ("90", "89.5", "89.5", False))

    def test_nothing_at_all(self):
        assert lines(verdict(GENERAL, 2025)) == {
            "total": ("90", "0", "0", False),
            "professional": ("60", "0", "0", False),
            "public": (None, "0", "0", None),
        }

    def test_the_public_share_decides_only_where_it_is_set(self):
        entries = [hours(2025, "professional", "90")]
        assert verdict(GENERAL, 2025, *entries).outcome is Outcome.MET
        assert verdict(GENERAL, 2025, *entries, public_minimum="1").outcome is Outcome.UNMET
        assert verdict(GENERAL, 2025, *entries, teacher_cycle_total="360").outcome is Outcome.MET

    def test_credits_do_not_count_as_hours(self):
        found = verdict(GENERAL, 2025, credits(2025, "class_2", "90"))
        assert lines(found)["total"] == ("90", "0", "0", False)

    def test_a_counter_entry_takes_away(self):
        taken = [hours(2025, "professional", "90"), hours(2025, "professional", "-4")]
        assert lines(verdict(GENERAL, 2025, *taken))["total"] == ("90", "86", "86", False)

    def test_counted_never_falls_below_zero(self):
        found = verdict(GENERAL, 2025, hours(2025, "professional", "-4"))
        assert lines(found)["professional"] == ("60", "-4", "0", False)

    def test_years_before_the_notice_have_no_rules(self):
        found = verdict(GENERAL, 2016, hours(2016, "professional", "90"))
        assert (found.outcome, found.requirements, found.rule_set) == (Outcome.UNDETERMINED, (), None)
        assert verdict(GENERAL, 2017).outcome is Outcome.UNMET


@pytest.mark.notice("一(三)2")
class TestMedical:
    def test_remote_counts_up_to_twelve(self):
        found = verdict(SECOND, 2025, credits(2025, "class_2", "12"), credits(2025, "class_1", "13", "remote"))
        assert lines(found) == {"total": ("25", "25", "24", False)}
        (over,) = found.requirements[0].surpluses
        assert (over.form, over.reached, over.cap) == ("remote", Decimal(13), Decimal(12))

    def test_a_counter_entry_is_added_before_the_cap(self):
        entries = [credits(2025, "class_2", "13"), credits(2025, "class_2", "15", "remote")]
        found = verdict(SECOND, 2025, *entries, credits(2025, "class_2", "-5", "remote"))
        assert lines(found)["total"] == ("25", "23", "23", False)
        found = verdict(SECOND, 2025, *entries, credits(2025, "class_2", "-2", "remote"))
        assert lines(found)["total"] == ("25", "26", "25", True)

    def test_remote_below_zero_is_added_like_any_other(self):
        found = verdict(SECOND, 2025, credits(2025, "class_2", "27"), credits(2025, "class_2", "-3", "remote"))
        assert lines(found)["total"] == ("25", "24", "24", False)

    def test_class_one_is_not_required(self):
        assert verdict(SECOND, 2025, credits(2025, "class_2", "25")).outcome is Outcome.MET

    @pytest.mark.parametrize("level", ["third", None])
    def test_third_level_and_unknown_level_get_no_verdict(self, level):
        found = verdict(PersonFacts("medical", level), 2025, credits(2025, "class_1", "25"))
        assert (found.outcome, found.requirements) == (Outcome.UNDETERMINED, ())

    def test_general_practice_is_decided_in_the_last_year_of_the_tenure(self):
        entries = [
            credits(2023, "general_practice", "10"),
            credits(2024, "class_2", "25"),
            credits(2025, "class_2", "25"),
        ]
        under_way = verdict(FIRST, 2024, *entries)
        assert (under_way.outcome, lines(under_way)["general_practice"][3]) == (Outcome.IN_PROGRESS, None)
        assert verdict(FIRST, 2025, *entries).outcome is Outcome.MET
        assert verdict(FIRST, 2025, *entries[1:]).outcome is Outcome.UNMET

    def test_unmet_in_a_year_of_the_tenure_is_unmet(self):
        assert verdict(FIRST, 2024, credits(2024, "class_2", "24")).outcome is Outcome.UNMET

    @pytest.mark.parametrize("tenure", [None, (2019, 2024), (2026, 2028)])
    def test_without_a_tenure_over_the_year_there_is_no_verdict(self, tenure):
        found = verdict(replace(FIRST, tenure=tenure), 2025, credits(2025, "class_2", "25"))
        assert found.outcome is Outcome.UNDETERMINED
        assert lines(found)["total"] == ("25", "25", "25", True)
        assert lines(found)["general_practice"][3] is None

    def test_second_level_needs_no_tenure(self):
        assert verdict(SECOND, 2025, credits(2025, "class_2", "25")).outcome is Outcome.MET


@pytest.mark.notice("一(三)3")
class TestTeacher:
    enough = (
        hours(2022, "professional", "72", "remote"),
        hours(2023, "public", "24", course="师德修养"),
        hours(2024, "public", "24", course="教育法规"),
    )

    def test_met_at_the_end_of_the_cycle(self):
        assert verdict(TEACHER, 2025, *self.enough).outcome is Outcome.MET

    def test_what_is_reached_early_is_met_early(self):
        found = verdict(TEACHER, 2024, *self.enough)
        assert (found.outcome, lines(found)["intensive_or_remote"]) == (Outcome.MET, ("1", "1", "1", True))
        open_one = verdict(TEACHER, 2024, *self.enough[1:])
        assert (open_one.outcome, lines(open_one)["intensive_or_remote"][3]) == (Outcome.IN_PROGRESS, None)

    def test_the_total_decides_only_where_it_is_set(self):
        found = verdict(TEACHER, 2025, *self.enough, teacher_cycle_total="120.5")
        assert (found.outcome, lines(found)["total"]) == (Outcome.UNMET, ("120.5", "120", "120", False))
        assert verdict(TEACHER, 2024, *self.enough, teacher_cycle_total="120.5").outcome is Outcome.IN_PROGRESS
        assert verdict(TEACHER, 2024, *self.enough, teacher_cycle_total="120").outcome is Outcome.MET

    def test_the_same_course_twice_is_one(self):
        twice = [*self.enough[:2], hours(2024, "public", "24", course=" 师德修养 ")]
        assert lines(verdict(TEACHER, 2025, *twice))["public_courses"] == ("2", "1", "1", False)

    def test_a_countered_course_or_training_is_gone(self):
        gone = [replace(entry, amount=-entry.amount) for entry in self.enough]
        assert lines(verdict(TEACHER, 2025, *self.enough, *gone)) == {
            "intensive_or_remote": ("1", "0", "0", False),
            "public_courses": ("2", "0", "0", False),
            "total": (None, "0", "0", None),
        }

    def test_of_two_trainings_one_remains(self):
        second = hours(2023, "professional", "20", intensive=True)
        found = verdict(TEACHER, 2025, *self.enough, second, replace(self.enough[0], amount=Decimal(-72)))
        assert lines(found)["intensive_or_remote"] == ("1", "1", "1", True)

    def test_a_training_that_lost_some_hours_is_still_one(self):
        found = verdict(TEACHER, 2025, *self.enough, hours(2022, "professional", "-12", "remote"))
        assert lines(found)["intensive_or_remote"] == ("1", "1", "1", True)

    @pytest.mark.parametrize("cycle", [None, (2016, 2020), (2026, 2030)])
    def test_without_a_cycle_over_the_year_there_is_no_verdict(self, cycle):
        found = verdict(replace(TEACHER, cycle=cycle), 2025, *self.enough)
        assert found.outcome is Outcome.UNDETERMINED
        assert {each[3] for each in lines(found).values()} == {None}

    def test_entries_outside_the_cycle_do_not_count(self):
        outside = [replace(entry, year=year) for entry in self.enough for year in (2020, 2026)]
        assert lines(verdict(TEACHER, 2025, *outside))["total"] == (None, "0", "0", None)


class TestSwappable:
    """Rule sets are dated: the newest active one that covers a person decides."""

    older = next(each for each in ACTIVE if each.code == "general-2017")
    newer = replace(older, code="general-2025", first_year=2025)

    def test_the_newest_wins(self):
        both = (self.older, self.newer)
        assert choose(both, 2024, GENERAL) is self.older
        assert choose(both, 2025, GENERAL) is self.newer

    def test_a_rule_set_ends(self):
        ended = replace(self.older, last_year=2024)
        assert choose([ended], 2024, GENERAL) is ended
        assert choose([ended], 2025, GENERAL) is None

    def test_rules_without_any_figure_give_no_verdict(self):
        open_rules = tuple(replace(rule, required=None, setting="x") for rule in self.older.rules)
        found = assess(2025, GENERAL, [], replace(self.older, rules=open_rules), {})
        assert found.outcome is Outcome.UNDETERMINED


entries = st.builds(
    Entry,
    st.integers(2020, 2026),
    st.sampled_from(["hours", "credits"]),
    st.sampled_from(["public", "professional", "class_1", "class_2", "general_practice"]),
    st.sampled_from(["class", "remote", "paper"]),
    st.integers(-200, 400).map(lambda tenths: Decimal(tenths) / 10),
    st.booleans(),
    st.sampled_from(["", "师德修养", "教育法规", "信息技术"]),
    st.sampled_from(["", "", "class-7", "class-9"]),
)
people = st.sampled_from([GENERAL, SECOND, FIRST, TEACHER, replace(FIRST, tenure=None)])


class TestAlways:
    @given(people, st.integers(2021, 2025), st.lists(entries, max_size=20), st.randoms(use_true_random=False))
    def test_order_is_irrelevant(self, person, year, known, chance):
        assert lines(verdict(person, year, *known)) == lines(verdict(person, year, *chance.sample(known, len(known))))

    @given(people, st.integers(2021, 2025), st.lists(entries, max_size=20))
    def test_counted_lies_between_zero_and_what_was_reached(self, person, year, known):
        for each in verdict(person, year, *known).requirements:
            assert Decimal(0) <= each.counted <= max(each.reached, Decimal(0))

    @given(people, st.integers(2021, 2025), st.lists(entries, max_size=20))
    def test_entries_with_their_counter_entries_count_nothing(self, person, year, known):
        both = [*known, *(replace(entry, amount=-entry.amount) for entry in known)]
        assert {each.counted for each in verdict(person, year, *both).requirements} <= {Decimal(0)}

    @given(people, st.integers(2021, 2025), st.lists(entries, max_size=20), entries)
    def test_one_more_positive_entry_never_lowers_what_counts(self, person, year, known, more):
        more = replace(more, amount=abs(more.amount))
        before, after = (verdict(person, year, *each) for each in (known, [*known, more]))
        for less, much in zip(before.requirements, after.requirements, strict=True):
            if less.rule.counting == "amount":
                assert less.counted <= much.counted

"""How people stand: facts from the units, entries from the ledger, rules of the notice; as many queries for many."""

from datetime import date

import pytest

from tests.factories import UnitFactory, person_in
from tests.verification.ledger.entries import a_source, hours, posted
from units.models import Employment, Person, StudyPeriod
from verification.batches.facts import PREFETCHED, years_of
from verification.ledger.services import counter, counter_many
from verification.requirements.assess import Outcome, PersonFacts
from verification.verdicts import assessments, person_facts, verdicts

pytestmark = pytest.mark.django_db


def test_facts_of_a_person(district):
    clinic = UnitFactory(supervisor=district.health, nature="medical", medical_level="first")
    nurse, teacher, clerk = (
        person_in(unit, category=category)
        for unit, category in ((clinic, "medical"), (district.unit, "teacher"), (district.unit, "general"))
    )
    StudyPeriod.objects.create(person=nurse, kind="tenure", first_year=2023, last_year=2025)
    StudyPeriod.objects.create(person=nurse, kind="tenure", first_year=2026, last_year=2028)
    StudyPeriod.objects.create(person=teacher, kind="cycle", first_year=2021, last_year=2025)
    Employment.objects.filter(person=clerk).update(ended_on=date(2025, 1, 1))
    assert person_facts([nurse, teacher, clerk], 2025) == {
        nurse.pk: PersonFacts("medical", "first", tenure=(2023, 2025)),
        teacher.pk: PersonFacts("teacher", cycle=(2021, 2025)),
        clerk.pk: PersonFacts("general"),
    }
    assert person_facts([nurse], 2029)[nurse.pk].tenure is None


@pytest.mark.notice("一(三)1")
def test_the_ledger_decides(district):
    person = person_in(district.unit)
    both = (hours(person, "30", subject="public"), hours(person, "60"))
    public = posted(district.unit, district.handler, *both)[0]
    assert assessments([person], 2026)[person.pk].outcome is Outcome.MET
    assert assessments([person], 2025)[person.pk].outcome is Outcome.UNMET
    counter(entry=public, reason="检查", actor=district.approver)
    shown = verdicts([person], 2026)[person.pk]
    assert (shown.label, shown.rows[0].conclusion) == ("未达标", "差 30.0")


class TestTrainingsOfTheLedger:
    """A class is posted as an entry per subject and course; one training all the same, and none once countered."""

    @pytest.fixture
    def teacher(self, district):
        person = person_in(district.unit, category="teacher")
        StudyPeriod.objects.create(person=person, kind="cycle", first_year=2022, last_year=2026)
        return person

    @pytest.fixture
    def entries(self, district, teacher):
        subjects = (hours(teacher, "60", intensive=True), hours(teacher, "12", subject="public", intensive=True))
        return posted(a_source(), district.handler, *subjects)

    def trainings(self, person):
        found = assessments([person], 2026)[person.pk]
        return next(str(each.reached) for each in found.requirements if each.code == "intensive_or_remote")

    def test_one_posted_as_several_entries_is_one(self, district, teacher, entries):
        assert self.trainings(teacher) == "1"
        posted(a_source(), district.handler, hours(teacher, "60", intensive=True))
        assert self.trainings(teacher) == "2"

    def test_one_that_was_countered_in_part_is_none(self, district, teacher, entries):
        counter(entry=entries[1], reason="检查", actor=district.approver)
        assert self.trainings(teacher) == "0"

    def test_whoever_decided_the_counter_entry(self, district, teacher, entries):
        counter(entry=entries[0], reason="检查", actor=district.approver, source=a_source())
        assert self.trainings(teacher) == "0"

    def test_a_counter_entry_that_was_countered_counts_for_nothing(self, district, teacher, entries):
        found, entry = [], entries[0]
        for _ in range(4):
            entry = counter(entry=entry, reason="复核", actor=district.approver, source=a_source())
            found.append(self.trainings(teacher))
        assert found == ["0", "1", "0", "1"]
        total = assessments([teacher], 2026)[teacher.pk].requirements[2]
        assert (total.code, total.reached) == ("total", 72)

    def test_the_verdict_of_a_yearly_record_says_the_same(self, district, teacher, entries):
        counter(entry=entries[0], reason="检查", actor=district.approver, source=a_source())
        (year,) = years_of(list(Person.objects.filter(pk=teacher.pk).prefetch_related(*PREFETCHED)), 2026).values()
        assert (year.verdict.rows[0].reached, year.entries_seen) == ("0", 3)

    def test_queries_do_not_grow_with_counter_entries(self, district, django_assert_num_queries):
        for number in (3, 30):
            people = [person_in(district.unit) for _ in range(number)]
            known = posted(a_source(), district.handler, *(hours(person) for person in people))
            counter_many(entries=known, reason="检查", actor=district.approver, source=a_source())
            with django_assert_num_queries(4):
                assert len(assessments(people, 2026)) == number


def test_facts_that_were_frozen_decide_over_present_ones(district):
    person = person_in(district.unit)
    frozen = {person.pk: PersonFacts("medical", "third")}
    assert assessments([person], 2026, facts=frozen)[person.pk].outcome is Outcome.UNDETERMINED


def test_four_queries_however_many_people(district, django_assert_num_queries):
    for number in (3, 30):
        people = [person_in(district.unit) for _ in range(number)]
        posted(a_source(), district.handler, *(hours(person) for person in people))
        with django_assert_num_queries(4):
            assert len(assessments(people, 2026)) == number
    assert assessments([], 2026) == {}

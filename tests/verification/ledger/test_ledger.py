"""The ledger: posted once, never changed, taken back by counter-entries; who sees it; sums in one query."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from tests.factories import UnitFactory, person_in
from units.models import Employment
from verification.ledger.models import LedgerEntry, people_entries
from verification.ledger.services import AlreadyPostedError, counter, counter_many, post

from .entries import a_source, hours, posted

pytestmark = [pytest.mark.django_db, pytest.mark.real_services]


@pytest.fixture
def person(district):
    return person_in(district.unit)


class TestPosting:
    def test_keeps_what_was_earned(self, district, person):
        (entry,) = posted(district.unit, district.handler, hours(person, "4.5", intensive=True, course="师德修养"))
        entry.refresh_from_db()
        assert (entry.person, entry.year, entry.amount) == (person, 2026, Decimal("4.5"))
        assert (entry.source_type, entry.source_id) == ("units.unit", district.unit.pk)
        assert (entry.intensive, entry.course, entry.created_by) == (True, "师德修养", district.handler)

    def test_again_changes_nothing(self, district, person):
        both = [hours(person), hours(person, "2.0", subject="public")]
        assert len(posted(district.unit, district.handler, *both)) == 2
        assert posted(district.unit, district.handler, *both) == []
        assert LedgerEntry.objects.count() == 2

    def test_what_is_new_is_added(self, district, person):
        posted(district.unit, district.handler, hours(person))
        other = person_in(district.unit, "李青禾")
        (new,) = posted(district.unit, district.handler, hours(person), hours(other))
        assert new.person == other

    def test_another_amount_from_the_same_source_is_refused_whole(self, district, person):
        posted(district.unit, district.handler, hours(person, "4.0"))
        with pytest.raises(AlreadyPostedError, match=r"已按 4\.00 入账"):
            posted(district.unit, district.handler, hours(person, "4.0", year=2025), hours(person, "6.0"))
        assert LedgerEntry.objects.count() == 1

    def test_each_course_year_and_subject_is_an_entry_of_its_own(self, district, person):
        entry = hours(person)
        kinds = [entry, replace(entry, course="师德修养"), replace(entry, year=2025), replace(entry, subject="public")]
        assert len(posted(district.unit, district.handler, *kinds)) == 4

    @pytest.mark.parametrize("amount", ["0", "-4"])
    def test_only_what_is_above_zero(self, district, person, amount):
        with pytest.raises(IntegrityError):
            posted(district.unit, district.handler, hours(person, amount))

    def test_with_two_queries_however_many_people(self, district, django_assert_num_queries):
        for number in (3, 30):
            source = a_source()
            entries = [hours(person_in(district.unit)) for _ in range(number)]
            with django_assert_num_queries(4):  # and the savepoint around them
                post(entries=entries, source=source, actor=district.handler)

    def test_the_database_keeps_a_source_from_posting_twice(self, district, person):
        (entry,) = posted(district.unit, district.handler, hours(person))
        entry.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            entry.save()


class TestAppendOnly:
    def test_nothing_can_be_changed(self, district, person):
        posted(district.unit, district.handler, hours(person))
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            LedgerEntry.objects.update(amount=90)

    def test_nothing_can_be_deleted(self, district, person):
        (entry,) = posted(district.unit, district.handler, hours(person))
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            entry.delete()


@pytest.mark.notice("一(五)4")
class TestCountering:
    def test_takes_back_the_whole_amount(self, district, person):
        (entry,) = posted(district.unit, district.handler, hours(person, "4.5", course="师德修养", intensive=True))
        back = counter(entry=entry, reason="监督检查：签到不实", actor=district.approver)
        assert (back.amount, back.counter_of, back.reason) == (Decimal("-4.5"), entry, "监督检查：签到不实")
        assert (back.course, back.intensive, back.form, back.source_id) == ("师德修养", True, "class", district.unit.pk)
        assert LedgerEntry.objects.sums()[person.pk] == {("hours", "professional"): 0}
        assert not LedgerEntry.objects.standing().exists()

    def test_once(self, district, person):
        (entry,) = posted(district.unit, district.handler, hours(person))
        first, second = (counter(entry=entry, reason="检查", actor=district.approver) for _ in range(2))
        assert first == second
        assert LedgerEntry.objects.count() == 2
        first.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            first.save()

    def test_needs_a_reason(self, district, person):
        (entry,) = posted(district.unit, district.handler, hours(person))
        with pytest.raises(IntegrityError):
            counter(entry=entry, reason="", actor=district.approver)

    def test_a_decision_can_be_taken_back_itself(self, district, person):
        (entry,) = posted(district.unit, district.handler, hours(person))
        decision = district.neighbour_unit
        back = counter(entry=entry, reason="检查", actor=district.approver, source=decision)
        again = counter(entry=back, reason="复核撤销", actor=district.approver)
        assert again.amount == entry.amount
        assert list(LedgerEntry.objects.standing()) == [again]
        assert list(LedgerEntry.objects.of_source(decision)) == [back, again]

    def test_many_with_as_many_queries_as_few(self, district, django_assert_num_queries):
        for number in (3, 30):
            source = a_source()
            entries = posted(source, district.handler, *(hours(person_in(district.unit)) for _ in range(number)))
            with django_assert_num_queries(4):
                backs = counter_many(entries=entries, reason="检查", actor=district.approver)
            assert [back.counter_of for back in backs] == entries


class TestWhoSees:
    def test_the_unit_where_the_person_works_and_the_bureau(self, district, person):
        posted(district.unit, district.handler, hours(person))
        seeing = {
            name
            for name in ("owner", "colleague", "neighbour", "handler", "approver", "keeper", "audit_admin")
            if LedgerEntry.objects.visible_to(getattr(district, name)).exists()
        }
        assert seeing == {"owner", "colleague", "handler", "approver", "keeper", "audit_admin"}

    def test_officers_other_than_audit_and_consent_do_not(self, district, person):
        posted(district.unit, district.handler, hours(person))
        for name in ("system_admin", "security_admin", "consent", "inspector", "health_reviewer"):
            assert not LedgerEntry.objects.visible_to(getattr(district, name)).exists()

    def test_a_reviewer_sees_the_own_system(self, district):
        clinic = UnitFactory(supervisor=district.health, nature="medical", medical_level="first")
        posted(clinic, district.handler, hours(person_in(clinic)))
        assert LedgerEntry.objects.visible_to(district.health_reviewer).count() == 1
        assert LedgerEntry.objects.visible_to(district.education_reviewer).count() == 0

    def test_who_has_moved_away_takes_the_ledger_along(self, district, person):
        posted(district.unit, district.handler, hours(person))
        Employment.objects.filter(person=person).update(ended_on=date(2026, 6, 30))
        assert not LedgerEntry.objects.visible_to(district.owner).exists()
        assert LedgerEntry.objects.visible_to(district.handler).exists()
        Employment.objects.create(person=person, unit=district.neighbour_unit, started_on=date(2026, 7, 1))
        assert LedgerEntry.objects.visible_to(district.neighbour).exists()


def test_sums_and_entries_in_one_query(district, django_assert_num_queries):
    people = [person_in(district.unit) for _ in range(30)]
    for year in (2025, 2026):
        posted(a_source(), district.handler, *(hours(person, "4.0", year) for person in people))
    posted(a_source(), district.handler, *(hours(person, "2.5", subject="public") for person in people))
    with django_assert_num_queries(1):
        sums = LedgerEntry.objects.filter(person__in=people, year=2026).sums()
    assert sums[people[7].pk] == {("hours", "professional"): Decimal("4.0"), ("hours", "public"): Decimal("2.5")}
    with django_assert_num_queries(1):
        entries = people_entries(people, 2026, 2026)
    assert [str(each.amount) for each in entries[people[7].pk]] == ["4.00", "2.50"]

"""Trainees: places, agreement of their units, late ones, overlaps, removal (product.md C6)."""

from __future__ import annotations

import threading
from datetime import datetime, time

import pytest
from django.db import connection
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.files.checks import checked
from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.models import Event
from tests.factories import person_in
from tests.training.classes.factories import a_row, an_application, enrolled, far_monday
from tests.training.plans.factories import a_scan
from training.classes.models import ClassApplication, Enrolment
from training.classes.services.trainees import (
    Trainee,
    agree,
    attach_scan,
    enrol_own,
    enrol_roster,
    overlaps,
    refuse,
    remove,
    trainee_of,
)

State = Enrolment.Agreement
pytestmark = [pytest.mark.notice("二(一)3"), pytest.mark.real_services]


@pytest.fixture
def case(district) -> ClassApplication:
    return an_application(district.unit, ClassApplication.State.APPROVED, people=2)


def moment(case: ClassApplication, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(case.opens_on, time(hour, minute), clock.SHANGHAI)


def own(case, person, actor, **kwargs) -> list[Enrolment]:
    return enrol_own(application=case, person_ids=[person.pk], actor=actor, **kwargs)


def guest(case, district) -> Enrolment:
    """A person of the neighbour unit whom the provider put on the list."""
    trainee = trainee_of(person_in(district.neighbour_unit), district.neighbour_unit.pk, district.neighbour_unit.name)
    return enrol_roster(application=case, trainees=[trainee], actor=district.owner)[0]


class TestEnrolling:
    def test_a_clerk_s_own_people_are_agreed_at_once(self, district, case):
        (row,) = own(case, person_in(district.neighbour_unit), district.neighbour)
        assert (row.agreement, row.unit, row.agreed_by) == (State.AGREED, district.neighbour_unit, district.neighbour)
        assert set(Notice.objects.values_list("recipient", flat=True)) == {district.owner.pk, district.colleague.pk}

    def test_somebody_else_s_people_are_left_alone(self, district, case):
        assert own(case, person_in(district.unit), district.neighbour) == []
        assert not case.enrolments.exists()

    def test_repeating_adds_nobody(self, district, case):
        person = person_in(district.unit)
        own(case, person, district.owner)
        assert own(case, person, district.owner) == []
        assert case.enrolments.count() == 1

    def test_places_are_not_exceeded_and_then_nobody_is_added(self, district, case):
        people = [person_in(district.unit).pk for _ in range(3)]
        with pytest.raises(NotPossible, match="只剩 2 个名额，这次要报 3 人"):
            enrol_own(application=case, person_ids=people, actor=district.owner)
        assert not case.enrolments.exists()

    @pytest.mark.parametrize("state", ["draft", "submitted", "cancelled"])
    def test_only_an_approved_class_takes_people(self, district, state):
        case = an_application(district.unit, state)
        with pytest.raises(NotPossible, match="准予开班后才能报名"):
            own(case, person_in(district.unit), district.owner)


class TestLate:
    def test_needs_a_reason_once_the_first_half_day_has_begun(self, district, case):
        a_row(case, half_day="afternoon", starts_at=time(14), ends_at=time(17))
        person = person_in(district.unit)
        with clock.at(moment(case, 9)):
            with pytest.raises(NotPossible, match="补报须写明原因"):
                own(case, person, district.owner)
            (row,) = own(case, person, district.owner, late_reason="出差刚回")
        assert row.late_reason == "出差刚回"

    def test_is_not_possible_without_a_half_day_ahead(self, district, case):
        with clock.at(moment(case, 9)), pytest.raises(NotPossible, match="没有尚未开始的半日"):
            own(case, person_in(district.unit), district.owner, late_reason="出差刚回")

    def test_a_minute_before_it_begins_is_not_late(self, district, case):
        with clock.at(moment(case, 8, 59)):
            assert own(case, person_in(district.unit), district.owner)


class TestAgreement:
    def test_the_unit_of_a_listed_person_is_asked_and_agrees(self, district, case):
        row = guest(case, district)
        assert row.agreement == State.WAITING
        asked = Notice.objects.get(recipient=district.neighbour, title__contains="待本单位同意")
        assert asked.url == reverse("classes:own_trainees")
        assert agree(enrolment_ids=[row.pk], actor=district.neighbour) == 1
        row.refresh_from_db()
        assert (row.agreement, row.agreed_by) == (State.AGREED, district.neighbour)

    def test_nobody_else_can_agree(self, district, case):
        row = guest(case, district)
        assert agree(enrolment_ids=[row.pk], actor=district.owner) == 0
        row.refresh_from_db()
        assert row.agreement == State.WAITING

    def test_refusing_needs_a_reason_and_frees_the_place(self, district, case):
        row = guest(case, district)
        with pytest.raises(NotPossible):
            refuse(enrolment_ids=[row.pk], reason=" ", actor=district.neighbour)
        assert refuse(enrolment_ids=[row.pk], reason="工作需要", actor=district.neighbour) == 1
        assert case.enrolments.present().count() == 0
        enrol_own(application=case, person_ids=[person_in(district.unit).pk for _ in range(2)], actor=district.owner)

    def test_whom_the_unit_refused_it_can_enrol_later(self, district, case):
        row = guest(case, district)
        refuse(enrolment_ids=[row.pk], reason="工作需要", actor=district.neighbour)
        (again,) = own(case, row.person, district.neighbour)
        assert again.agreement == State.AGREED
        assert case.enrolments.filter(removed_at=None).get() == again

    @pytest.mark.parametrize(
        ("facts", "why"),
        [({"opens_on": "2020-01-06", "ends_on": "2020-01-06"}, "班已结束"), ({"state": "cancelled"}, "已取消")],
    )
    def test_no_answer_once_the_class_is_over_or_cancelled(self, district, case, facts, why):
        """After the end hours are recognised from the list: a refusal would take them away, a consent is late."""
        row = guest(case, district)
        ClassApplication.objects.filter(pk=case.pk).update(**facts)
        for answer in (
            lambda: agree(enrolment_ids=[row.pk], actor=district.neighbour),
            lambda: refuse(enrolment_ids=[row.pk], reason="工作需要", actor=district.neighbour),
        ):
            with pytest.raises(NotPossible, match=why):
                answer()
        row.refresh_from_db()
        assert row.agreement == State.WAITING

    def test_of_several_classes_all_are_answered_or_none(self, client, district, case):
        over = an_application(district.unit, ClassApplication.State.APPROVED, people=2)
        rows = [guest(each, district) for each in (case, over)]
        ClassApplication.objects.filter(pk=over.pk).update(opens_on="2020-01-06", ends_on="2020-01-06")
        client.force_login(district.neighbour)
        answer = client.post(reverse("classes:agree"), {"ticked": [row.pk for row in rows]}, follow=True)
        page = answer.content.decode()
        assert f"{over}：班已结束" in page
        assert "都没有改动" in page
        assert {row.agreement for row in Enrolment.objects.all()} == {State.WAITING}
        assert f'value="{rows[0].pk}"' in page
        assert f'value="{rows[1].pk}"' not in page

    def test_a_stamped_scan_stands_for_the_answer(self, district, case):
        row = guest(case, district)
        assert attach_scan(
            application=case, enrolment_ids=[row.pk], scan=checked(a_scan()), actor=district.owner
        ) == 1  # fmt: skip
        row.refresh_from_db()
        assert (row.agreement, row.agreement_scan.name) == (State.SCANNED, "scan.png")

    def test_a_scan_does_not_overrule_a_refusal(self, district, case):
        row = guest(case, district)
        refuse(enrolment_ids=[row.pk], reason="工作需要", actor=district.neighbour)
        with pytest.raises(NotPossible):
            attach_scan(application=case, enrolment_ids=[row.pk], scan=checked(a_scan()), actor=district.owner)


class TestRemoving:
    def test_keeps_the_row_with_its_reason_and_tells_the_unit(self, district, case):
        row = guest(case, district)
        Notice.objects.all().delete()
        assert remove(application=case, enrolment_ids=[row.pk], reason="重复报名", actor=district.owner) == 1
        row.refresh_from_db()
        assert (row.removed_reason, row.removed_by) == ("重复报名", district.owner)
        assert list(Notice.objects.values_list("recipient", flat=True)) == [district.neighbour.pk]

    def test_a_clerk_takes_off_own_people_only(self, district, case):
        row = enrolled(case, person_in(district.unit))
        assert remove(application=case, enrolment_ids=[row.pk], reason="x", actor=district.neighbour) == 0

    def test_ends_with_the_class(self, district, case):
        row = enrolled(case, person_in(district.unit))
        ClassApplication.objects.update(opens_on="2020-01-06", ends_on="2020-01-06")
        with pytest.raises(NotPossible, match="名单不能再改"):
            remove(application=case, enrolment_ids=[row.pk], reason="x", actor=district.owner)

    @pytest.mark.parametrize("state", ["reported", "proposed", "not_held", "cancelled"])
    def test_the_list_of_a_class_that_is_off_stays(self, client, district, case, state):
        row = enrolled(case, person_in(district.unit))
        ClassApplication.objects.filter(pk=case.pk).update(state=state)
        case.refresh_from_db()
        with pytest.raises(NotPossible, match=case.get_state_display()):
            remove(application=case, enrolment_ids=[row.pk], reason="x", actor=district.owner)
        client.force_login(district.owner)
        page = client.get(reverse("classes:trainees", args=[case.pk])).content.decode()
        assert (row.name in page, "移出勾选" in page) == (True, False)
        own = client.get(reverse("classes:own_trainees")).content.decode()
        assert (row.name in own, f'value="{row.pk}"' in own) == (True, False)

    def test_a_unit_finds_the_class_to_come_first(self, client, district, case):
        later = an_application(district.unit, ClassApplication.State.APPROVED, people=9)
        ClassApplication.objects.filter(pk=case.pk).update(opens_on="2020-01-06", ends_on="2020-01-06")
        people = [enrolled(each, person_in(district.unit)) for each in (case, later)]
        client.force_login(district.owner)
        shown = client.get(reverse("classes:own_trainees")).context["page_obj"]
        assert [row.pk for row in shown] == [people[1].pk, people[0].pk]

    def test_a_clerk_takes_own_people_off_several_classes_or_off_none(self, client, district, case):
        over = an_application(district.unit, ClassApplication.State.APPROVED, people=2)
        rows = [enrolled(each, person_in(district.neighbour_unit)) for each in (case, over)]
        ClassApplication.objects.filter(pk=over.pk).update(opens_on="2020-01-06", ends_on="2020-01-06")
        client.force_login(district.neighbour)
        typed = {"ticked": [row.pk for row in rows], "reason": "工作需要"}
        page = client.post(reverse("classes:remove_own"), typed, follow=True).content.decode()
        assert f"{over}：班已结束" in page
        assert not Enrolment.objects.exclude(removed_at=None).exists()
        client.post(reverse("classes:remove_own"), {**typed, "ticked": [rows[0].pk]})
        assert Enrolment.objects.exclude(removed_at=None).get() == rows[0]


def test_another_class_on_the_same_half_day_is_pointed_out(district, case):
    other = an_application(district.neighbour_unit, ClassApplication.State.APPROVED)
    elsewhen = an_application(district.neighbour_unit, ClassApplication.State.APPROVED)
    elsewhen.timetable.update(half_day="afternoon", starts_at=time(14), ends_at=time(17))
    person, free = person_in(district.unit), person_in(district.unit)
    enrolled(other, person)
    enrolled(elsewhen, free)
    assert overlaps(case, [person.pk, free.pk]) == {person.pk: [str(other)]}


def test_a_stranger_is_kept_without_a_person(district, case):
    stranger = Trainee("外区学员", "外区某单位", "350504********1234", "hash", "six")
    (row,) = enrol_roster(application=case, trainees=[stranger], actor=district.owner)
    assert (row.person, row.unit, row.agreement) == (None, None, State.WAITING)


def test_events_hold_numbers_not_names(district, case):
    own(case, person_in(district.unit, "阿依努尔·买买提"), district.owner)
    assert Event.objects.get(name="enrolled").data == {"count": 1}


@pytest.mark.django_db(transaction=True)
def test_two_clerks_at_once_never_exceed_the_places(transactional_db, district):
    """Ten people from two units for three places, each enrolled by a thread of its own."""
    case = an_application(district.unit, ClassApplication.State.APPROVED, people=3, opens_on=far_monday())
    wanted = [(person_in(district.unit).pk, district.owner) for _ in range(5)]
    wanted += [(person_in(district.neighbour_unit).pk, district.neighbour) for _ in range(5)]
    start, outcomes = threading.Barrier(len(wanted)), []

    def enrol(person_id: int, actor) -> None:
        start.wait()
        try:
            rows = enrol_own(application=case, person_ids=[person_id], actor=actor)
            outcomes.append(len([row for row in rows if isinstance(row, Enrolment)]))
        except NotPossible:
            outcomes.append(0)
        finally:
            connection.close()

    threads = [threading.Thread(target=enrol, args=(pk, district.fresh(actor))) for pk, actor in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == len(wanted)
    assert sum(outcomes) == case.enrolments.present().count() == 3
    assert case.waiting.standing().count() == 7

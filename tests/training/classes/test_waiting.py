"""The waiting list of a full class, and its minimum of trainees (product.md C7)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.models import Event
from tests.conftest import District, in_parallel
from tests.factories import person_in
from tests.training.classes.factories import an_application, enrolled
from tests.units.views.helpers import browser
from training.classes.checks import basics
from training.classes.models import ClassApplication, Enrolment, Waiting
from training.classes.services.minimum import remind_of_too_few
from training.classes.services.trainees import enrol_own, refuse, remove
from training.classes.services.waiting import leave, move_up
from units.models import Person

State = Enrolment.Agreement
pytestmark = [pytest.mark.notice("二(一)3"), pytest.mark.real_services]


def moment(case: ClassApplication, hour: int) -> datetime:
    assert case.opens_on
    return datetime.combine(case.opens_on, time(hour), clock.SHANGHAI)


@pytest.fixture
def case(district: District) -> ClassApplication:
    """A class of two places, both taken by the provider's own people."""
    found = an_application(district.unit, ClassApplication.State.APPROVED, people=2)
    for _ in range(2):
        enrolled(found, person_in(district.unit))
    return found


def ask(case: ClassApplication, actor, *people: Person) -> list[Enrolment] | list[Waiting]:
    return enrol_own(application=case, person_ids=[each.pk for each in people], actor=actor)


def line(case: ClassApplication) -> list[str]:
    return [row.person.name for row in case.waiting.standing().select_related("person")]


def take_off_one(case: ClassApplication, district: District) -> None:
    first = case.enrolments.present().order_by("pk")[0]
    remove(application=case, enrolment_ids=[first.pk], reason="工作需要", actor=district.owner)


class TestStandingInLine:
    def test_whoever_comes_to_a_full_class_stands_in_line_in_order(self, district, case):
        one, two, three = (person_in(district.neighbour_unit, name) for name in ("甲一", "乙二", "丙三"))
        (row,) = ask(case, district.neighbour, one)
        assert isinstance(row, Waiting)
        ask(case, district.owner, person_in(district.unit, "丁四"))
        ask(case, district.neighbour, two, three)
        assert line(case)[:2] == ["甲一", "丁四"]
        assert set(line(case)[2:]) == {"乙二", "丙三"}
        assert case.enrolments.present().count() == 2

    def test_repeating_moves_nobody(self, district, case):
        person = person_in(district.neighbour_unit)
        ask(case, district.neighbour, person)
        assert ask(case, district.neighbour, person) == []
        assert case.waiting.count() == 1

    def test_who_has_a_place_does_not_stand_in_line(self, district, case):
        assert ask(case, district.owner, case.enrolments.all()[0].person) == []

    def test_where_some_places_are_left_the_clerk_chooses_who_gets_them(self, district, case):
        ClassApplication.objects.filter(pk=case.pk).update(people=3)
        with pytest.raises(NotPossible, match="只剩 1 个名额，这次要报 2 人；名额满了以后，各单位再报名的列入候补"):
            ask(case, district.neighbour, person_in(district.neighbour_unit), person_in(district.neighbour_unit))
        assert not case.waiting.exists()

    def test_after_it_has_begun_nobody_stands_in_line(self, district, case):
        with clock.at(moment(case, 9)), pytest.raises(NotPossible):
            ask(case, district.neighbour, person_in(district.neighbour_unit))
        assert not case.waiting.exists()

    def test_leaving_the_line(self, district, case):
        ask(case, district.neighbour, person_in(district.neighbour_unit, "甲一"))
        ask(case, district.owner, person_in(district.unit, "丁四"))
        mine, theirs = case.waiting.standing()
        assert leave(waiting_ids=[mine.pk, theirs.pk], actor=district.neighbour) == 1
        assert line(case) == ["丁四"]


class TestMovingUp:
    def test_a_place_freed_by_removal_goes_to_the_first_and_the_unit_is_told(self, district, case):
        ask(case, district.neighbour, person_in(district.neighbour_unit, "甲一"))
        ask(case, district.owner, person_in(district.unit, "丁四"))
        Notice.objects.all().delete()
        take_off_one(case, district)
        row = case.enrolments.present().get(name="甲一")
        assert (row.agreement, row.agreed_by, row.unit) == (State.AGREED, district.neighbour, district.neighbour_unit)
        assert line(case) == ["丁四"]
        told = Notice.objects.get(recipient=district.neighbour)
        assert told.title == f"本单位 1 人由候补转为正式报名：{case}"
        event = Event.objects.get(name="moved_up")
        assert (event.actor, event.data) == (None, {"count": 1})

    def test_a_place_freed_by_the_own_units_refusal_too(self, district, case):
        waits = case.enrolments.present().order_by("pk")[0]
        Enrolment.objects.filter(pk=waits.pk).update(agreement=State.WAITING)
        ask(case, district.neighbour, person_in(district.neighbour_unit, "甲一"))
        refuse(enrolment_ids=[waits.pk], reason="工作需要", actor=district.owner)
        assert case.enrolments.present().filter(name="甲一").exists()
        assert case.enrolments.present().count() == 2

    def test_whom_the_unit_refused_before_may_stand_in_line_and_move_up(self, district, case):
        person = person_in(district.neighbour_unit, "甲一")
        enrolled(case, person, agreement=State.REFUSED)
        ask(case, district.neighbour, person)
        take_off_one(case, district)
        assert [row.agreement for row in case.enrolments.filter(person=person, removed_at=None)] == [State.AGREED]

    def test_several_places_at_once(self, district, case):
        ask(case, district.neighbour, *(person_in(district.neighbour_unit) for _ in range(3)))
        both = list(case.enrolments.present().values_list("pk", flat=True))
        remove(application=case, enrolment_ids=both, reason="改期", actor=district.owner)
        assert case.enrolments.present().count() == 2
        assert case.waiting.standing().count() == 1

    def test_not_after_the_class_has_begun(self, district, case):
        ask(case, district.neighbour, person_in(district.neighbour_unit))
        with clock.at(moment(case, 9)):
            take_off_one(case, district)
        assert case.enrolments.present().count() == 1
        assert case.waiting.standing().count() == 1

    def test_who_left_the_unit_meanwhile_is_passed_over(self, district, case):
        gone, next_one = person_in(district.neighbour_unit, "甲一"), person_in(district.neighbour_unit, "乙二")
        ask(case, district.neighbour, gone)
        ask(case, district.neighbour, next_one)
        gone.employments.update(ended_on=clock.today())
        take_off_one(case, district)
        assert case.enrolments.present().filter(name="乙二").exists()
        assert case.waiting.get(person=gone).outcome == Waiting.Outcome.GONE

    def test_who_was_listed_meanwhile_takes_no_second_place(self, district, case):
        listed, next_one = person_in(district.neighbour_unit, "甲一"), person_in(district.neighbour_unit, "乙二")
        ask(case, district.neighbour, listed)
        ask(case, district.neighbour, next_one)
        ClassApplication.objects.filter(pk=case.pk).update(people=4)
        enrolled(case, listed)
        case.refresh_from_db()
        assert move_up(case) == 1
        assert case.waiting.get(person=listed).outcome == Waiting.Outcome.LISTED
        assert case.enrolments.present().count() == 4

    def test_more_places_are_given_before_anybody_new_comes(self, district, case):
        """The number was raised by a change of the class: whoever waits is first."""
        ask(case, district.neighbour, person_in(district.neighbour_unit, "甲一"))
        ClassApplication.objects.filter(pk=case.pk).update(people=3)
        (row,) = ask(case, district.owner, person_in(district.unit, "丁四"))
        assert isinstance(row, Waiting)
        assert case.enrolments.present().filter(name="甲一").exists()

    def test_a_class_that_is_off_lets_them_go_and_their_units_know(self, district, case):
        ask(case, district.neighbour, person_in(district.neighbour_unit))
        Notice.objects.all().delete()
        fire(case, "cancel", actor=district.owner, note="讲师不能到课")
        assert Notice.objects.filter(recipient=district.neighbour).exists()
        assert case.waiting.get().outcome == Waiting.Outcome.OFF


class TestWhoSees:
    def test_a_clerk_sees_own_people_and_their_positions_only(self, district, case):
        ask(case, district.owner, person_in(district.unit, "丁四"))
        ask(case, district.neighbour, person_in(district.neighbour_unit, "甲一"))
        page = browser(district.neighbour).get(reverse("classes:own_trainees")).content.decode()
        assert "候补第 2 位" in page
        assert "丁四" not in page
        page = browser(district.neighbour).get(reverse("classes:enrol", args=[case.pk])).content.decode()
        assert "候补第 2 位" in page
        assert "丁四" not in page

    def test_provider_and_bureau_see_the_whole_line(self, district, case):
        ask(case, district.neighbour, person_in(district.neighbour_unit, "甲一"))
        for account in (district.owner, district.colleague, district.handler):
            page = browser(account).get(reverse("classes:trainees", args=[case.pk])).content.decode()
            assert "甲一" in page
        assert [w.position for w in Waiting.objects.visible_to(district.owner).with_position()] == [1]

    def test_another_organiser_does_not(self, district, case):
        case.organisers.create(part="carrier", name="x", unit=district.neighbour_unit, position=2)
        ask(case, district.owner, person_in(district.unit, "丁四"))
        page = browser(district.neighbour).get(reverse("classes:trainees", args=[case.pk])).content.decode()
        assert "丁四" not in page

    def test_ticks_on_the_page(self, district, case):
        person = person_in(district.neighbour_unit, "甲一")
        client = browser(district.neighbour)
        said = client.post(reverse("classes:enrol", args=[case.pk]), {"ticked": [person.pk]}, follow=True)
        assert "已列入候补 1 人" in said.content.decode()
        row = case.waiting.get()
        for who, left in ((district.owner, False), (district.neighbour, True)):
            browser(who).post(reverse("classes:leave_waiting"), {"ticked": [row.pk]})
            row.refresh_from_db()
            assert (row.left_at is not None) is left


@pytest.mark.django_db(transaction=True)
def test_two_places_freed_at_once_and_a_newcomer_never_exceed_the_places(transactional_db, district, case):
    """Two trainees are taken off while two others come: the line moves in order, nobody sits on a second place."""
    people = [person_in(district.neighbour_unit) for _ in range(2)]
    ask(case, district.neighbour, *people)
    new = [person_in(district.unit) for _ in range(2)]
    off = list(case.enrolments.present().values_list("pk", flat=True))
    owner, colleague = district.fresh(district.owner), district.fresh(district.colleague)
    in_parallel(
        [
            *(lambda pk=pk: remove(application=case, enrolment_ids=[pk], reason="改期", actor=owner) for pk in off),
            *(lambda each=each: ask(case, colleague, each) for each in new),
        ]
    )
    assert set(case.enrolments.present().values_list("person", flat=True)) == {each.pk for each in people}
    assert set(case.waiting.standing().values_list("person", flat=True)) == {each.pk for each in new}


class TestMinimum:
    opens = date(2026, 12, 14)  # a Monday: the third working day before it is the Wednesday

    @pytest.fixture
    def thin(self, district: District) -> ClassApplication:
        found = an_application(
            district.unit, ClassApplication.State.APPROVED, opens_on=self.opens, people=40, minimum=15
        )
        enrolled(found, person_in(district.neighbour_unit))
        return found

    def told_on(self, day: date) -> list[str]:
        with clock.at(datetime.combine(day, time(9), clock.SHANGHAI)):
            remind_of_too_few()
        return list(Notice.objects.order_by("pk").values_list("title", flat=True))

    def test_provider_and_bureau_are_reminded_three_working_days_before_once(self, district, thin):
        assert self.told_on(date(2026, 12, 8)) == []
        said = self.told_on(date(2026, 12, 9))
        assert set(said) == {f"报名 1 人，少于最低人数 15 人：{thin}"}
        told = set(Notice.objects.values_list("recipient", flat=True))
        assert told == {district.owner.pk, district.colleague.pk, district.handler.pk}
        assert self.told_on(date(2026, 12, 9)) == self.told_on(date(2026, 12, 10)) == said

    def test_a_worker_that_slept_tells_it_later_but_not_once_it_has_opened(self, district, thin):
        assert self.told_on(self.opens) == []
        assert self.told_on(date(2026, 12, 11)) != []

    def test_nothing_is_cancelled_by_itself(self, district, thin):
        self.told_on(date(2026, 12, 11))
        thin.refresh_from_db()
        assert thin.state == ClassApplication.State.APPROVED

    @pytest.mark.parametrize("minimum", [None, 1])
    def test_no_minimum_or_enough_people_reminds_nobody(self, district, thin, minimum):
        ClassApplication.objects.filter(pk=thin.pk).update(minimum=minimum)
        assert self.told_on(date(2026, 12, 11)) == []

    def test_the_case_page_says_it_until_the_opening(self, district, thin):
        for day, shown in ((self.opens - timedelta(days=10), True), (self.opens, False)):
            with clock.at(datetime.combine(day, time(9), clock.SHANGHAI)):
                for account in (district.owner, district.handler):
                    page = browser(account).get(thin.get_absolute_url()).content.decode()
                    assert ("报名 1 人，少于最低人数 15 人" in page) is shown

    @pytest.mark.parametrize(("minimum", "wrong"), [(40, ""), (41, "多于计划人数"), (0, "须大于 0")])
    def test_it_is_no_more_than_planned(self, district, thin, minimum, wrong):
        values = {field.name: getattr(thin, field.attname) for field in thin._meta.concrete_fields}
        found = basics({**values, "minimum": minimum}, year=2026, sessions=60)
        said = [each.text for each in found if each.anchor == "id_minimum"]
        assert bool(said) is bool(wrong)
        assert all(wrong in text for text in said)

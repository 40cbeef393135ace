"""Trainees whom their unit registers only after they were listed, signed in, or had their hours recognised (C6)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from luojiang_ce.clock import SHANGHAI
from luojiang_ce.jobs.services import sweep
from luojiang_ce.notices.models import Notice
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.factories import UnitFactory, id_number, person_in
from tests.queries import statements
from tests.training.factories import class_of, enrol, recognition_of, sign_all, stranger, with_package
from training.classes.models import ClassApplication, Enrolment
from training.classes.services.arrivals import match_trainees
from training.recognition.arrivals import enter_hours
from training.recognition.models import Recognition
from training.recognition.page_data import found_in
from training.recognition.papers import sheet_rows
from training.recognition.person_line import frozen_line
from units.identity.id_numbers import lookup_hash
from units.models import Person
from units.services.employment import Newcomer
from units.services.employment import enrol as take_on
from units.services.people import correct_document, rename_person
from verification.ledger.models import LedgerEntry

pytestmark = [pytest.mark.django_db, pytest.mark.notice("二(一)3")]
NAME = "温如故"


@pytest.fixture(autouse=True)
def _a_week_later(time_machine) -> None:
    time_machine.move_to(datetime(2026, 5, 18, 9, tzinfo=SHANGHAI), tick=False)


@pytest.fixture
def course(district: District) -> ClassApplication:
    return class_of(district.unit)


def listed(course: ClassApplication, number: str, name: str = NAME, **more: object) -> Enrolment:
    """A trainee whom nobody has registered, who was there all the time."""
    row = stranger(course, name, id_hash=lookup_hash(number), **more)
    sign_all(course, [row])
    return row


def register(district: District, number: str, name: str = NAME) -> Person:
    newcomer = Newcomer(name, "resident", number)
    return take_on(
        unit=district.neighbour_unit, newcomer=newcomer, started_on=date(2026, 1, 5), actor=district.neighbour
    )


def recognised(course: ClassApplication, district: District) -> Recognition:
    case = recognition_of(course)
    with_package(case, district.owner)
    fire(case, "submit", actor=district.owner)
    fire(case, "check", actor=district.handler)
    fire(case, "recognise", actor=district.approver)
    return case


def hours_of(person: Person) -> list[Decimal]:
    return list(LedgerEntry.objects.filter(person=person).values_list("amount", flat=True))


class TestMatching:
    def test_registering_makes_a_trainee_of_the_district(self, district: District, course: ClassApplication) -> None:
        number = id_number()
        row = listed(course, number)
        person = register(district, number)
        row.refresh_from_db()
        assert (row.person, row.unit, row.employer) == (person, district.neighbour_unit, district.neighbour_unit.name)
        assert Event.objects.filter(name="trainees_known", case_id=course.pk).count() == 1
        recognised(course, district)
        assert hours_of(person) == [Decimal(16)]

    def test_the_unit_is_asked_while_the_class_has_not_ended(self, district: District) -> None:
        course = class_of(district.unit, opens_on=date(2026, 6, 8))
        number = id_number()
        listed(course, number)
        register(district, number)
        assert Notice.objects.filter(recipient=district.neighbour, title__contains="待本单位同意").count() == 1

    def test_another_name_under_the_same_number_waits_until_it_is_put_right(
        self, district: District, course: ClassApplication
    ) -> None:
        number = id_number()
        row = listed(course, number)
        person = register(district, number, "温如古")
        row.refresh_from_db()
        assert row.person is None
        rename_person(person=person, name=NAME, reason="录入有误", actor=district.neighbour)
        row.refresh_from_db()
        assert row.person == person

    def test_a_corrected_number_finds_its_trainee(self, district: District, course: ClassApplication) -> None:
        number = id_number()
        row = listed(course, number)
        person = register(district, id_number())
        correct_document(person=person, kind="resident", number=number, reason="录入有误", actor=district.handler)
        row.refresh_from_db()
        assert row.person == person

    def test_who_is_listed_already_is_not_listed_twice(self, district: District, course: ClassApplication) -> None:
        person = person_in(district.neighbour_unit, NAME)
        enrol(course, person, id_hash=lookup_hash(id_number()))
        row = listed(course, person.id_number)
        assert match_trainees() == 0
        row.refresh_from_db()
        assert row.person is None

    def test_an_import_of_a_roster_finds_all_of_them_in_as_many_queries(
        self, district: District, course: ClassApplication
    ) -> None:
        counted = []
        for number in (3, 30):
            people = [person_in(district.neighbour_unit, NAME) for _ in range(number)]
            for person in people:
                listed(course, person.id_number)
            with statements() as asked:
                assert match_trainees() == number
            counted.append(len(asked))
        assert counted[0] == counted[1]


class TestWhatIsMatched:
    """In every state of a class and of its recognition: open to it until somebody has decided."""

    UNDECIDED = ("draft", "submitted", "returned", "checked")

    @pytest.mark.parametrize("state", [None, *Recognition.State.values])
    @pytest.mark.parametrize("from_the_district", [False, True])
    def test_a_class_long_over_is_matched_until_its_recognition_is_decided(
        self, district: District, course: ClassApplication, state: str | None, from_the_district: bool
    ) -> None:
        number, third = id_number(), UnitFactory(name="洛江区茶叶站")
        row = listed(course, number, unit=third if from_the_district else None)
        if state:
            recognition_of(course, state=state)
        person = register(district, number)
        row.refresh_from_db()
        if state in (None, *self.UNDECIDED):
            now = (person, district.neighbour_unit, district.neighbour_unit.name)
            assert (row.person, row.unit, row.employer) == now
        else:
            assert (row.unit, row.employer) == (third if from_the_district else None, "外区某单位")
            assert row.person is None

    @pytest.mark.parametrize("state", ClassApplication.State.values)
    def test_a_class_that_is_not_held_keeps_its_list(self, district: District, state: str) -> None:
        course = class_of(district.unit, state=state)
        number = id_number()
        row = stranger(course, NAME, id_hash=lookup_hash(number))
        register(district, number)
        row.refresh_from_db()
        assert (row.person is not None) == (state == "approved")
        assert (row.employer == "外区某单位") == (state != "approved")

    @pytest.mark.parametrize("answer", ["agreed", "scanned", "refused"])
    def test_the_unit_that_has_answered_for_a_trainee_stays(
        self, district: District, course: ClassApplication, answer: str
    ) -> None:
        number, third = id_number(), UnitFactory(name="洛江区茶叶站")
        row = listed(course, number, unit=third, agreement=answer)
        person = register(district, number)
        row.refresh_from_db()
        assert (row.person, row.unit, row.employer) == (person, third, "外区某单位")


class TestHoursAfterTheDecision:
    def test_another_unit_registers_them_and_the_papers_stay(
        self, district: District, course: ClassApplication
    ) -> None:
        number, third = id_number(), UnitFactory(name="洛江区茶叶站")
        row = listed(course, number, unit=third)
        case = recognised(course, district)
        person = register(district, number)
        row.refresh_from_db()
        assert (row.person, row.unit, row.employer) == (person, third, "外区某单位")
        assert next(sheet_rows([frozen_line(case.outcomes.get())]))["employer"] == "外区某单位"
        assert hours_of(person) == [Decimal(16)]
        assert Notice.objects.filter(recipient=district.neighbour, title__contains="已认定的培训学时入账").exists()

    def test_a_unit_of_the_district_registers_late_and_the_hours_follow(
        self, district: District, course: ClassApplication
    ) -> None:
        number = id_number()
        row = listed(course, number, unit=district.neighbour_unit)
        case = recognised(course, district)
        outcome = case.outcomes.get(enrolment=row)
        assert (outcome.posted, outcome.why_not) == (False, "所在单位尚未登记此人，登记后入账")
        assert not LedgerEntry.objects.exists()
        person = register(district, number)
        outcome.refresh_from_db()
        assert (outcome.posted, outcome.why_not) == (True, "")
        assert hours_of(person) == [Decimal(16)]
        assert Event.objects.filter(name="entered_later", case_id=case.pk).count() == 1
        assert Notice.objects.filter(recipient=district.neighbour, title__contains="已认定的培训学时入账").exists()
        assert enter_hours() == 0
        assert hours_of(person) == [Decimal(16)]

    def test_what_a_stranger_learned_elsewhere_is_not_entered_when_they_come(
        self, district: District, course: ClassApplication
    ) -> None:
        """They worked outside the district: it is declared, with evidence."""
        number = id_number()
        listed(course, number)
        recognised(course, district)
        person = register(district, number)
        assert hours_of(person) == []

    def test_the_sheet_says_that_they_follow(self, district: District, course: ClassApplication) -> None:
        listed(course, id_number(), unit=district.neighbour_unit)
        case = recognised(course, district)
        sweep()
        assert found_in(case).lines[0].remark == "所在单位尚未登记此人，登记后入账"


class TestAllAgreed:
    def test_a_stranger_who_is_not_agreed_is_one_who_is_not(self, district: District, course: ClassApplication) -> None:
        enrol(course, person_in(district.neighbour_unit))
        row = stranger(course)
        case = recognition_of(course)
        assert (found_in(case).not_agreed, found_in(case).strangers) == (1, 1)
        Enrolment.objects.filter(pk=row.pk).update(agreement="scanned")
        assert found_in(Recognition.objects.get(pk=case.pk)).not_agreed == 0

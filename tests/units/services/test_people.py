"""One person once in the whole district; names, documents and full numbers on record (product.md U2, U3)."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.refusals import NotPossible
from luojiang_ce.versions import Conflict
from luojiang_ce.workflow.events import history
from luojiang_ce.workflow.models import Event
from tests.factories import UnitFactory, id_number, person_in
from units.models import Employment, Person
from units.services import (
    KnownPerson,
    Newcomer,
    correct_document,
    end_employment,
    enrol,
    rename_person,
    reveal_id,
    transfer,
    undo_leaving,
    update_person,
)
from units.services.people import REVEALS_PER_HOUR

SINCE = date(2024, 9, 1)


def newcomer(number: str | None = None, name: str = "陈若溪", **facts) -> Newcomer:
    return Newcomer(name=name, kind=facts.pop("kind", "resident"), number=number or id_number(), **facts)


def take_on(district, who: Newcomer, **options) -> Person:
    options = {"unit": district.unit, "started_on": SINCE, "actor": district.owner, **options}
    return enrol(newcomer=who, **options)


class TestEnrolling:
    def test_the_number_says_birth_and_sex_and_is_sealed(self, district) -> None:
        number = id_number(birth=date(1990, 5, 1), male=False)
        person = take_on(district, newcomer(number, birth=date(1970, 1, 1), sex="男"), department="推广科")
        person.refresh_from_db()
        assert (person.birth.year, person.sex, person.id_number) == (1990, "女", number)
        assert person.masked_id == f"{number[:6]}********{number[-4:]}"
        assert number.encode() not in bytes(person.id_sealed)
        assert person.employments.get().department == "推广科"

    def test_a_passport_brings_what_was_typed(self, district) -> None:
        who = newcomer("E12345678", kind="passport", name="Jean-Luc Moreau", birth=date(1980, 2, 3), sex="男")
        person = take_on(district, who)
        assert (person.birth, person.sex, person.masked_id) == (date(1980, 2, 3), "男", "*****5678")

    def test_title_and_certificate_come_along(self, district) -> None:
        title = {"series": "农业", "name": "农艺师", "level": "middle", "since": date(2020, 12, 1)}
        person = take_on(district, newcomer(title=title, certificate=" 闽0001 "))
        assert person.titles.get().is_current
        assert person.certificates.get().number == "闽0001"

    def test_events_hold_ids_and_no_words(self, district) -> None:
        number = id_number()
        person = take_on(district, newcomer(number))
        for event in history(person):
            assert number not in str(event.data)
            assert person.name not in str(event.data)
        assert [e.name for e in history(person)] == ["taken_on", "registered"]

    def test_everything_wrong_is_said_at_once_and_nothing_is_written(self, district) -> None:
        district.unit.status = "suspended"
        with pytest.raises(NotPossible) as refused:
            take_on(district, newcomer("35050419850312", name="王1"), started_on=clock.today() + timedelta(days=1))
        assert set(refused.value.by_field) == {"name", "number", "started_on", "unit"}
        assert not Person.objects.exists()

    def test_who_works_elsewhere_is_refused_without_naming_the_unit(self, district) -> None:
        number = id_number()
        person_in(district.neighbour_unit, "陈若溪", number=number)
        with pytest.raises(NotPossible) as refused:
            take_on(district, newcomer(number))
        text = str(refused.value)
        assert "其他单位" in text
        assert "调动" in text
        assert district.neighbour_unit.name not in text
        assert Employment.objects.count() == 1

    def test_who_is_here_already_is_pointed_out(self, district) -> None:
        number = id_number()
        person_in(district.unit, "陈若溪", number=number)
        with pytest.raises(NotPossible, match="已在本单位名册中（陈若溪）"):
            take_on(district, newcomer(number))

    def test_a_known_person_without_a_unit_is_offered_then_taken_on_once(self, district) -> None:
        number = id_number()
        known = person_in(district.neighbour_unit, "陈若溪", number=number)
        end_employment(person=known, reason="left", last_day=date(2024, 6, 30), actor=district.neighbour)
        with pytest.raises(KnownPerson) as offer:
            take_on(district, newcomer(number))
        assert offer.value.person == known
        person = take_on(district, newcomer(number, category="teacher"), take_on_known=True)
        assert (person.pk, person.category) == (known.pk, "general")
        assert Person.objects.count() == 1

    def test_a_known_person_under_another_name_is_refused_without_telling_the_name(self, district) -> None:
        number = id_number()
        known = person_in(district.neighbour_unit, "陈若溪", number=number)
        end_employment(person=known, reason="left", last_day=date(2024, 6, 30), actor=district.neighbour)
        with pytest.raises(NotPossible, match="核对") as refused:
            take_on(district, newcomer(number, name="陈若汐"))
        assert "陈若溪" not in str(refused.value)

    def test_nobody_begins_before_having_left(self, district) -> None:
        number = id_number()
        known = person_in(district.neighbour_unit, "陈若溪", number=number)
        end_employment(person=known, reason="left", last_day=SINCE, actor=district.neighbour)
        with pytest.raises(NotPossible, match="2024年9月1日"):
            take_on(district, newcomer(number), take_on_known=True)


class TestLeaving:
    def test_the_last_day_still_counts_the_next_does_not(self, district) -> None:
        person = person_in(district.unit, since=SINCE)
        end_employment(person=person, reason="retired", last_day=date(2025, 6, 30), actor=district.owner)
        people = Person.objects.employed_in
        assert person in people(district.unit, date(2025, 6, 30))
        assert person not in people(district.unit, date(2025, 7, 1))
        assert person not in people(district.unit)

    @pytest.mark.parametrize(
        ("reason", "last_day", "field"),
        [
            ("vanished", date(2025, 1, 1), "reason"),
            ("left", date(2024, 8, 31), "last_day"),
            ("left", date(2099, 1, 1), "last_day"),
        ],
    )
    def test_refusals(self, district, reason, last_day, field) -> None:
        person = person_in(district.unit, since=SINCE)
        with pytest.raises(NotPossible) as refused:
            end_employment(person=person, reason=reason, last_day=last_day, actor=district.owner)
        assert list(refused.value.by_field) == [field]
        assert person.employments.get().ended_on is None

    def test_a_mistaken_leaving_is_undone_by_the_same_unit_on_record(self, district) -> None:
        person = person_in(district.unit, since=SINCE)
        job = end_employment(person=person, reason="left", last_day=date(2025, 1, 1), actor=district.owner)
        with pytest.raises(PermissionDenied):
            undo_leaving(job=job, reason="日期录错", actor=district.neighbour)
        with pytest.raises(NotPossible, match="请写明撤销的理由"):
            undo_leaving(job=job, reason=" ", actor=district.owner)
        undo_leaving(job=job, reason="日期录错", actor=district.colleague)
        assert person.employments.values_list("ended_on", "end_reason").get() == (None, "")
        event = history(person).first()
        assert (event.name, event.note_row.text) == (
            "leaving_undone",
            f"{district.unit} 离职，最后一天 2025年1月1日。日期录错",
        )
        with pytest.raises(NotPossible, match="可能刚刚已经撤销"):
            undo_leaving(job=job, reason="日期录错", actor=district.owner)

    def test_who_works_elsewhere_since_does_not_come_back_that_way(self, district) -> None:
        person = person_in(district.unit, since=SINCE)
        job = end_employment(person=person, reason="left", last_day=date(2025, 1, 1), actor=district.owner)
        transfer(person=person, to=district.neighbour_unit, on=date(2025, 3, 1), actor=district.handler, reason="调令")
        with pytest.raises(NotPossible, match="之后已有别的任职"):
            undo_leaving(job=job, reason="日期录错", actor=district.owner)

    def test_a_day_far_back_is_asked_about_once(self, client, district) -> None:
        person = person_in(district.unit, since=None)
        client.force_login(district.owner, backend="django.contrib.auth.backends.ModelBackend")
        address = reverse("people:leaving", args=[person.pk])
        typed = {"reason": "left", "last_day": "2020-01-01", "version": person.version}
        answer = client.post(address, typed)
        assert answer.status_code == 422
        assert 'type="checkbox" name="sure"' in answer.content.decode()
        assert person.employments.get().ended_on is None
        left = client.post(address, typed | {"sure": "on"}, follow=True).content.decode()
        job = person.employments.get()
        assert job.ended_on == date(2020, 1, 1)
        undo = reverse("people:undo_leaving", args=[job.pk])
        assert undo in left
        client.post(undo, {"reason": "日期录错"})
        assert person.employments.get().ended_on is None

    def test_leaving_twice_is_said(self, district) -> None:
        person = person_in(district.unit, since=SINCE)
        end_employment(person=person, reason="left", last_day=date(2025, 1, 1), actor=district.owner)
        with pytest.raises(NotPossible, match="目前没有任职单位"):
            end_employment(person=person, reason="left", last_day=date(2025, 1, 2), actor=district.owner)


class TestTransfer:
    def test_one_ends_the_day_before_the_other_begins(self, district) -> None:
        person = person_in(district.unit, since=SINCE)
        transfer(person=person, to=district.neighbour_unit, on=date(2025, 3, 1), actor=district.handler, reason="调令")
        jobs = person.employments.order_by("started_on").values_list("unit", "ended_on", "end_reason", "started_on")
        assert list(jobs) == [
            (district.unit.pk, date(2025, 2, 28), "moved", SINCE),
            (district.neighbour_unit.pk, None, "", date(2025, 3, 1)),
        ]
        assert history(person).get().data["to"] == district.neighbour_unit.pk

    def test_who_works_nowhere_can_be_moved_in(self, district) -> None:
        person = person_in(district.unit, since=SINCE)
        end_employment(person=person, reason="left", last_day=date(2025, 1, 1), actor=district.owner)
        transfer(person=person, to=district.unit, on=date(2025, 1, 2), actor=district.handler, reason="复职")
        assert person.employments.filter(ended_on=None).count() == 1

    def test_refusals_are_said_at_once(self, district) -> None:
        person = person_in(district.unit, since=SINCE)
        with pytest.raises(NotPossible) as refused:
            transfer(person=person, to=district.unit, on=SINCE, actor=district.handler, reason="")
        assert set(refused.value.by_field) == {"to", "on", "reason"}

    def test_not_into_a_suspended_unit(self, district) -> None:
        person = person_in(district.unit, since=SINCE)
        with pytest.raises(NotPossible, match="暂停"):
            transfer(
                person=person,
                to=UnitFactory(status="suspended"),
                on=date(2025, 1, 1),
                actor=district.handler,
                reason="x",
            )


class TestFacts:
    def test_facts_and_department_change_together(self, district) -> None:
        person = person_in(district.unit)
        update_person(person=person, actor=district.owner, category="teacher", note="借调", department="教研室")
        person.refresh_from_db()
        assert (person.category, person.note, person.employments.get().department) == ("teacher", "借调", "教研室")
        assert history(person).get().data == {"fields": ["category", "note", "department"]}

    def test_what_the_number_says_is_not_overwritten(self, district) -> None:
        person = person_in(district.unit)
        update_person(person=person, actor=district.owner, sex="女", birth=date(2000, 1, 1))
        person.refresh_from_db()
        assert (person.sex, person.birth) == ("男", date(1985, 3, 12))

    def test_who_is_slower_is_told_and_changes_nothing(self, district) -> None:
        person = person_in(district.unit)
        seen = person.version
        update_person(person=person, actor=district.colleague, version=seen, note="一")
        with pytest.raises(Conflict) as stale:
            update_person(person=person, actor=district.owner, version=seen, note="二")
        assert stale.value.who == district.colleague.name
        assert Person.objects.get(pk=person.pk).note == "一"

    def test_a_new_name_is_found_by_its_pinyin_and_the_old_one_stays_in_the_note(self, district) -> None:
        person = person_in(district.unit, "陈若溪")
        rename_person(person=person, name="仇若溪", reason="随母姓", actor=district.owner)
        person.refresh_from_db()
        assert "qiuruoxi" in person.pinyin
        assert "chouruoxi" in person.pinyin
        event = history(person).get()
        assert event.note_row.text == "原姓名：陈若溪；现姓名：仇若溪。随母姓"
        assert "陈若溪" not in str(event.data)

    @pytest.mark.parametrize(("name", "reason"), [("陈若溪", "误"), ("", "误"), ("陈1", "误"), ("陈若汐", " ")])
    def test_renaming_is_refused(self, district, name, reason) -> None:
        person = person_in(district.unit, "陈若溪")
        with pytest.raises(NotPossible):
            rename_person(person=person, name=name, reason=reason, actor=district.owner)
        assert not history(person).exists()

    def test_a_corrected_document_moves_all_that_hangs_on_it(self, district) -> None:
        person, number = person_in(district.unit), id_number(birth=date(1979, 8, 8), male=False)
        correct_document(person=person, kind="resident", number=number, reason="录入有误", actor=district.handler)
        person.refresh_from_db()
        assert person in Person.objects.with_id_number(number)
        assert (person.sex, person.birth.year) == ("女", 1979)
        assert number not in history(person).get().note_row.text

    def test_a_document_belongs_to_one_person(self, district) -> None:
        number = id_number()
        person_in(district.neighbour_unit, number=number)
        with pytest.raises(NotPossible, match="另一人"):
            correct_document(
                person=person_in(district.unit), kind="resident", number=number, reason="误", actor=district.handler
            )


class TestRevealing:
    def test_showing_is_on_record_before_it_is_shown(self, district) -> None:
        number = id_number()
        person = person_in(district.unit, number=number)
        assert reveal_id(person=person, actor=district.owner, why="核对毕业证书") == number
        event = history(person).get()
        assert (event.name, event.actor, event.note_row.text) == ("id_revealed", district.owner, "核对毕业证书")
        assert number not in str(event.data)

    def test_without_a_reason_nothing_is_shown(self, district) -> None:
        with pytest.raises(NotPossible):
            reveal_id(person=person_in(district.unit), actor=district.owner, why=" ")

    def test_a_whole_roster_cannot_be_copied_out(self, district, time_machine) -> None:
        person = person_in(district.unit)
        for _ in range(REVEALS_PER_HOUR):
            reveal_id(person=person, actor=district.owner, why="核对")
        with pytest.raises(NotPossible, match="一小时内最多"):
            reveal_id(person=person, actor=district.owner, why="核对")
        assert reveal_id(person=person, actor=district.colleague, why="核对")
        time_machine.move_to(clock.now() + timedelta(minutes=61))
        assert reveal_id(person=person, actor=district.owner, why="核对")
        assert Event.objects.filter(name="id_revealed").count() == REVEALS_PER_HOUR + 2

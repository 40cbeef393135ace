"""A roster says who works in a unit, not since when: an unknown start stays unknown and keeps nobody out of a year."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.models import Event
from tests.factories import UnitFactory, person_in
from tests.units.roster.rosters import number, person, workbook
from tests.units.views.helpers import browser
from units.models import Employment, Person
from units.roster.services import import_roster, read_roster
from units.services import Newcomer, end_employment, enrol, merge_unit, transfer, update_person
from verification.batches.candidates import people_of

TODAY = clock.today()
YEAR = TODAY.year - 1
LAST_SUMMER = date(YEAR, 7, 1)


def imported(district, unit=None, serial: int = 1) -> Person:
    unit = unit or district.unit
    rows = [person(身份证号=number(serial))]
    import_roster(roster=read_roster(workbook(*rows)), unit=unit, actor=district.owner)
    return Person.objects.with_id_number(number(serial)).get()


def listed(unit, year: int = YEAR) -> set[Person]:
    return set(people_of(unit, year, TODAY))


def test_who_was_imported_today_is_verified_for_last_year(district) -> None:
    someone = imported(district)
    assert someone.employments.get().started_on is None
    assert listed(district.unit) == {someone}
    assert list(Person.objects.employed_in(district.unit, LAST_SUMMER)) == [someone]


def test_who_is_known_to_have_come_this_year_is_not(district) -> None:
    newcomer = Newcomer(name="王明", kind="resident", number=number(1))
    enrol(unit=district.unit, newcomer=newcomer, started_on=date(TODAY.year, 1, 2), actor=district.owner)
    assert listed(district.unit) == set()
    assert not Person.objects.employed_in(district.unit, LAST_SUMMER).exists()


def test_a_move_ends_the_unknown_time_in_the_old_unit_the_day_before(district) -> None:
    someone, moved = imported(district), date(TODAY.year, 1, 2)
    transfer(person=someone, to=district.neighbour_unit, on=moved, actor=district.handler, reason="调令")
    jobs = {job.unit: (job.started_on, job.ended_on) for job in someone.employments.all()}
    assert jobs == {
        district.unit: (None, moved - timedelta(days=1)),
        district.neighbour_unit: (moved, None),
    }
    assert list(someone.employments.all())[-1].unit == district.unit  # the unknown start is the oldest
    assert listed(district.neighbour_unit) == {someone}
    assert listed(district.unit) == set()
    assert list(Person.objects.employed_in(district.unit, LAST_SUMMER)) == [someone]
    assert not Person.objects.employed_in(district.neighbour_unit, LAST_SUMMER).exists()


def test_who_came_back_was_not_in_the_new_unit_before_leaving_the_old(district) -> None:
    someone = imported(district)
    left = date(YEAR, 10, 31)
    end_employment(person=someone, reason="left", last_day=left, actor=district.owner)
    import_roster(roster=read_roster(workbook(person())), unit=district.neighbour_unit, actor=district.neighbour)
    assert someone.employments.get(ended_on=None).started_on is None
    assert not Person.objects.employed_in(district.neighbour_unit, LAST_SUMMER).exists()
    assert Person.objects.employed_in(district.neighbour_unit, left + timedelta(days=1)).exists()
    assert list(Person.objects.employed_in(district.unit, LAST_SUMMER)) == [someone]
    assert listed(district.neighbour_unit) == {someone}


def test_a_later_employment_does_not_shorten_the_unknown_one(district) -> None:
    someone = imported(district)
    end_employment(person=someone, reason="left", last_day=date(YEAR, 3, 31), actor=district.owner)
    transfer(person=someone, to=district.neighbour_unit, on=date(YEAR, 9, 1), actor=district.handler, reason="录用")
    end_employment(person=someone, reason="left", last_day=TODAY, actor=district.handler)
    assert list(Person.objects.employed_in(district.unit, date(YEAR, 2, 1))) == [someone]


def test_a_merger_moves_who_came_nobody_knows_when(district) -> None:
    someone, on = imported(district), date(TODAY.year, 1, 2)
    merge_unit(unit=district.unit, into=district.neighbour_unit, on=on, actor=district.handler, reason="机构改革")
    assert someone.job.unit == district.neighbour_unit
    assert listed(district.neighbour_unit) == {someone}


class TestFillingIn:
    def test_a_clerk_fills_it_in_once(self, district) -> None:
        someone = imported(district)
        client, url = browser(district.owner), reverse("people:edit", args=[someone.pk])
        page = client.get(url)
        assert "到本单位日期" in page.content.decode()
        typed = {"category": "general", "version": page.context["form"].version_shown, "started_on": f"{YEAR}-07-01"}
        assert client.post(url, typed).status_code == 302
        assert someone.job.started_on == LAST_SUMMER
        assert "started_on" not in client.get(url).context["form"].fields

    def test_an_empty_field_leaves_it_unknown(self, district) -> None:
        someone = imported(district)
        update_person(person=someone, actor=district.owner, started_on=None)
        assert someone.job.started_on is None

    def test_a_known_day_is_not_changed(self, district) -> None:
        someone = imported(district)
        update_person(person=someone, actor=district.owner, started_on=LAST_SUMMER)
        update_person(person=someone, actor=district.owner, started_on=date(YEAR, 1, 1))
        assert someone.job.started_on == LAST_SUMMER

    @pytest.mark.parametrize(
        ("day", "text"), [(TODAY + timedelta(days=1), "不能晚于今天"), (date(YEAR, 3, 31), "上一单位任职到")]
    )
    def test_an_impossible_day_is_refused(self, district, day, text) -> None:
        someone = imported(district)
        end_employment(person=someone, reason="left", last_day=date(YEAR, 3, 31), actor=district.owner)
        import_roster(roster=read_roster(workbook(person())), unit=district.unit, actor=district.owner)
        with pytest.raises(NotPossible, match=text):
            update_person(person=someone, actor=district.owner, started_on=day)

    def test_leaving_or_moving_before_the_last_employment_ended_is_refused(self, district) -> None:
        someone, last = imported(district), date(YEAR, 3, 31)
        end_employment(person=someone, reason="left", last_day=last, actor=district.owner)
        import_roster(roster=read_roster(workbook(person())), unit=district.unit, actor=district.owner)
        with pytest.raises(NotPossible, match="上一单位任职到"):
            end_employment(person=someone, reason="left", last_day=last, actor=district.owner)
        with pytest.raises(NotPossible, match="上一单位任职到"):
            transfer(person=someone, to=UnitFactory(), on=last, actor=district.handler, reason="调令")


def test_pages_and_workbook_say_that_it_is_not_set(district) -> None:
    someone = imported(district)
    client = browser(district.owner)
    assert "到单位日期未设定" in client.get(someone.get_absolute_url()).content.decode()
    end_employment(person=someone, reason="left", last_day=TODAY, actor=district.owner)
    assert "未设定" in client.get(reverse("people:leavers")).content.decode()
    assert client.get(reverse("people:export_leavers")).status_code == 200
    assert Employment.objects.filter(started_on=None).exists()


def test_the_preview_lists_who_is_missing_from_the_roster(district) -> None:
    imported(district)
    client = browser(district.owner)
    upload = workbook(person(姓名="李明", 身份证号=number(2)))
    upload.name = "名单.xlsx"
    page = client.post(reverse("roster:upload"), {"file": upload}, follow=True).content.decode()
    assert "未设定" in page


def test_a_start_that_is_on_record_is_corrected_by_the_bureau_alone(district) -> None:
    someone, wrong = person_in(district.unit, since=TODAY), TODAY
    update_person(person=someone, actor=district.owner, started_on=LAST_SUMMER)
    assert someone.employments.get().started_on == wrong
    update_person(person=someone, actor=district.handler, started_on=None)
    assert someone.employments.get().started_on is None
    event = Event.objects.filter(name="edited", actor=district.handler).latest("pk")
    assert event.data == {"fields": ["started_on"], "started_on": [wrong.isoformat(), None]}


def test_the_page_offers_it_to_the_bureau_alone(district) -> None:
    someone = person_in(district.unit, since=LAST_SUMMER)
    url = reverse("people:edit", args=[someone.pk])
    offered = {
        who: "started_on" in browser(getattr(district, who)).get(url).context["form"].fields
        for who in ("owner", "handler")
    }
    assert offered == {"owner": False, "handler": True}

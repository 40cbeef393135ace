"""Titles, certificates, study periods (product.md U2)."""

from datetime import date

import pytest

from luojiang_ce.refusals import NotPossible
from luojiang_ce.versions import Conflict
from luojiang_ce.workflow.events import history
from tests.factories import person_in
from units.models import Certificate, StudyPeriod, Title
from units.services import remove_record, save_certificate, save_period, save_title


@pytest.fixture
def person(district):
    return person_in(district.unit)


def test_a_new_title_takes_the_place_of_the_former(district, person) -> None:
    first = save_title(person=person, actor=district.owner, series="农业", name="助理农艺师", level="junior")
    save_title(
        person=person, actor=district.owner, series="农业", name="农艺师", level="middle", since=date(2024, 1, 1)
    )
    first.refresh_from_db()
    assert not first.is_current
    assert person.titles.get(is_current=True).name == "农艺师"


def test_an_old_title_can_be_added_without_replacing(district, person) -> None:
    now = save_title(person=person, actor=district.owner, name="农艺师")
    save_title(person=person, actor=district.owner, name="助理农艺师", is_current=False)
    assert person.titles.get(is_current=True) == now


def test_a_title_says_something_and_is_not_of_the_future(district, person) -> None:
    with pytest.raises(NotPossible) as refused:
        save_title(person=person, actor=district.owner, series="农业", since=date(2999, 1, 1))
    assert set(refused.value.by_field) == {"name", "since"}


def test_every_record_renews_the_person_so_that_stale_forms_are_found(district, person) -> None:
    seen = person.version
    save_title(person=person, actor=district.colleague, name="农艺师", version=seen)
    with pytest.raises(Conflict):
        save_certificate(person=person, actor=district.owner, number="1", version=seen)
    assert not Certificate.objects.exists()


def test_a_booklet_is_registered_once(district, person) -> None:
    save_certificate(person=person, actor=district.owner, kind="general", number="闽001")
    save_certificate(person=person, actor=district.owner, kind="medical", number="闽001")
    with pytest.raises(NotPossible, match="已登记过"):
        save_certificate(person=person, actor=district.owner, kind="general", number=" 闽001 ")


@pytest.mark.notice("一(三)3")
@pytest.mark.parametrize(("first", "last", "ok"), [(2023, 2027, True), (2023, 2026, False), (2023, 2028, False)])
def test_a_teachers_cycle_lasts_five_years(district, person, first, last, ok) -> None:
    if ok:
        save_period(person=person, actor=district.owner, kind="cycle", first_year=first, last_year=last)
    else:
        with pytest.raises(NotPossible, match="5 年"):
            save_period(person=person, actor=district.owner, kind="cycle", first_year=first, last_year=last)


@pytest.mark.notice("一(三)2")
def test_a_tenure_has_any_length_in_order(district, person) -> None:
    save_period(person=person, actor=district.owner, kind="tenure", first_year=2024, last_year=2026)
    with pytest.raises(NotPossible, match="早于起始"):
        save_period(person=person, actor=district.owner, kind="tenure", first_year=2030, last_year=2029)


def test_two_periods_of_a_kind_share_no_year(district, person) -> None:
    save_period(person=person, actor=district.owner, kind="tenure", first_year=2024, last_year=2026)
    with pytest.raises(NotPossible, match="2024 至 2026 重叠"):
        save_period(person=person, actor=district.owner, kind="tenure", first_year=2026, last_year=2028)
    save_period(person=person, actor=district.owner, kind="cycle", first_year=2026, last_year=2030)


def test_a_record_of_another_person_cannot_be_slipped_in(district, person) -> None:
    other = person_in(district.neighbour_unit)
    title = Title.objects.create(person=other, name="工程师")
    with pytest.raises(Title.DoesNotExist):
        save_title(person=person, actor=district.owner, title=title, name="改了")


def test_removing_needs_a_reason_and_stays_on_record(district, person) -> None:
    period = save_period(person=person, actor=district.owner, kind="tenure", first_year=2024, last_year=2026)
    with pytest.raises(NotPossible):
        remove_record(row=period, person=person, actor=district.owner, reason=" ")
    remove_record(row=period, person=person, actor=district.owner, reason="录入有误")
    assert not StudyPeriod.objects.exists()
    event = history(person).first()
    assert (event.name, event.data["record"], event.note_row.text) == (
        "record_removed",
        "studyperiod",
        "周期“2024–2026”：录入有误",
    )

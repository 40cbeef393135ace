"""外国人永久居留身份证 as a kind of document (product.md U2): 18 digits that begin with 9, or the older fifteen."""

from __future__ import annotations

from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_2

from tests.factories import id_number, person_in
from units.identity.documents import PASSPORT, PERMIT, RESIDENCE, RESIDENT, BadDocument, kind_of, read_document
from units.models import Person

TODAY = date(2026, 11, 24)
FIELD = Path(__file__).parents[1] / "data/field/rosters/foreigner.xlsx"
NEW = "935156"  # 9, Fujian, a country
OLD = "XYZ350085031201"  # no country has these letters


def card(area: str = NEW, birth: date = date(1985, 3, 12), male: bool = True) -> str:
    body = f"{area}{birth:%Y%m%d}00{1 if male else 2}"
    return body + mod_11_2.calc_check_digit(body)


@given(st.dates(date(1930, 1, 1), date(2008, 1, 1)), st.booleans(), st.integers(0, 999))
def test_the_number_says_birth_and_sex(birth: date, male: bool, country: int) -> None:
    number = card(f"935{country:03d}", birth, male)
    document = read_document(RESIDENCE, number, today=TODAY)
    assert (document.kind, document.birth, document.sex) == (RESIDENCE, birth, "男" if male else "女")


def test_the_older_card_says_neither() -> None:
    document = read_document(RESIDENCE, f" {OLD[:3].lower()} {OLD[3:]}", today=TODAY)
    assert (document.kind, document.number, document.birth, document.sex) == (RESIDENCE, OLD, None, "")


@pytest.mark.parametrize(
    ("kind", "number", "says"),
    [
        (RESIDENT, card(), "外国人永久居留身份证号码，请更改证件类型"),
        (PERMIT, card(), "外国人永久居留身份证号码"),
        (PASSPORT, card(), "外国人永久居留身份证号码"),
        (RESIDENCE, id_number(3), "居民身份证号码"),
        (RESIDENCE, id_number(3, area="810000"), "港澳台居民居住证号码"),
        (RESIDENCE, card()[:17], "现在是 17 位"),
        (RESIDENCE, "AB3500850312012", "15 位，3 位字母加 12 位数字"),
        (RESIDENCE, card()[:17] + ("1" if card()[17] != "1" else "2"), "校验不符"),
    ],
)
def test_refusals_say_what_is_wrong(kind: str, number: str, says: str) -> None:
    with pytest.raises(BadDocument, match=says):
        read_document(kind, number, today=TODAY)


@pytest.mark.parametrize("area", ["999999", "900000", "966000", "350504", "110101"])
def test_only_a_province_behind_the_nine_makes_it_one(area: str) -> None:
    assert kind_of(id_number(5, area=area)) == RESIDENT


def test_a_roster_calls_the_card_what_it_is(district) -> None:
    call_command("import_roster", str(FIELD), "--unit", district.unit.code, "--confirm", stdout=StringIO())
    assert {person.get_id_kind_display() for person in Person.objects.all()} == {"外国人永久居留身份证"}


@pytest.mark.parametrize(
    ("number", "filled", "asked"),
    [(card(), {}, False), (OLD, {}, True), (OLD, {"sex": "女", "birth": "1985-03-12"}, False)],
)
def test_birth_and_sex_are_asked_where_the_number_does_not_say_them(client, district, number, filled, asked) -> None:
    client.force_login(district.owner)
    typed = {"name": "Anna Shili", "kind": RESIDENCE, "number": number, "category": "general"}
    answer = client.post(reverse("people:new"), typed | {"started_on": "2026-01-05", "unit": district.unit.pk} | filled)
    assert ("上看不出的，请填" in answer.content.decode()) is asked
    assert Person.objects.filter(id_kind=RESIDENCE, birth=date(1985, 3, 12)).exists() is not asked


def test_what_the_older_card_does_not_say_can_be_mended_later(district) -> None:
    assert person_in(district.unit).id_says_birth_and_sex
    older = Person(id_kind=RESIDENCE)
    older.seal_id(OLD)
    assert not older.id_says_birth_and_sex

"""What an ID number says, and which numbers are refused. The owners are invented: area 999999 was never given out."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import id_number
from units.identity.documents import PASSPORT, PERMIT, RESIDENT, BadDocument, kind_of, read_document

TODAY = date(2026, 11, 24)


def read(kind: str, text: str):
    return read_document(kind, text, today=TODAY)


@given(st.integers(0, 400), st.dates(date(1930, 1, 1), date(2008, 1, 1)), st.booleans())
def test_sex_and_birth_come_from_the_number(serial: int, birth: date, male: bool) -> None:
    document = read(RESIDENT, id_number(serial, birth=birth, male=male))
    assert (document.birth, document.sex) == (birth, "男" if male else "女")


def test_blanks_full_width_digits_and_a_small_x_are_what_was_meant() -> None:
    number = next(n for n in map(id_number, range(60)) if n.endswith("X"))
    typed = f" {number[:6]}　{number[6:14]}\u00a0{number[14:17]}x"
    assert read(RESIDENT, typed.translate({ord("9"): "９"})).number == number


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_digit_miscopied_is_found(place: int, by: int) -> None:
    number = id_number(7)
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    with pytest.raises(BadDocument, match="校验不符"):
        read(RESIDENT, wrong)


@pytest.mark.parametrize(("kind", "typed", "says"), [
    (RESIDENT, "350504850312123", "应为 18 位，现在是 15 位"),
    (RESIDENT, "", "应为 18 位"),
    (RESIDENT, "3505041985031212A4", "第 17 位是“A”，不是数字"),
    (RESIDENT, f"{id_number(3)[:17]}×", "最后一位是“×”，不是字母 X"),
    (RESIDENT, id_number(3, area="810000"), "港澳台居民居住证"),
    (PERMIT, id_number(3), "居民身份证"),
    (PASSPORT, id_number(3), "证件类型"),
    (PASSPORT, "E1", "5 至 17 位"),
    (PASSPORT, "ABCDEFG", "5 至 17 位"),
    (PASSPORT, "E12-34567", "5 至 17 位"),
])  # fmt: skip
def test_refusals_say_what_is_wrong(kind: str, typed: str, says: str) -> None:
    with pytest.raises(BadDocument, match=says):
        read(kind, typed)


def test_a_day_that_does_not_exist_or_is_still_to_come() -> None:
    from stdnum.iso7064 import mod_11_2

    for day in ("19850230", "20991231", "20261125"):
        body = f"999999{day}001"
        with pytest.raises(BadDocument, match="出生日期"):
            read(RESIDENT, body + mod_11_2.calc_check_digit(body))


@pytest.mark.parametrize("area", ["810000", "820000", "830000"])
def test_permits_are_taken_and_say_birth_and_sex(area: str) -> None:
    number = id_number(5, area=area, male=False)
    assert kind_of(number) == PERMIT
    assert read(PERMIT, number).sex == "女"


def test_a_passport_says_neither_birth_nor_sex() -> None:
    document = read(PASSPORT, " e12345678 ")
    assert (document.number, document.birth, document.sex) == ("E12345678", None, "")

"""Names with rare characters and middle dots; 统一社会信用代码."""

import pytest
from stdnum.cn import uscc as package

from luojiang_ce.sheets.cells import clean_name
from units.identity import uscc
from units.identity.names import is_valid_name
from units.services.accounts import one_time_password


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("王　明", "王明"),
        ("买买提•吐尔逊", "买买提·吐尔逊"),
        ("𬭎㛃䶮", "𬭎㛃䶮"),
        ("Jean-Luc O'Neil", "Jean-Luc O'Neil"),
    ],
)
def test_names_that_are_kept(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept
    assert is_valid_name(kept)


@pytest.mark.parametrize("name", ["", "王明1", "王明（女）", "王-明", "<b>"])
def test_names_that_are_refused(name: str) -> None:
    assert not is_valid_name(name)


def _with_check_digit(body: str) -> str:
    return body + package.calc_check_digit(body)


@pytest.mark.parametrize("body", ["12350504MB0000000", "11350504000000000", "52350504MJ0000000", "N2350504MF0000000"])
def test_codes_of_all_registering_bodies(body: str) -> None:
    code = _with_check_digit(body)
    assert uscc.is_sound(code)
    assert not uscc.is_sound(code[:-1] + ("1" if code[-1] != "1" else "2"))


@pytest.mark.parametrize("code", ["", "1235050400000", "IOSVZ504MB0000000X", "12350504mb000000"])
def test_codes_of_no_shape(code: str) -> None:
    assert not uscc.is_sound(uscc.tidy(code))


def test_a_code_is_tidied() -> None:
    assert uscc.tidy(" 12350504-mb0000000x ") == "12350504MB0000000X"


def test_one_time_passwords_differ_and_pass_the_validators() -> None:
    from django.contrib.auth.password_validation import validate_password

    made = {one_time_password() for _ in range(200)}
    assert len(made) == 200
    for password in made:
        validate_password(password)

"""Names with rare characters and middle dots; 统一社会信用代码."""

import json
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from stdnum.cn import uscc as package

from luojiang_ce.refusals import NotPossible
from luojiang_ce.sheets.cells import clean_name
from tests.factories import person_in
from units import migrations
from units.identity import uscc
from units.identity.names import MOST_READINGS, is_valid_name, readings, why_invalid
from units.models import Person, Unit
from units.search import search_people
from units.services.accounts import one_time_password
from units.services.units import create_unit, update_unit


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


FIELD = json.loads((Path(__file__).parents[1] / "data/field/uscc.json").read_text(encoding="utf-8"))
EXPLAINED = FIELD["with_a_reason_or_refused"][0]


@pytest.mark.parametrize("code", FIELD["taken"])
def test_codes_of_the_field(code: str) -> None:
    full_width = "".join(chr(ord(character) + 0xFEE0) for character in code.lower())
    for typed in (code, code.lower(), f" {code[:8]} {code[8:]}\u200b", full_width):
        assert uscc.why_refused(uscc.tidy(typed), "") == ""


def test_a_code_whose_check_character_does_not_fit_is_kept_with_a_reason(district) -> None:
    facts = {"name": "厦门某培训中心", "nature": Unit.Nature.COMPANY, "is_base": True, "uscc": EXPLAINED}
    with pytest.raises(NotPossible, match="校验不符的说明"):
        create_unit(actor=district.handler, **facts)
    unit = create_unit(actor=district.handler, **facts, uscc_reason="营业执照如此，2015 年登记")
    assert (unit.uscc, unit.uscc_reason) == (EXPLAINED, "营业执照如此，2015 年登记")
    update_unit(unit=unit, actor=district.handler, uscc=FIELD["taken"][0])
    unit.refresh_from_db()
    assert (unit.uscc, unit.uscc_reason) == (FIELD["taken"][0], "")


@pytest.mark.parametrize("code", ["91350200M0001ABC1", "91350200M0001ABCI9", "不是代码", "91350200M0001ABC199"])
def test_no_reason_makes_a_code_of_what_is_none(code: str) -> None:
    assert "应为 18 位" in uscc.why_refused(code, "证照如此")


@pytest.mark.parametrize(
    ("name", "usual", "others"),
    [
        ("曾乐行", "zenglexing", ("cenglexing", "clx", "zengyuexing")),
        ("单于飞扬", "chanyufeiyang", ()),
        ("单于飞", "chanyufei", ()),
        ("单飞", "shanfei", ("danfei", "chanfei")),
        ("仇朝阳", "qiuzhaoyang", ("chouchaoyang", "qiuchaoyang", "chouzhaoyang")),
        ("尉迟长乐", "yuchichangle", ("weichichangle",)),
        ("盖行重", "gexingzhong", ("gaixingzhong",)),
        ("覃乐", "qinle", ("tanle", "qinyue")),
        ("欧阳明", "ouyangming", ("oym",)),
    ],
)
def test_a_surname_is_read_as_one_and_all_its_readings_come_first(
    name: str, usual: str, others: tuple[str, ...]
) -> None:
    whole, initials = readings(name)
    assert whole.split()[1] == usual
    assert set(others) <= {*whole.split(), *initials.split()}
    assert len(whole.split()) <= MOST_READINGS + 1


def test_lists_are_ordered_by_surname() -> None:
    names = ["王安", "万博", "汪博", "王博", "万志", "汪志", "曾一", "岑一", "单一", "欧阳明", "欧明", "Anna Li"]
    families = [
        name[:2] if name.startswith(("欧阳", "An")) else name[0] for name in sorted(names, key=lambda n: readings(n)[0])
    ]
    assert families == ["An", "岑", "欧", "欧阳", "单", "万", "万", "汪", "汪", "王", "王", "曾"]


def test_the_names_of_people_who_are_there_are_read_anew(district) -> None:
    person = person_in(district.unit, "曾乐行")
    Person.objects.update(pinyin="cenglexing", initials="clx")
    (migration,) = Path(migrations.__path__[0]).glob("*_residence_cards_and_codes_that_do_not_check.py")
    import_module(f"units.migrations.{migration.stem}").read_names_anew(apps, None)
    person.refresh_from_db()
    assert (person.pinyin, person.initials) == readings("曾乐行")
    assert (
        search_people(Person.objects.all(), "zlx").get() == search_people(Person.objects.all(), "ceng").get() == person
    )


@pytest.mark.parametrize("kept", ["买买提·样例", "买买提.样例"])
@pytest.mark.parametrize("typed", ["买买提·样例", "买买提.样例", "买买提•样例", "提。样"])
def test_a_name_is_found_whichever_dot_is_typed(district, kept: str, typed: str) -> None:
    person = person_in(district.unit, kept)
    assert list(search_people(Person.objects.all(), typed)) == [person]


@pytest.mark.parametrize("name", ["周八（退休）", "周八(已调出)"])
def test_who_has_left_is_not_made_present_by_mending_the_name(name: str) -> None:
    _, advice = why_invalid(name)
    assert "不要导入" in advice
    assert "只留姓名" not in advice
    assert "只留姓名" in why_invalid("周八（女）")[1]

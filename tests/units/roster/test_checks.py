"""Each row code of the contract: when it applies, and when it does not."""

from datetime import date, datetime

import pytest
import time_machine

from luojiang_ce.sheets.cells import Value
from tests.units.roster.rosters import codes, number, person, roster, text
from units.models import Person
from units.roster.columns import CATEGORIES, LEVELS
from units.roster.rows import NAME_LENGTH, TEXT_LENGTHS
from units.roster.services import read_roster

SOUND = number(1)
WRONG_DIGIT = SOUND[:-1] + ("0" if SOUND[-1] != "0" else "1")


def found(**values: Value) -> list[str]:
    return codes(roster(person(**values)).problems).get(2, [])


@pytest.mark.parametrize("head", ["现任职称", "现职称", "专业技术职称", "职称"])
def test_a_title_is_read_under_what_rosters_call_it(head: str) -> None:
    [row] = roster(("王明", SOUND, "高级教师"), titles=("姓名", "身份证号", head)).rows
    assert row.title == "高级教师"


@pytest.mark.parametrize(
    "name",
    [
        *("王明", "欧阳沛霖", "买买提·古丽", "阿不都.买买提", "Jean-Luc O'Neil", "José María", "D’Arc", "李𬭎", "䶮㛃"),
        *("Nguyễn", "e\u0301-A", "محمد علي", "王\U00031350", "王\U0002ebf0", "J. Smith", "名" * NAME_LENGTH),
    ],
)
def test_names_that_are_right(name: str) -> None:
    assert found(姓名=name) == []


@pytest.mark.parametrize(
    "name",
    [
        *(
            "王明1",
            "王（明）",
            "王明（女）",
            "王-明",
            "王'明",
            "O'",
            "-Luc",
            "王、李",
            "王/李",
            "王明*",
            "#N/A",
            "王〇",
            "王,明",
        ),
        *("A—B", "王\ue000", "🙂", "名" * (NAME_LENGTH + 1), "''王明"),
    ],
)
def test_names_that_are_wrong(name: str) -> None:
    assert found(姓名=name) == ["name-invalid"]


def test_a_number_is_no_name() -> None:
    assert found(姓名=42.0) == ["name-invalid"]


@pytest.mark.parametrize("empty", ["", "  ", "\u3000\u200b", "'"])
def test_missing_name_and_id(empty: str) -> None:
    assert found(姓名=empty, 身份证号=empty, 备注="有人") == ["name-missing", "id-missing"]


@pytest.mark.parametrize("value", [3.50504198503120e17, 123.0, 0.0, 3.5, datetime(2015, 3, 1)])
def test_any_number_in_the_id_cell(value: Value) -> None:
    assert found(身份证号=value) == ["id-as-number"]


@pytest.mark.parametrize(
    "value", ["3.50504E+17", "3.50504e+17", "３.50504E+17", " 3.50504198503E+17", "3E17", "3.5E+017"]
)
def test_scientific_notation_left_in_text(value: str) -> None:
    assert found(身份证号=value) == ["id-as-number"]


@pytest.mark.parametrize(
    "value", ["999999850312012", "E12345678", "无", SOUND + "1", SOUND[:17], "#N/A", "H1234567(8)"]
)
def test_ids_of_another_length(value: str) -> None:
    assert found(身份证号=value) == ["id-length"]


@pytest.mark.parametrize(
    "value", [WRONG_DIGIT, "X" + SOUND[1:], SOUND[:17] + "Y", "٣" * 18, "A" * 18, SOUND[:6] + "O" + SOUND[7:]]
)
def test_ids_with_a_wrong_digit(value: str) -> None:
    assert found(身份证号=value) == ["id-checksum"]


@time_machine.travel("2026-02-10 12:00:00+08:00", tick=False)
@pytest.mark.parametrize(
    ("born", "expected"), [("20260210", []), ("20260211", ["id-birthdate"]), ("20270101", ["id-birthdate"])]
)
def test_births_in_the_future(born: str, expected: list[str]) -> None:
    assert found(身份证号=with_birth(born)) == expected


@pytest.mark.parametrize("born", ["19850230", "19851301", "19850000", "00000101", "20230229"])
def test_births_that_never_were(born: str) -> None:
    assert found(身份证号=with_birth(born)) == ["id-birthdate"]


@time_machine.travel("2026-02-10 16:30:00+00:00", tick=False)
def test_today_is_that_of_shanghai() -> None:
    assert found(身份证号=with_birth("20260211")) == []


@pytest.mark.parametrize("area", ["810000", "820000", "830000", "350504", "999999"])
def test_the_area_is_not_checked(area: str) -> None:
    assert found(身份证号=number(1, area=area)) == []


@pytest.mark.parametrize("way", ["x", "ｘ", "X", " x ", "\u3000x"])
def test_ways_of_writing_a_sound_id(way: str) -> None:
    sound = next(n for n in map(number, range(1, 99)) if n.endswith("X"))
    assert found(身份证号=f"'{sound[:6]} {sound[6:14]}\u3000{sound[14:17]}{way}") == []


def test_only_sound_ids_are_compared() -> None:
    assert found(身份证号=WRONG_DIGIT, 性别="女", 出生年月="1990-01") == ["id-checksum"]
    assert found(身份证号="", 性别="女", 出生年月="1990-01") == ["id-missing"]


@pytest.mark.parametrize(
    ("sex", "expected"), [("男", []), (" 男\u3000", []), ("", []), ("女", ["sex-mismatch"]), ("男性", ["sex-mismatch"])]
)
def test_sex(sex: str, expected: list[str]) -> None:
    assert found(性别=sex) == expected


@pytest.mark.parametrize(
    ("birth", "expected"),
    [
        *(
            (same, [])
            for same in ("1985-03", "1985年3月31日", "19850301", 198503.0, 1985.03, 31107.0, datetime(1985, 3, 1))
        ),
        *((other, ["birth-mismatch"]) for other in ("1985-04", "1986-03", 31138.0, datetime(1986, 3, 12), "1885-03")),
        *((none, ["date-unreadable"]) for none in ("1985", "85-03", "1985-13", "不详", 1985.0, 1985.1, "1985-02-30")),
    ],
)
def test_birth(birth: Value, expected: list[str]) -> None:
    assert found(出生年月=birth) == expected


@pytest.mark.parametrize(
    ("since", "expected"), [("2015-03", []), ("2099-01", []), ("去年", ["date-unreadable"]), ("", []), (" ", [])]
)
def test_since(since: str, expected: list[str]) -> None:
    assert found(任职时间=since) == expected


@pytest.mark.parametrize("level", [*LEVELS, "副高", "正高", " 副 高 ", "中　级", ""])
def test_levels(level: str) -> None:
    assert found(级别=level) == []


@pytest.mark.parametrize("level", ["员级", "高级", "中职", "副高级职称", "#N/A", 3.0])
def test_unknown_levels(level: Value) -> None:
    assert found(级别=level) == ["unknown-value"]


@pytest.mark.parametrize(
    ("category", "expected"), [*((c, []) for c in CATEGORIES), ("", []), ("教 师", []), ("医疗", ["unknown-value"])]
)
def test_categories(category: str, expected: list[str]) -> None:
    assert found(人员类别=category) == expected


def test_all_problems_of_a_row_at_once() -> None:
    rows = roster(person(姓名="王1", 性别="女", 出生年月="1990-01", 人员类别="x", 级别="y", 任职时间="z"))
    assert sorted(codes(rows.problems)[2]) == sorted(
        ["name-invalid", "sex-mismatch", "birth-mismatch", "unknown-value", "unknown-value", "date-unreadable"]
    )


def test_duplicates() -> None:
    rows = roster(
        person(姓名="王1"),
        person(姓名="李明", 身份证号=SOUND.lower()),
        person(身份证号=WRONG_DIGIT),
        person(身份证号=WRONG_DIGIT),
        person(身份证号=number(2)),
        person(身份证号=f" {SOUND}"),
    )
    assert codes(rows.problems) == {
        2: ["name-invalid"],
        3: ["duplicate-in-file"],
        4: ["id-checksum"],
        5: ["id-checksum"],
        7: ["duplicate-in-file"],
    }
    assert "第 2 行" in rows.problems[7][0].message


def test_numbers_in_text_files_are_text() -> None:
    rows = read_roster(text(["王明", SOUND, "", "1985.3"], ["李明", '="' + number(2) + '"', "", "198503"]))
    assert codes(rows.problems) == {}


def test_every_message_says_what_is_wrong_and_what_to_do() -> None:
    rows = roster(
        person(姓名="", 身份证号="1"), person(姓名="王1", 身份证号=1.0), person(级别="x", 人员类别="y", 任职时间="z")
    )
    for problems in rows.problems.values():
        for problem in problems:
            assert problem.what
            assert problem.remedy.startswith(("请", "Excel"))
            assert problem.message == f"{problem.what}。{problem.remedy}。"


def test_lengths_are_those_of_the_database() -> None:
    from units.models import Certificate, Employment, Title

    fields = {
        "title": (Title, "name"),
        "series": (Title, "series"),
        "certificate": (Certificate, "number"),
        "department": (Employment, "department"),
    }
    fields["note"] = (Person, "note")
    assert {key: model._meta.get_field(name).max_length for key, (model, name) in fields.items()} == TEXT_LENGTHS
    assert Person._meta.get_field("name").max_length == NAME_LENGTH


def with_birth(born: str) -> str:
    from stdnum.iso7064 import mod_11_2

    body = f"999999{born}123"
    return body + mod_11_2.calc_check_digit(body)


def test_the_sample_numbers_are_sound() -> None:
    assert number(1, birth=date(1985, 3, 12))[6:14] == "19850312"

"""manage.py import_roster, beyond the public files."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.conftest import District
from tests.units.roster.rosters import number, person, workbook
from tests.units.roster.test_contract import answer
from tests.units.roster.test_services import only_writes_to, snapshot
from units.models import Person, Unit


@pytest.fixture
def names(tmp_path: Path) -> Path:
    """A roster with one new person and one wrong row whose every cell holds an ID number."""
    path = tmp_path / "名单.xlsx"
    full = number(2)
    rows = [person(), person(姓名=full, 身份证号=f"{full[:6]} {full[6:]}9", 级别=full, 人员类别=full, 任职时间=full)]
    path.write_bytes(workbook(*rows).getvalue())
    return path


def test_without_confirm_nothing_at_all_is_written(names: Path, district: District) -> None:
    with only_writes_to():
        got, status, _ = answer(names, district.unit.code)
    assert (status, got["counts"]) == (0, {"rows": 2, "new": 1, "changed": 0, "unchanged": 0, "wrong": 1})


def test_with_confirm_the_sound_rows_are_written_and_the_output_is_the_same(names: Path, district: District) -> None:
    preview, _, _ = answer(names, district.unit.code)
    written, status, _ = answer(names, district.unit.code, "--confirm")
    assert (written, status) == (preview, 0)
    assert [person.name for person in Person.objects.all()] == ["王明"]
    before = snapshot()
    again, _, _ = answer(names, district.unit.code, "--confirm")
    assert again["counts"] == {"rows": 2, "new": 0, "changed": 0, "unchanged": 1, "wrong": 1}
    assert snapshot() == before


def test_no_full_number_is_printed_in_either_format(names: Path, district: District) -> None:
    out = StringIO()
    call_command("import_roster", str(names), "--unit", district.unit.code, stdout=out)
    _, _, printed = answer(names, district.unit.code)
    for text in (out.getvalue(), printed):
        assert number(2) not in text
        assert number(2)[6:14] not in text


def test_text_says_where_and_what(names: Path, district: District) -> None:
    out = StringIO()
    call_command("import_roster", str(names), "--unit", district.unit.code, stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[:2] == ["表“Sheet”，表头在第 1 行，共 2 人", "新增 1，变动 0，无变化 0，有误 1"]
    assert any(line.startswith("G3　") and line.endswith("（unknown-value）") for line in lines)


def test_the_unit_by_its_credit_code(names: Path, district: District) -> None:
    Unit.objects.filter(pk=district.unit.pk).update(uscc="12350504MB1234567X")
    assert answer(names, "12350504MB1234567X")[1] == 0


@pytest.mark.parametrize("code", ["NONE", ""])
def test_a_unit_that_does_not_exist(names: Path, district: District, code: str) -> None:
    with pytest.raises(CommandError, match="没有代码为") as error:
        call_command("import_roster", str(names), "--unit", code, stdout=StringIO())
    assert error.value.returncode == 2


@pytest.mark.parametrize("make", ["missing", "folder"])
def test_a_path_that_cannot_be_read(tmp_path: Path, district: District, make: str) -> None:
    path = tmp_path if make == "folder" else tmp_path / "none.xlsx"
    got, status, _ = answer(path, district.unit.code)
    assert (status, got["file"]["problem"], got["rows"]) == (1, "unreadable", [])


def test_a_file_problem_is_text_too(tmp_path: Path, district: District) -> None:
    path = tmp_path / "a.csv"
    path.write_text("姓名,证件号码：\n", encoding="utf-8")
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("import_roster", str(path), "--unit", district.unit.code, stdout=out)
    assert ended.value.code == 1
    assert out.getvalue().startswith("不能导入（no-rows）：找到了表头（第 1 行）")
    got, _, _ = answer(path, district.unit.code)
    assert got["file"] | {"message": ""} == {"problem": "no-rows", "message": "", "sheet": "", "header_row": 1}


def test_the_json_is_one_document_in_one_line(names: Path, district: District) -> None:
    out = StringIO()
    call_command("import_roster", str(names), "--unit", district.unit.code, "--format", "json", stdout=out)
    assert json.loads(out.getvalue())
    assert out.getvalue().count("\n") == 1

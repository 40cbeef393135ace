"""The public rosters through manage.py import_roster: every file as its expected answer says."""

from __future__ import annotations

import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.conftest import District

FILES = Path(__file__).parent / "files"
EXPECTED = sorted(FILES.glob("*.expected.json"))
FULL_ID = re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])")


def answer(path: Path, unit: str, *options: str) -> tuple[dict[str, Any], int, str]:
    """The command's JSON, its exit status, and all that it printed."""
    out, err, status = StringIO(), StringIO(), 0
    try:
        call_command("import_roster", str(path), "--unit", unit, "--format", "json", *options, stdout=out, stderr=err)
    except SystemExit as ended:
        status = int(ended.code or 0)
    return json.loads(out.getvalue()), status, out.getvalue() + err.getvalue()


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda path: path.name.removesuffix(".expected.json"))
def test_the_public_rosters(expected: Path, district: District) -> None:
    wanted = json.loads(expected.read_text(encoding="utf-8"))
    got, status, printed = answer(FILES / wanted["input"], district.unit.code)
    assert not FULL_ID.search(printed)
    assert status == (1 if wanted["file"]["problem"] else 0)
    assert {key: got["file"][key] for key in wanted["file"]} == wanted["file"]
    assert got["counts"] == wanted["counts"]
    problems = {row["row"]: {(p["code"], p["cell"]) for p in row["problems"]} for row in got["rows"]}
    wrong = {row["row"]: {(p["code"], p["cell"]) for p in row["problems"]} for row in wanted["wrong"]}
    assert {number: found for number, found in problems.items() if found} == wrong
    assert {row["row"] for row in got["rows"] if row["outcome"] == "wrong"} == set(wrong)
    by_row = {str(row["row"]): row for row in got["rows"]}
    assert {number: by_row[number]["name"] for number in wanted.get("names", {})} == wanted.get("names", {})
    assert {number: by_row[number]["id_number"] for number in wanted.get("ids", {})} == wanted.get("ids", {})


def test_later_rows_of_one_number_name_the_first(district: District) -> None:
    expected = json.loads((FILES / "duplicates.expected.json").read_text(encoding="utf-8"))
    got, _, _ = answer(FILES / "duplicates.xlsx", district.unit.code)
    messages = {row["row"]: [problem["message"] for problem in row["problems"]] for row in got["rows"]}
    for row in expected["wrong"]:
        for problem in row["problems"]:
            if "message_has" in problem:
                assert any(f"第 {problem['message_has']} 行" in message for message in messages[row["row"]])

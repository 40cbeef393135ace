"""Rosters as old systems, phones, PDFs and databases leave them: each read as its expected answer says.

An answer may have alternatives: what must never happen is that a person is lost without a word.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import District
from tests.units.roster.test_contract import FULL_ID, answer

FILES = Path(__file__).parents[2] / "data" / "field"
EXPECTED = sorted(FILES.glob("*.expected.json"))


def _agrees(got: dict[str, Any], wanted: dict[str, Any]) -> bool:
    by_row = {str(row["row"]): row for row in got["rows"]}
    return (
        all(got["file"][key] == value for key, value in wanted["file"].items())
        and got["counts"] == wanted["counts"]
        and {row["row"] for row in got["rows"] if row["problems"]} == {row["row"] for row in wanted["wrong"]}
        and all(_tells(by_row[str(row["row"])], problem) for row in wanted["wrong"] for problem in row["problems"])
        and all(by_row[number]["name"] == name for number, name in wanted.get("names", {}).items())
        and all(by_row[number]["id_number"] == masked for number, masked in wanted.get("ids", {}).items())
    )


def _tells(row: dict[str, Any], problem: dict[str, str]) -> bool:
    return any(
        (told["code"], told["cell"]) == (problem["code"], problem["cell"])
        and problem.get("message_has", "") in told["message"]
        for told in row["problems"]
    )


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda path: path.name.removesuffix(".expected.json"))
def test_the_rosters_of_the_field(expected: Path, district: District) -> None:
    wanted = json.loads(expected.read_text(encoding="utf-8"))
    got, _, printed = answer(FILES / wanted["input"], district.unit.code)
    assert not FULL_ID.search(printed)
    assert any(_agrees(got, each) for each in wanted.get("alternatives", [wanted])), got


def test_the_dot_of_a_name_makes_no_other_person(district: District) -> None:
    answer(FILES / "first.xlsx", district.unit.code, "--confirm")
    got, _, _ = answer(FILES / "second.xlsx", district.unit.code)
    assert got["counts"] | {"rows": 1, "unchanged": 1, "wrong": 0} == got["counts"]

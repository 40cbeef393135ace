"""A year of a small district by the program that plays whole years, against the table that was written by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.years.comparing import differences

HERE = Path(__file__).parent
SIMULATE = HERE.parent / "simulate.py"

pytestmark = pytest.mark.thorough


def run(scenario: Any, folder: Path) -> subprocess.CompletedProcess[str]:
    """The program with this scenario."""
    file = folder / "scenario.json"
    file.write_text(json.dumps(scenario), encoding="utf-8")
    return subprocess.run([sys.executable, SIMULATE, file], capture_output=True, text=True, check=False)


def read(name: str) -> Any:
    return json.loads((HERE / name).read_text(encoding="utf-8"))


@pytest.mark.notice("二(三)2", "二(一)教师验印")
def test_the_district_finishes_its_year_as_the_table_says(tmp_path: Path) -> None:
    scenario, expected = read("district-2025.json"), read("district-2025.expected.json")
    ended = run(scenario, tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert list(differences(expected, json.loads(ended.stdout))) == []


def test_an_act_that_the_program_does_not_know_is_said(tmp_path: Path) -> None:
    unknown = {"on": "2025-02-20", "act": "levitate", "people": ["a1"]}
    ended = run({**read("district-2025.json"), "events": [unknown], "until": "2025-02-20"}, tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "not built yet: the act levitate" in ended.stderr


def test_what_differs_is_named_with_its_place() -> None:
    expected = {"people": {"a": {"amounts": {"public": "30"}, "warned_at_least": 3, "record": "stamped"}}}
    found = {"people": {"a": {"amounts": {}, "warned": 2, "record": "filed", "unit": "A"}}}
    assert list(differences(expected, found)) == [
        "/people/a/amounts: {} instead of {'public': '30'}",
        "/people/a/warned_at_least: warned on 2 days instead of 3",
        "/people/a/record: 'filed' instead of 'stamped'",
    ]

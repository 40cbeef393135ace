"""docs/security.md is held to the tree: every test that it names exists, and no row is without a test or a reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text()
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
REQUIREMENTS = re.compile(r"\d+\.\d+\.\d+")
# How many requirements of levels 1 and 2 each chapter of ASVS 4.0.3 has.
OF_CHAPTER = {
    **{1: 38, 2: 53, 3: 18, 4: 9, 5: 30, 6: 13, 7: 12},
    **{8: 15, 9: 7, 10: 5, 11: 8, 12: 15, 13: 13, 14: 23},
}


def rows() -> Iterator[list[str]]:
    """The cells of each row of the tables of requirements, without their heads."""
    _, _, tables = PAGE.partition("## OWASP ASVS")
    for line in tables.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and cells[1] != "asks for" and set(cells[0]) != {"-"}:
            yield cells


@cache
def names_in(path: str) -> set[str]:
    """The functions and classes of a test file; none of one that is not there."""
    file = ROOT / path
    return set(re.findall(r"^\s*(?:def|class) (\w+)", file.read_text(), re.MULTILINE)) if file.exists() else set()


def test_every_row_has_its_test_or_its_reason() -> None:
    bare = [row[0] for row in rows() if not NAMED.search(row[3]) and not re.fullmatch(r"Reason: .{10,}", row[3])]
    assert bare == []
    assert [row for row in rows() if len(row) != 4 or not all(row)] == []


def test_every_test_that_is_named_exists() -> None:
    gone = [f"{path}::{name}" for path, name in NAMED.findall(PAGE) if name not in names_in(path)]
    assert gone == []


def test_it_has_each_requirement_once() -> None:
    numbers = [row[0] for row in rows() if REQUIREMENTS.fullmatch(row[0])]
    assert len(numbers) == len(set(numbers))
    found = {chapter: sum(each.startswith(f"{chapter}.") for each in numbers) for chapter in OF_CHAPTER}
    assert found == OF_CHAPTER


def test_the_data_that_are_named_are_columns() -> None:
    models = {model._meta.label_lower: model for model in apps.get_models()}
    told = re.findall(r"^\| `([\w]+\.[\w]+)\.(\w+)` \|", PAGE, re.MULTILINE)
    assert len(told) >= 10
    for label, column in told:
        assert models[label]._meta.get_field(column)

"""What is said to people: dates in words, no English (messages of libraries included)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db.models import fields as columns
from django.db.models.fields import related
from django.forms import fields, formsets, models
from django.utils.translation import gettext

ROOT = Path(__file__).resolve().parents[2]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ISO = re.compile(r"%Y-%m-%d(?! %H)")
DAYS = re.compile(r"(_on|valid_from|valid_to|last_day|\bdate)$|^(first|due|on|self\.day)$")
# The machine's own log and lists that are sorted by a computer.
APART = ("management", "migrations", "demo.py", "sheets", "exports.py", "papers")


def said() -> Iterator[tuple[str, ast.JoinedStr]]:
    """Every formatted sentence with Chinese words in it, and what a row calls itself."""
    for package in ("luojiang_ce", "units", "training", "verification"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if not any(part in path.parts for part in APART):
                tree = ast.parse(path.read_text())
                named = {id(part) for node in ast.walk(tree) if _names(node) for part in ast.walk(node)}
                for node in ast.walk(tree):
                    if isinstance(node, ast.JoinedStr) and (id(node) in named or CHINESE.search(ast.unparse(node))):
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def _names(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == "__str__"


def test_dates_are_written_as_people_write_them() -> None:
    wrong = []
    for place, node in said():
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                spec = ast.unparse(part.format_spec) if part.format_spec else ""
                bare = not spec and DAYS.search(ast.unparse(part.value))
                if ISO.search(spec) or bare:
                    wrong.append(f"{place} {ast.unparse(part)}")
    assert not wrong


def test_it_finds_what_it_looks_for() -> None:
    assert ISO.search("%Y-%m-%d")
    assert all(DAYS.search(each) for each in ("leave.starts_on", "self.date", "on", "self.day"))
    assert not DAYS.search("leave.last_name")
    assert sum(1 for _ in said()) > 500


def messages() -> Iterator[tuple[str, str]]:
    """What fields, formsets and model fields of Django say by themselves."""
    for module in (fields, formsets, models, columns, related):
        for name, kind in vars(module).items():
            for code, text in getattr(kind, "default_error_messages", {}).items():
                yield f"{name} {code}", str(text) or str(text % {"num": 2, "max": 2, "length": 3})


def test_what_forms_say_by_themselves_is_chinese() -> None:
    english = {place: text for place, text in messages() if not CHINESE.search(text)}
    assert english == {}


@pytest.mark.parametrize(
    "text", ["Range query expects two values.", "Select a lookup.", "This password is too common."]
)
def test_what_libraries_say_is_chinese(text: str) -> None:
    assert CHINESE.search(gettext(text))


def test_a_request_that_cannot_be_read_is_answered_in_chinese(client, settings) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 3
    answer = client.post("/sign-in/", {f"f{n}": "x" for n in range(9)})
    assert answer.status_code == 400
    html = answer.content.decode()
    assert "Bad Request" not in html
    assert CHINESE.search(html)

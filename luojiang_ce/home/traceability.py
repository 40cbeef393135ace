"""From each clause of the notice to the code that keeps it and the tests that prove it. Reads files, runs nothing.

Code cites a clause in a comment or docstring, `# notice 一(五)2`; tests carry `@pytest.mark.notice("一(五)2")`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

SOURCES = ("luojiang_ce", "units", "training", "verification")
_PART = r"[一二三]?(?:\([一二三四五]\)[0-9]*(?:[\u4e00-\u9fff]+)?|[0-9])|附件[1-4]"
CODE = re.compile(rf"(?:notice|通知) ?((?:{_PART})(?:[,、] ?(?:{_PART}))*)")
TEST = re.compile(r"mark\.notice\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
QUOTED = re.compile(r"[\"']([^\"']+)[\"']")


@dataclass
class Clause:
    """A clause of the notice; `later` says why it has no test yet, empty when it must have one."""

    id: str
    says: str
    later: str = ""
    code: list[str] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)


def trace(root: Path) -> tuple[list[Clause], list[str]]:
    """All clauses with the places that cite them, and what is wrong: untested clauses, citations of no clause."""
    rows = json.loads((root / "fixtures/notice_clauses.json").read_text())
    clauses = [Clause(row["id"], row["says"], row.get("later", "")) for row in rows]
    known = {clause.id: clause for clause in clauses}
    problems = []
    for place, cited in _citations(root):
        clause = known.get(cited)
        if clause is None:
            problems.append(f"{place} cites {cited}, which is no clause of the notice")
        else:
            (clause.tests if place.startswith("tests/") else clause.code).append(place)
    for clause in clauses:
        if not clause.tests and not clause.later:
            problems.append(f"{clause.id} has no test ({clause.says})")
        if clause.tests and clause.later:
            problems.append(f"{clause.id} has tests but is still listed as to come: {clause.later}")
    return clauses, problems


def _citations(root: Path) -> Iterator[tuple[str, str]]:
    for path in _files(root, SOURCES, "*.py"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for match in CODE.finditer(line):
                for cited in re.split(r"[,、] ?", match[1]):
                    yield f"{path.relative_to(root)}:{number}", cited
    for path in _files(root, ("tests",), "*.py"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for match in TEST.finditer(line):
                for cited in QUOTED.findall(match[1]):
                    yield f"{path.relative_to(root)}:{number}", cited


def _files(root: Path, folders: Iterable[str], pattern: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((root / folder).rglob(pattern))

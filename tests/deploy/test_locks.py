"""What is installed is what was chosen: the locks hold every pinned package in its version, each with its hashes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PINNED = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", re.MULTILINE)
LOCKED = re.compile(
    r"^([a-z0-9-]+)==([^\s;\\]+)(?: ; [^\\\n]+)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE
)


def pinned(*files: str) -> dict[str, str]:
    text = "\n".join((ROOT / name).read_text() for name in files)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in PINNED.findall(text)}


@pytest.mark.parametrize(
    ("lock", "chosen"), [("run.txt", ["requirements.txt"]), ("dev.txt", ["requirements.txt", "requirements-dev.txt"])]
)
def test_a_lock_holds_what_is_pinned_and_nothing_without_its_hashes(lock, chosen):
    text = (ROOT / "deploy" / "locks" / lock).read_text()
    locked = {name: version for name, version, _ in LOCKED.findall(text)}
    assert pinned(*chosen).items() <= locked.items(), "run `make lock`"
    assert "".join(match.group() for match in LOCKED.finditer(text)) == text


def test_every_pinned_package_says_what_it_is_for():
    told = (ROOT / "docs" / "dependencies.md").read_text().lower()
    names = pinned("requirements.txt", "requirements-dev.txt")
    assert [name for name in names if name not in re.sub(r"[-_.]+", "-", told)] == []


@pytest.mark.thorough
def test_the_list_of_components_names_them_all(tmp_path):
    made = tmp_path / "sbom.json"
    tool = Path(sys.executable).parent / "cyclonedx-py"
    command = [tool, "requirements", ROOT / "deploy" / "locks" / "run.txt", "--of", "JSON", "-o", made]
    subprocess.run(list(map(str, command)), check=True, capture_output=True)
    found = {each["name"]: each for each in json.loads(made.read_text())["components"]}
    assert pinned("requirements.txt").keys() <= found.keys()
    assert all(re.match("pkg:pypi/", each["purl"]) for each in found.values())

"""The command says what the table of cases says; the page is held to the same in tests/browser/test_verify.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from luojiang_ce import clock
from luojiang_ce.proof.management.commands.verify_paper import outcome_of
from luojiang_ce.proof.verdict import Outcome
from tests.conftest import District
from tests.luojiang_ce.proof.cases import CASES, Given, build

pytestmark = pytest.mark.django_db


def by_command(given: Given, folder: Path) -> Outcome | str:
    """The outcome, or what is said instead."""
    options: dict[str, Any] = {"typed": given.typed}
    for name in ("proof", "keys", "revocations"):
        if content := getattr(given, name):
            options[name] = folder / name
            options[name].write_bytes(content.encode() if isinstance(content, str) else content)
    (folder / given.named).write_bytes(given.file or b"")
    try:
        with clock.at(given.noon):
            return outcome_of(str(folder / given.named) if given.file is not None else given.text, **options)
    except CommandError as said:
        return str(said)


def told(outcome: Outcome | str) -> tuple[str, str, str]:
    if isinstance(outcome, str):
        return "", "", outcome
    assert outcome.sentence
    return outcome.verdict, " ".join(each.key for each in outcome.findings), ""


def test_the_command_gives_the_verdict_of_each_case(district: District, tmp_path: Path) -> None:
    world = build(district)
    said = {case.name: told(by_command(case.given(world), tmp_path)) for case in CASES}
    assert said == {case.name: (case.verdict, case.findings, case.said) for case in CASES}

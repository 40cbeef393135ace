"""Whatever an event holds has words in the audit log, or is told in its note (units/audit.py)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils.module_loading import import_string

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.workflow.case_kind import kinds_with_a_table
from luojiang_ce.workflow.events import record
from tests.conftest import District
from tests.factories import AccountFactory
from tests.units.views.helpers import browser, workbook_rows
from training.attendance.models import Sign
from units.audit import CONTENTS, DIGESTS, IN_THE_NOTE, contents
from units.services import assign_role, end_role
from verification.requirements.services import set_figure

ROOT = Path(__file__).resolve().parents[2]
WRITES = ("record", "record_many", "record_edit", "tell_holder", "fire", "fire_many")
NAMED = {"AUTOSAVED": "autosaved"}  # keys that stand in a constant
COUNTED = set(Sign.Kind.values)  # keys of a counter (training.attendance.services)


def keys_of(node: ast.AST) -> Iterator[str]:
    """The keys of every dict that is written out below this node."""
    for found in ast.walk(node):
        for key in found.keys if isinstance(found, ast.Dict) else ():
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value
            elif isinstance(key, ast.Name):
                yield NAMED[key.id]


def handed_over(call: ast.Call) -> list[ast.expr]:
    """What a call gives the event to hold: `data`, or the rows of many."""
    rows = call.args[:1] if getattr(call.func, "id", "") == "record_many" else []
    return [*rows, *(each.value for each in call.keywords if each.arg == "data")]


def recorded() -> Iterator[tuple[str, str]]:
    """Every key that any service records, and where: written in the call, or in a name that the call is given."""
    for package in ("luojiang_ce", "units", "training", "verification"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" in path.parts or path.name.endswith("demo.py"):  # the demo acts through the services
                continue
            for act in ast.walk(ast.parse(path.read_text())):
                for each in ast.walk(act) if isinstance(act, ast.FunctionDef) else ():
                    if isinstance(each, ast.Call) and getattr(each.func, "id", "") in WRITES:
                        given = handed_over(each)
                        for value in [*given, *assigned(act, set(names_in(given)))]:
                            yield from ((key, f"{path.relative_to(ROOT)}:{each.lineno}") for key in keys_of(value))


def names_in(given: list[ast.expr]) -> Iterator[str]:
    """The names that are given whole, not one of their attributes."""
    parts = [part for one in given for part in ast.walk(one)]
    asked_of = {id(part.value) for part in parts if isinstance(part, ast.Attribute)}
    yield from (part.id for part in parts if isinstance(part, ast.Name) and id(part) not in asked_of)


def assigned(act: ast.FunctionDef, names: set[str]) -> Iterator[ast.expr]:
    for each in ast.walk(act):
        if isinstance(each, (ast.Assign, ast.AnnAssign)) and each.value is not None:
            target = each.targets[0] if isinstance(each, ast.Assign) else each.target
            targets = target.elts if isinstance(target, ast.Tuple) else [target]
            if any(isinstance(one, ast.Name) and one.id in names for one in targets):
                yield each.value


def asked() -> Iterator[tuple[str, str]]:
    """Every field that a form asks for before a transition: what is typed there is kept with the event."""
    for kind, table in kinds_with_a_table():
        for transition in table.transitions:
            if transition.form:
                for name in import_string(transition.form).base_fields:
                    yield name, f"{kind.key} {transition.name}"


def test_every_key_that_is_recorded_has_words() -> None:
    known = CONTENTS.keys() | IN_THE_NOTE | DIGESTS | {"note", "items", "answers"}  # those three lie beside the event
    without = {
        key: where for key, where in (*recorded(), *asked(), *((key, "signs") for key in COUNTED)) if key not in known
    }
    assert without == {}
    assert not CONTENTS.keys() & (IN_THE_NOTE | DIGESTS)


def test_it_finds_what_is_written_in_the_call_before_it_and_in_many() -> None:
    found = {key for key, _ in recorded()}
    assert {"attachment", "assignment", "capacity", "handler", "autosaved", "fields", "pattern", "seen"} <= found
    assert {"document_number", "slot"} <= {key for key, _ in asked()}


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["2026-02-30", "２０２６-０３-０１", "0000-01-01"])
def test_what_only_looks_like_a_day_is_told_as_it_was_typed(district: District, typed: str) -> None:
    figure = {"year": 2026, "key": "public_minimum", "amount": Decimal(30), "document": typed}
    set_figure(**figure, actor=district.approver)
    auditor = browser(district.audit_admin)
    assert typed in auditor.get(reverse("audit:events")).content.decode()
    assert any(typed in str(row) for row in workbook_rows(auditor.get(reverse("audit:export"))))


@pytest.mark.django_db
def test_codes_and_days_are_said_in_words(district: District) -> None:
    account, officer = AccountFactory(), district.security_admin
    facts = {"role": Role.INSPECTOR, "unit": district.bureau, "valid_from": clock.today(), "actor": officer}
    row = assign_role(account=account, **facts)
    end_role(assignment=row, at_once=True, actor=officer, reason="调岗")
    data = {"kind": "medical", "first_day": "2026-05-11", "seen": ["certificate", "paper"], "owner": 7, "in": 3,
            "where": "people:new", "at_once": True, "material": "scheme"}  # fmt: skip
    said = contents(record(district.unit, "edited", actor=officer, data=data))
    assert said == (
        "证书种类：医学继续教育证书；第一天：2026年5月11日；查验的资料：2 项；持有单位：7；签到：3；"
        "页面：登记人员；立即停止：是"
    )
    page = browser(district.audit_admin).get(reverse("audit:events")).content.decode()
    assert "立即停止：是" in page
    assert str(clock.today()) not in page.replace(f'datetime="{clock.today()}', "")

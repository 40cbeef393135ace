"""Who reads what is said once, in luojiang_ce.access: no page, entry or module lists roles by itself."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from luojiang_ce import access
from luojiang_ce.access import CAPABILITIES, READ_CASES, READ_DISTRICT, READ_UNITS, Capability, Role
from luojiang_ce.home import registry
from luojiang_ce.workflow.case_kind import case_kinds
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.access.urls import addresses
from tests.luojiang_ce.workflow.walk import Kind, collect
from tests.training.classes.factories import an_application, enrolled
from training.classes.models import ClassApplication, Enrolment
from units.models import Account, Employment, Person, Unit

NAMED = {name: each for name, each in vars(access).items() if isinstance(each, Capability)}
# Pages take their roles when they are first loaded: before a test here takes a capability from somebody.
PAGES = list(addresses())
# Pages of one step that two may take, or of what two acts rest on: their roles are those of the steps.
OF_STEPS = {
    "terms:edit",
    "plans:change_item",
    "plans:withdraw_item",
    "plans:change_edit",
    "recognition:correct",
    "recognition:correction_edit",
    "batches:book",
    "batches:wait",
    "seals:picture",
}
# Which roles may be held together, and which must be held: not what they may do.
WHO_HOLDS_WHAT = {"luojiang_ce/access.py", "units/separation.py", "units/services/accounts.py"}


def test_every_role_has_its_line() -> None:
    assert set(CAPABILITIES) == set(Role)


@pytest.mark.parametrize("name", NAMED)
def test_a_capability_is_held_and_means_something_of_its_own(name: str) -> None:
    one = NAMED[name]
    assert one.roles
    assert [other for other, each in NAMED.items() if each == one] == [name]


def lists_of_roles() -> Iterator[tuple[str, Iterable[Role]]]:
    """Whatever is shown to some roles only: pages, and what leads to them."""
    for address in PAGES:
        yield address.name, address.view.access_rule.roles
    items = [*registry._nav, *(item for kind in case_kinds() for item in kind.entries)]
    for shown in (*items, *registry._links, *registry._searches):
        yield f"to {shown.url_name}", shown.roles


def test_pages_and_what_leads_there_are_for_one_role_or_for_a_capability() -> None:
    known = {frozenset(each.roles) for each in NAMED.values()} | {frozenset({role}) for role in Role} | {frozenset()}
    assert {name for name, roles in lists_of_roles() if frozenset(roles) not in known} <= OF_STEPS


def test_no_module_lists_roles_by_itself() -> None:
    found = {name for name, tree in modules() if any(map(is_list_of_roles, ast.walk(tree)))}
    assert found <= WHO_HOLDS_WHAT


def modules() -> Iterator[tuple[str, ast.Module]]:
    for package in ("luojiang_ce", "units", "training", "verification"):
        for path in sorted((settings.BASE_DIR / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(settings.BASE_DIR)), ast.parse(Path(path).read_text())


def is_list_of_roles(node: ast.AST) -> bool:
    """Two roles or more side by side: `(Role.A, Role.B)`, `holds(Role.A, Role.B)`."""
    parts = getattr(node, "elts", None) or getattr(node, "args", None)
    return isinstance(parts, list) and sum(ast.unparse(part).startswith("Role.") for part in parts) > 1


# Cases that name nobody. Everything else is closed to whoever reads no people, whatever units he sees.
WITHOUT_PEOPLE = {
    "training_changes.classchange",
    "training_classes.classapplication",
    "training_plans.plan",
    "training_plans.planbatch",
    "training_plans.planitem",
    "training_plans.projectchange",
    "terms.extension",
    "terms.lapse",
    "interpretations.interpretation",
    "verification_requirements.ruleset",
    "verification_requirements.figurechange",
    "papers.paper",  # as the case that it belongs to; here a class
}


@pytest.fixture
def overseer(district: District, monkeypatch: pytest.MonkeyPatch) -> Account:
    """Somebody who reads the cases of the whole district, but nothing that names people."""
    monkeypatch.setitem(CAPABILITIES, Role.OVERSEER, {READ_DISTRICT, READ_CASES, READ_UNITS})
    return district.overseer


@pytest.mark.parametrize("kind", collect().values(), ids=lambda kind: kind.key)
def test_who_reads_no_people_sees_the_cases_that_name_nobody(kind: Kind, district: District, overseer: Account) -> None:
    states = kind.model.State.values
    case = kind.build(district, "submitted" if "submitted" in states else states[-1])
    theirs, bureaus = (kind.model.objects.visible_to(one).filter(pk=case.pk) for one in (overseer, district.handler))
    assert theirs.exists() == (bureaus.exists() and kind.key in WITHOUT_PEOPLE)


def test_who_reads_no_people_finds_none(district: District, overseer: Account) -> None:
    enrolled(an_application(district.unit, ClassApplication.State.APPROVED), person_in(district.unit))
    assert Unit.objects.visible_to(overseer).count() == Unit.objects.count()
    for model in (Person, Employment, Enrolment):
        assert model.objects.visible_to(district.handler).exists()
        assert not model.objects.visible_to(overseer).exists()

"""Every workflow × state × transition × role (product.md S2). Cases: `tests/<app folder>/cases.py`, see walk.py.

Checked for each: only the declared roles pass the gate, and the neighbour's clerk never; a wrong state is refused;
a refusal writes nothing; a success writes exactly one event with the right source and target; and each transition
does succeed, for each of its roles, from each of its states.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction

from luojiang_ce.access import Role
from luojiang_ce.notices.models import Notice
from luojiang_ce.workflow.case_kind import Transition, kinds_with_a_table
from luojiang_ce.workflow.engine import SYSTEM, Refused, actions_for, fire
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.luojiang_ce.access.matrix import EVERYONE
from tests.luojiang_ce.workflow.walk import Kind, collect
from tests.transactions import of_the_test
from units.models import Account, Person

pytestmark = pytest.mark.thorough
KINDS = collect()
MODELS = {kind.key: kind.model for kind, _ in kinds_with_a_table()}
TABLES = {kind.key: table for kind, table in kinds_with_a_table()}
STEPS = [(key, t.name) for key, table in sorted(TABLES.items()) for t in table.transitions]
THE_CLOCK = "system"


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is rolled back."""
    with of_the_test():
        yield
        transaction.set_rollback(True)


@dataclass(frozen=True)
class Try:
    """One attempt to fire: by whom, from which state, what came of it."""

    person: str
    state: str
    passed: bool
    reasons: tuple[str, ...]
    faults: tuple[str, ...]


@pytest.mark.parametrize("key", sorted(TABLES))
def test_every_workflow_can_be_walked(key: str) -> None:
    assert key in KINDS, f"tell the walk how to build a {key}: a Kind in the app's tests/…/cases.py (see walk.py)"


@pytest.mark.parametrize("key", sorted(TABLES))
def test_the_table_names_only_its_own_states(key: str) -> None:
    workflow = TABLES[key]
    states = set(workflow.states)
    named = {s for t in workflow.transitions for s in (*t.sources, t.target)}
    named |= {s for step in workflow.path for s in step.states}
    assert named <= states
    assert {value for value, _ in MODELS[key]._meta.get_field("state").flatchoices} == states


@pytest.mark.parametrize(("key", "name"), STEPS, ids=lambda part: part)
def test_walk(key: str, name: str, district: District) -> None:
    kind, workflow = KINDS[key], TABLES[key]
    transition = workflow.transition(name)
    tries = [one for state in workflow.states for one in attempts(kind, state, transition, district)]
    assert [fault for one in tries for fault in one.faults] == []
    may = allowed(kind, transition, district)
    assert may, f"{name}: nobody of the district holds {transition.who.roles} for this case"
    missing = {(s, p) for s in transition.sources for p in may} - {(t.state, t.person) for t in tries if t.passed}
    why = {t.person: t.reasons for t in tries if (t.state, t.person) in missing}
    assert missing == set(), f"{name} never succeeds for these: {why}"


def attempts(kind: Kind, state: str, transition: Transition, district: District) -> Iterator[Try]:
    """Everybody tries the transition on a case in this state; what one did is undone before the next comes."""
    may = allowed(kind, transition, district)
    with undone():
        built = kind.build(district, state)
        for person in (*sorted(EVERYONE), THE_CLOCK):
            with undone():
                case = type(built)._base_manager.get(pk=built.pk)
                data = kind.data_for(transition.name, district, case) if state in transition.sources else {}
                may_pass = state in transition.sources and person in may
                yield attempt(case, transition, person, actor(district, person), data, may_pass)


def attempt(case: Any, transition: Transition, person: str, who: Any, data: Any, may_pass: bool) -> Try:
    """Fire once and look at what it left."""
    state, last = case.state, Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    shown = type(case)._base_manager.get(pk=case.pk)
    greyed_out = [] if transition.hidden else [each.reason for each in actions_for(shown, who, transition.name)]
    try:
        fire(case, transition.name, actor=who, note="查验", data=data)
    except Refused as refused:
        return Try(person, state, False, tuple(refused.reasons), tuple(_after_refusal(case, state, last, person)))
    faults = [f"{person} could do it, but the page greys it out: {reason}" for reason in greyed_out if reason]
    faults += _after_success(case, transition, state, last, person, who, may_pass)
    return Try(person, state, True, (), tuple(faults))


def allowed(kind: Kind, transition: Transition, district: District) -> set[str]:
    """Whom the table's declared roles let in; a transition without roles is the clock's."""
    if not transition.who.roles:
        return {THE_CLOCK}
    outsiders = {"neighbour", *kind.outsiders, *kind.outsiders_of.get(transition.name, ())}
    holders = {name for name in EVERYONE if getattr(district, name).holds(*transition.who.roles)}
    return holders - outsiders


def actor(district: District, person: str) -> Any:
    """The account, or the clock."""
    return SYSTEM if person == THE_CLOCK else getattr(district, person)


def _events_of(case: Any, after: int) -> list[Event]:
    return list(Event.objects.filter(pk__gt=after, case_type=case._meta.label_lower, case_id=case.pk))


def _after_refusal(case: Any, state: str, last: int, person: str) -> Iterator[str]:
    stored = type(case)._base_manager.get(pk=case.pk)
    if stored.state != state:
        yield f"{person} was refused, yet the case moved from {state} to {stored.state}"
    if Event.objects.filter(pk__gt=last).exists():
        yield f"{person} was refused in {state}, yet an event was written"


def _after_success(
    case: Any, transition: Transition, state: str, last: int, person: str, who: Any, may_pass: bool
) -> Iterator[str]:
    if not may_pass and who is not SYSTEM:
        yield f"{person} must not {transition.name} in {state}"
    if state not in transition.sources:
        yield f"{transition.name} passed in the wrong state {state}"
    if case.state != transition.target:
        yield f"{transition.name} by {person} led to {case.state} instead of {transition.target}"
    moves = [event for event in _events_of(case, last) if event.name == transition.name]
    written = [(e.source, e.target, e.actor_id) for e in moves]
    if written != [(state, transition.target, who.pk)]:
        yield f"{transition.name} by {person} wrote {written}"
    yield from _named_in_titles(transition)


def _named_in_titles(transition: Transition) -> Iterator[str]:
    """A notice's title is an e-mail's subject, which lies open on the way and on locked screens: it names nobody."""
    people = {*Person.objects.values_list("name", flat=True), *Account.objects.values_list("name", flat=True)}
    for title in Notice.objects.values_list("title", flat=True):
        if named := [name for name in people if name in title]:
            yield f"{transition.name} tells of {named} in the title “{title}”"


def test_every_role_is_held_by_somebody_of_the_district(district: District) -> None:
    held = {role for name in EVERYONE for role in Role if getattr(district, name).holds(role)}
    assert held == set(Role)

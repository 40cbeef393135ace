"""No case stands where nobody can act: every kind × state × kind of unit, whoever supervises it or nobody.

A verification batch goes another way for each kind of person: tests/verification/batches/test_routing.py drives it.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from luojiang_ce.deadlines.owed import of_case
from luojiang_ce.workdays.services import terms_in_force
from luojiang_ce.workflow.case_kind import kind_of, kinds_with_a_table
from luojiang_ce.workflow.events import record
from tests.conftest import District
from tests.luojiang_ce.workflow.test_walk import undone
from tests.luojiang_ce.workflow.walk import collect
from units.models import Unit
from units.notify import whose_turn
from verification.batches.models import Batch

pytestmark = pytest.mark.thorough
KINDS = collect()
TABLES = {kind.key: table for kind, table in kinds_with_a_table() if kind.model is not Batch}
SUPERVISORS = (None, "health", "education", "bureau")
UNITS = list(product(Unit.Nature.values, SUPERVISORS))


@pytest.mark.parametrize("key", sorted(TABLES))
def test_somebody_can_act_wherever_a_case_stands(key: str, district: District) -> None:
    stuck = []
    for (nature, above), state in product(UNITS, TABLES[key].states):
        with undone():
            supervisor = getattr(district, above) if above else None
            Unit.objects.filter(pk=district.unit.pk).update(nature=nature, supervisor=supervisor)
            case: Any = type(built := KINDS[key].build(district, state))._base_manager.get(pk=built.pk)
            if state == "returned":
                record(case, "return", actor=district.handler)
            owed = list(of_case(kind_of(case), case, terms_in_force()))
            stuck += [
                (nature, above, state, one.title) for one, who in zip(owed, whose_turn(owed), strict=True) if not who
            ]
    assert stuck == []


@pytest.mark.parametrize("key", sorted(TABLES))
def test_where_it_is_nobodys_turn_nothing_is_left_to_do_but_to_correct(key: str) -> None:
    """A state without a turn is an end: only what corrects, withdraws or follows by itself leads out of it."""
    table = TABLES[key]
    ends = {name for name, info in table.states.items() if not info.turns}
    forward = [t.name for t in table.transitions if t.style == "primary" and set(t.sources) <= ends]
    assert forward == []

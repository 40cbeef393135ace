"""How an app's tests tell test_walk.py to build its cases.

Each app lists its workflows in `tests/<app folder>/cases.py`, found by itself:

    from tests.luojiang_ce.workflow.walk import Kind

    def plan_in(district, state):
        return PlanFactory(unit=district.unit, state=state)

    KINDS = [
        Kind(Plan, plan_in, ready={"submit": with_scheme, "refuse": reason}, outsiders={"health_reviewer"}),
    ]

`build(district, state)` makes a case of `district.unit` that stands in `state` (assign it, do not fire).
`ready[transition](district, case)` does what the guards of that transition ask for (files, rows, a free slot …) and
returns what its form would have given (`data`), or None. It may change the case and save it, but not its state.
A kind whose every field but its unit has a default is built by itself.

`outsiders` are people who hold a declared role but must not act on this case: the neighbour's clerk always is one.
`outsiders_of[transition]` are more of them for this step: who asked for something does not agree to it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import tests
from luojiang_ce import clock
from luojiang_ce.workflow.case_kind import kinds_with_a_table
from luojiang_ce.workflow.events import record
from tests.conftest import District

Ready = Callable[[District, Any], Mapping[str, Any] | None]


@dataclass(frozen=True)
class Kind:
    """One case type for the walk."""

    model: Any
    build: Callable[[District, str], Any]
    ready: Mapping[str, Ready] = field(default_factory=dict)
    outsiders: frozenset[str] | set[str] = frozenset()
    outsiders_of: Mapping[str, set[str]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.model._meta.label_lower

    def data_for(self, transition: str, district: District, case: Any) -> Mapping[str, Any]:
        """Make the case ready for the transition and give what its form would have given."""
        ready = self.ready.get(transition)
        return (ready(district, case) if ready else None) or {}


def returned_before(district: District, case: Any) -> None:
    """The bureau has sent the case back once already: what leave for a second return looks for."""
    record(case, "return", actor=district.handler)


def collect() -> dict[str, Kind]:
    """The kinds of every `cases` module under tests/, by case type key."""
    found = pkgutil.walk_packages(tests.__path__, f"{tests.__name__}.")
    modules = [importlib.import_module(info.name) for info in found if info.name.endswith(".cases")]
    told = {kind.key: kind for module in modules for kind in getattr(module, "KINDS", [])}
    plain = {kind.key: Kind(kind.model, plain_case(kind.model), PLAIN) for kind, _ in kinds_with_a_table()}
    return {key: kind for key, kind in plain.items() if _is_plain(kind.model)} | told


PLAIN = {"allow_return": returned_before}


def plain_case(model: Any) -> Callable[[District, str], Any]:
    """How a case is built whose every field but its unit has a default."""

    def build(district: District, state: str) -> Any:
        filed = None if state == "draft" else clock.now()
        facts = {"unit": district.unit, "created_by": district.owner, "state": state}
        return model.objects.create(**facts, first_submitted_at=filed, submitted_at=filed)

    return build


def _is_plain(model: Any) -> bool:
    needed = {field.name for field in model._meta.concrete_fields if not (field.has_default() or field.null)}
    return needed - {model._meta.pk.name, "state"} == {"unit"}

"""Which rule sets hold once another is put in force, or one no more. Plain values in, plain values out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from units.drafted_case import Revision
from verification.requirements.assess import RuleSet

REVISION = Revision(about=("category",), begins="first_year")


def ends_with(former_first: int, first: int) -> int | None:
    """The last year of a rule set from `former_first` on, when one from `first` on takes its place; None where it is
    left without a year."""
    return first - 1 if first > former_first else None


def with_it(rule_sets: Iterable[RuleSet], new: RuleSet, revises: str = "") -> tuple[RuleSet, ...]:
    """Those that hold with the new one; `revises`: the code of the one whose place it takes."""
    return (*filter(None, (_shortened(each, new) if each.code == revises else each for each in rule_sets)), new)


def without_it(rule_sets: Iterable[RuleSet], code: str) -> tuple[RuleSet, ...]:
    """Those that hold when this one is switched off."""
    return tuple(each for each in rule_sets if each.code != code)


def _shortened(former: RuleSet, new: RuleSet) -> RuleSet | None:
    last = ends_with(former.first_year, new.first_year)
    return None if last is None else replace(former, last_year=min(last, former.last_year or last))

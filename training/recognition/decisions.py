"""From what was counted to what is recognised: the handler's decisions replace amounts (R3). Pure: no database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from .hours import Amount, PersonResult

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Decision:
    """The handler's amount (学时 or 学分) for one subject in one year, and why."""

    year: int
    subject: str
    amount: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class Final:
    """What is recognised for one subject in one year; `reason` only where it is a decision, else as counted."""

    year: int
    subject: str
    amount: Decimal
    counted: Decimal
    reason: str = ""


def final_amounts(counted: Iterable[Amount], decisions: Iterable[Decision]) -> tuple[Final, ...]:
    """Amounts as counted, replaced where the handler decided; sorted by year, then subject."""
    sums = {(each.year, each.subject): each.amount for each in counted}
    finals = {key: Final(*key, amount, amount) for key, amount in sums.items()}
    for each in decisions:
        key = (each.year, each.subject)
        finals[key] = Final(*key, each.amount, sums.get(key, ZERO), each.reason)
    return tuple(finals[key] for key in sorted(finals))


def is_undecided(result: PersonResult, decisions: Sequence[Decision]) -> bool:
    """Must the handler still decide what this trainee earns?"""
    return result.decide and not decisions


def is_reduced(unrestricted: Iterable[Amount], finals: Iterable[Final]) -> bool:
    """Is less recognised than the signs alone would have given, in any subject of any year?"""
    given = {(each.year, each.subject): each.amount for each in finals}
    return any(given.get((each.year, each.subject), ZERO) < each.amount for each in unrestricted)

"""Hours that came with a person from another district."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from luojiang_ce.words import first_of
from verification.choices import Form, Measure, Subject
from verification.declarations.models import Declaration
from verification.ledger.models import LedgerEntry

Waiting = Callable[[Declaration], Iterable[str]]
_waiting: list[Waiting] = []


def register_waiting(waiting: Waiting) -> None:
    """Say what else is on its way from another district for a declaration's person and year; called in `ready()`."""
    _waiting.append(waiting)


def already_here(case: Declaration) -> str:
    """What the person has in the transferred year here already or on its way, for clerk and reviewer to hold against
    it; empty where there is nothing, and for what is no transfer. A query for the ledger and one for each that waits.
    """
    if case.form != Form.TRANSFER:
        return ""
    others = LedgerEntry.objects.filter(person=case.person_id, year=case.year)
    others = others.exclude(pk__in=LedgerEntry.objects.of_source(case).values("pk"))
    sums = others.sums().get(case.person_id, {})
    said = [
        f"{Subject(subject).label} {amount.normalize():f} {Measure(measure).label}"
        for (measure, subject), amount in sorted(sums.items())
        if amount
    ]
    posted = [f"已有{first_of(said)}入账"] if said else []
    waiting = [f"另有{each}" for ask in _waiting for each in ask(case)]
    if not posted and not waiting:
        return ""
    told = "，".join([*posted, *waiting])
    return f"{case.person.name} {case.year} 年度在本区{told}，请核对转入的是否为同一学习"

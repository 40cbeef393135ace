"""Hours that came with a person from another district."""

from __future__ import annotations

from luojiang_ce.words import first_of
from verification.choices import Form, Measure, Subject
from verification.declarations.models import Declaration
from verification.ledger.models import LedgerEntry


def already_here(case: Declaration) -> str:
    """What the person has in the transferred year here already, for clerk and reviewer to hold against it; empty where
    there is nothing, and for what is no transfer. One query for a transfer."""
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
    if not said:
        return ""
    return f"{case.person.name} {case.year} 年度在本区已有{first_of(said)}入账，请核对转入的是否为同一学习"

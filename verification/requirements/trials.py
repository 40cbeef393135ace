"""What a trial found, summed up: by the way a verdict changes, and by unit."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from verification.requirements.assess import Outcome
from verification.requirements.display import OUTCOME_LABELS
from verification.requirements.models import TrialLineQuerySet

# Every way in which a verdict may change, by the value of the filter of the list.
CHANGES = {
    f"{before}-{after}": f"{OUTCOME_LABELS[before]} → {OUTCOME_LABELS[after]}"
    for before in Outcome
    for after in Outcome
    if before != after
}


@dataclass(frozen=True)
class Change:
    """A way in which verdicts change, and how many do: 达标 → 未达标, 12; `value`: of the filter of the list."""

    label: str
    value: str
    count: int


@dataclass(frozen=True)
class OfUnit:
    """The same of one unit."""

    pk: int
    name: str
    count: int
    changes: list[Change]


def changes_of(lines: TrialLineQuerySet) -> list[Change]:
    """The ways, the most frequent first. One query."""
    found: Counter[tuple[str, str]] = Counter(lines.order_by().values_list("before", "after"))
    return _told(found)


def by_unit(lines: TrialLineQuerySet) -> list[OfUnit]:
    """The units, that with the most people first. One query."""
    found: dict[tuple[int, str], Counter[tuple[str, str]]] = defaultdict(Counter)
    for pk, name, before, after in lines.order_by().values_list("unit", "unit__name", "before", "after"):
        found[pk, name][before, after] += 1
    units = [OfUnit(pk, name, ways.total(), _told(ways)) for (pk, name), ways in found.items()]
    return sorted(units, key=lambda each: (-each.count, each.name))


def _told(ways: Counter[tuple[str, str]]) -> list[Change]:
    found = ((f"{before}-{after}", number) for (before, after), number in ways.most_common())
    return [Change(CHANGES[value], value, number) for value, number in found]

"""Who wrote down a sign, or struck it, where no account did; rooms below this one register what they know."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from training.attendance.models import Sign


@dataclass(frozen=True, slots=True)
class Written:
    """Who wrote a sign down, who struck it, and what is to be known of its time; empty where there is nothing."""

    by: str = ""
    struck_by: str = ""
    remark: str = ""


# Ids of signs → what is known of them. A bounded number of queries.
Recorders = Callable[[Collection[int]], Mapping[int, Written]]
_recorders: list[Recorders] = []


def register_recorders(recorders: Recorders) -> None:
    """Called in `ready()`."""
    _recorders.append(recorders)


def written(signs: Sequence[Sign]) -> list[tuple[Sign, Written]]:
    """Each of these signs (with its accounts at hand) beside who wrote it down and who struck it."""
    pks = [sign.pk for sign in signs]
    known = {pk: told for recorders in _recorders for pk, told in recorders(pks).items()}
    return [(sign, _of(sign, known.get(sign.pk, Written()))) for sign in signs]


def _of(sign: Sign, told: Written) -> Written:
    struck_by = _name(sign.struck_by) or told.struck_by or "系统" if sign.struck_at else ""
    return Written(_name(sign.recorded_by) or told.by, struck_by, told.remark)


def _name(account: Any) -> str:
    return account.name if account else ""

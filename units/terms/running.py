"""What the sources of running deadlines share: duties of a unit's case, whatever the case type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from django.db.models import QuerySet

from luojiang_ce import clock
from luojiang_ce.access.cases import case_key
from luojiang_ce.access.roles import Role
from luojiang_ce.deadlines.registry import Asked, OpenDeadline
from luojiang_ce.workdays.deadlines import Deadline, later
from luojiang_ce.workflow.events import last_returned
from units.models import Unit

from .grants import Terms


def cases_asked(rows: QuerySet[Any], asked: Asked) -> list[Any]:
    """The cases of the units asked for, each with its unit. One query."""
    found = rows.select_related("unit")
    return list(found if asked.units is None else found.filter(unit__in=asked.units))


def units_asked(asked: Asked, **lookup: Any) -> list[Unit]:
    """The active units asked for. One query."""
    found = Unit.objects.filter(status=Unit.Status.ACTIVE, **lookup).distinct()
    return list(found if asked.units is None else found.filter(pk__in=asked.units))


def of_case(
    case: Any, deadline: Deadline, title: str, *, subject: str = "", role: Role = Role.UNIT_CLERK
) -> OpenDeadline:
    """A duty about a case that exists; `subject` is its id unless another key is given."""
    return OpenDeadline(
        deadline,
        case.unit_id,
        case.unit.short,
        subject or str(case.pk),
        title,
        case.get_absolute_url(),
        role,
        case_key(case),
    )


@dataclass(frozen=True)
class Yearly:
    """What every unit files once for a year: the title with `{year}`, where it begins, its deadline, what there is.

    `filed`: (unit id, year) of what was filed; `drafts`: cases that were begun.
    """

    title: str
    url: str
    due: Callable[[Unit, int], Deadline]
    filed: frozenset[tuple[int, int]]
    drafts: Sequence[Any]


def to_file(yearly: Yearly, units: Iterable[Unit], years: Sequence[int]) -> Iterator[OpenDeadline]:
    """What these units have not filed for these years. No query."""
    begun = {(case.unit_id, case.year): case for case in yearly.drafts}
    for unit, year in product(units, years):
        if (unit.pk, year) not in yearly.filed:
            draft, title = begun.get((unit.pk, year)), yearly.title.format(year=year)
            url = draft.get_absolute_url() if draft else yearly.url
            case = case_key(draft) if draft else None
            yield OpenDeadline(yearly.due(unit, year), unit.pk, unit.short, str(year), title, url, case=case)


def to_mend(cases: Sequence[Any], terms: Terms, first: Callable[[Any], Deadline | None]) -> Iterator[OpenDeadline]:
    """Returned cases and by when they are filed again (P2); `first` gives the deadline of the filing. One query."""
    returned = last_returned(cases)
    for case in cases:
        if case.pk in returned:
            mending = terms.mending(clock.local(returned[case.pk]).date())
            yield of_case(case, later(first(case), mending), f"补正：{case}")


_reply_clocks: dict[type[Any], tuple[str, ...]] = {}


def register_reply_clock(model: type[Any], *states: str) -> None:
    """While a case of this type is in one of these states it lies with the bureau, whose working days run."""
    _reply_clocks[model] = states


def reply_clocks() -> dict[type[Any], tuple[str, ...]]:
    """The case types with a clock of the bureau's, and the states in which it runs."""
    return dict(_reply_clocks)


def to_answer(cases: Sequence[Any], terms: Terms) -> Iterator[OpenDeadline]:
    """Those of the cases that lie with the bureau, by when it tells the filer (Licensing Act 32, by analogy)."""
    for case in cases:
        if case.state in _reply_clocks[type(case)] and case.submitted_at:
            reply = terms.reply(clock.local(case.submitted_at).date())
            yield of_case(case, reply, f"答复：{case}", role=Role.BUREAU_HANDLER)

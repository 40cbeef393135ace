"""Which publication of its year a batch is: the first one, or the nth that adds to it (增补)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from luojiang_ce.papers.dates import in_chinese
from luojiang_ce.workflow.models import Event

from .models import PlanBatch

BEGINS, ENDS = "publish", "unpublish"  # steps of batch_case.py; a correction in between changes no place


@dataclass(frozen=True)
class Supplement:
    """The place of a publication in its year (0: the first one), and the documents of those before it that stand."""

    place: int
    on: tuple[str, ...]

    @property
    def which(self) -> str:
        """第一批, empty of the first publication."""
        return f"第{in_chinese(self.place)}批" if self.place else ""

    @property
    def label(self) -> str:
        """（第一批增补）, empty of the first publication."""
        return f"（{self.which}增补）" if self.place else ""


def supplement_of(batch: PlanBatch) -> Supplement:
    """What it supplements, or would if it were published now. Two queries."""
    of_the_year = PlanBatch.objects.filter(year=batch.year).in_bulk()
    steps = Event.objects.filter(
        case_type=PlanBatch._meta.label_lower, case_id__in=of_the_year, name__in=(BEGINS, ENDS)
    )
    history = [(case, name == BEGINS) for case, name in steps.order_by("pk").values_list("case_id", "name")]
    found = places(history)
    if batch.pk not in found:
        found = places([*history, (batch.pk, True)])
    before = sorted((place, case) for case, place in found.items() if place < found[batch.pk])
    return Supplement(found[batch.pk], tuple(of_the_year[case].document_number for _, case in before))


def places(history: Iterable[tuple[int, bool]]) -> dict[int, int]:
    """The place of each publication that stands, by its batch, from what began (True) and was withdrawn, in order.

    A place is given when a publication begins, and kept whatever becomes of the others, for it stands in titles that
    are out. Who was withdrawn and comes again takes the former place, unless that was given away: no two have one.
    """
    standing: dict[int, int] = {}
    former: dict[int, int] = {}
    for batch, begins in history:
        if not begins:
            standing.pop(batch, None)
            continue
        taken = set(standing.values())
        last = max(taken, default=-1)
        before = former.get(batch, last + 1)
        former[batch] = standing[batch] = last + 1 if before in taken else before
    return standing

"""What of the yearly verification rests on people's ledgers of a year (registry of verification.ledger)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow.case_kind import workflow_of
from verification.batches.models import AnnualRecord
from verification.ledger.registry import Resting


def rests_on(people: Collection[int], year: int) -> Iterator[Resting]:
    """The yearly records, filed or decided, that look at this year of these people, with the papers in force that say
    so. Two queries."""
    looks_at_it = AnnualRecord.objects.filter(person__in=people, first_year__lte=year, year__gte=year)
    filed = list(looks_at_it.exclude(state=AnnualRecord.State.LISTED).exclude(batch=None).order_by("year", "pk"))
    papers = _papers(filed)
    states = workflow_of(AnnualRecord).states
    for record in filed:
        yield Resting(
            person_id=record.person_id,
            year=record.year,
            title=f"{record.year} 年度验证",
            state=record.get_state_display(),
            meaning=states[record.state].meaning,
            url=record.get_absolute_url(),
            papers=papers[record.pk],
        )


def _papers(records: list[AnnualRecord]) -> dict[int, list[str]]:
    """The numbers of the pages that were issued for these records."""
    found: dict[int, list[str]] = defaultdict(list)
    issued = Paper.objects.filter(
        subject_type=AnnualRecord._meta.label_lower,
        subject_id__in=[row.pk for row in records],
        state=Paper.State.ISSUED,
    )
    for subject, number in issued.order_by("pk").values_list("subject_id", "number"):
        found[subject].append(number or "")
    return found

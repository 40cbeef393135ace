"""How things stand in the end: what one share has come to, and whether all of them together are in order."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q

from luojiang_ce.backup import restoring
from luojiang_ce.backup.copying import copies
from luojiang_ce.jobs.models import Job
from luojiang_ce.notices.models import Notice
from luojiang_ce.papers.models import Paper, SealUse
from luojiang_ce.workflow import audited
from luojiang_ce.workflow.models import Event
from luojiang_ce.workflow.readings import readings
from tests.drills.acts import Share
from training.recognition.models import Outcome
from units.models import Employment, Person
from verification.ledger.models import LedgerEntry

DIGITS = re.compile(r"\d+")
SERIES = re.compile(r"(.*\D)(\d+)\D*")
End = dict[str, Counter[tuple[Any, ...]]]


def end_of(share: Share) -> End:
    """All that the acts on this share have made, each as often as it is there; without the digits of numbers, names of
    units, days and ids, by which one share differs from another."""
    cases = [share.unit, share.batch, *share.batch.records.all(), share.recognition, share.training, *share.imports()]
    people = Person.objects.filter(employments__unit=share.unit)
    papers = Paper.objects.filter(_of(cases))
    events = Event.objects.exclude(name__in=readings()).filter(
        _of(cases)
        | Q(case_type=Paper._meta.label_lower, case_id__in=papers.values("pk"))
        | Q(case_type=Person._meta.label_lower, case_id__in=people.values("pk"))
    )
    told = Q(key__startswith=f"direct-{share.training.pk}-") | Q(key__startswith=f"recognition-{share.recognition.pk}-")
    jobs = Job.objects.filter(_of(cases) | Q(pk__in=papers.values("job")))
    return {
        "people": _alike(people.values_list("name", "sex", "birth", "category")),
        "jobs of people": _alike(Employment.objects.filter(unit=share.unit).values_list("person__name", "ended_on")),
        "imports": _alike(share.imports().values_list("state", "counts", "result", "done")),
        "cases": Counter((type(case).__name__, _state_of(case)) for case in cases),
        "papers": _alike(
            papers.values_list("kind", "title", "state", "reason", "applicant", "pages", "copies", "keeper", "approver")
        ),
        "register": _alike(
            SealUse.objects.filter(paper__in=papers).values_list(
                "seal_name", "applicant", "reason", "document", "copies", "way", "approver", "keeper"
            )
        ),
        "ledger": _alike(
            LedgerEntry.objects.filter(person__in=people).values_list(
                "person__name", "year", "measure", "subject", "amount", "title", "organiser", "reason", "counter_of"
            )
        ),
        "outcomes": _alike(
            Outcome.objects.filter(recognition=share.recognition).values_list(
                "enrolment__name", "posted", "why_not", "assessment"
            )
        ),
        "notices": _alike(Notice.objects.filter(_of(cases) | told).values_list("recipient__name", "title", "text")),
        "events": _alike(events.values_list("case_type", "name", "source", "target", "actor__name")),
        "jobs": _alike(jobs.values_list("kind", "title", "state", "message")),
    }


def _of(cases: Iterable[Any]) -> Q:
    """Rows that point at one of these by the generic key."""
    ids: dict[str, list[int]] = defaultdict(list)
    for case in cases:
        ids[case._meta.label_lower].append(case.pk)
    found = Q(pk__in=[])
    for kind, keys in ids.items():
        found |= Q(case_type=kind, case_id__in=keys)
    return found


def _state_of(case: Any) -> str:
    return str(type(case).objects.values_list("state", flat=True).get(pk=case.pk)) if hasattr(case, "state") else ""


def _alike(rows: Iterable[tuple[Any, ...]]) -> Counter[tuple[Any, ...]]:
    return Counter(
        tuple(DIGITS.sub("#", each) if isinstance(each, str) else _plain(each) for each in row) for row in rows
    )


def _plain(value: Any) -> Any:
    """JSON can be no key of a count."""
    return json.dumps(value, sort_keys=True) if isinstance(value, dict) else value


def is_settled() -> bool:
    """Has every job ended? None has given up: each was killed less often than it is tried."""
    states = set(Job.objects.values_list("state", flat=True))
    assert Job.State.FAILED not in states, list(Job.objects.filter(state=Job.State.FAILED).values("kind", "message"))
    return states <= {Job.State.DONE}


def must_be_in_order() -> None:
    """Each number once and none left out, each paper the file that was registered, the log and all rows of one mind."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for paper in Paper.objects.order_by("pk"):
        found = SERIES.fullmatch(str(paper.number))
        assert found, paper.number
        numbers[found[1]].append(int(found[2]))
        with paper.file.open() as file:
            assert hashlib.sha256(file.read()).hexdigest() == paper.sha256
    assert {series: sorted(given) for series, given in numbers.items()} == {
        series: list(range(1, len(given) + 1)) for series, given in numbers.items()
    }
    found = audited.check().problems
    assert not found, found


def must_be_restorable(root: Path) -> None:
    """Nothing half made is left, every copy that is taken for one is whole, and the last gives back all that it has."""
    assert list(root.glob(".2*")) == []
    there = copies(root)
    for copy in there:
        assert copy.fault(settings.EVENT_LOG_KEY) == ""
        restoring.refuse_damage(copy)
    assert "与备份一致" in restoring.drill(root, there[-1])

"""The trial of a rule set or a figure: whose open year would come out otherwise by it (product.md V2).

Who was filed keeps the rules of that day (V3), so nothing changes for them; they are counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import case_models
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import JobFailed, Progress
from units.models import Employment, Person
from verification.batches.candidates import employed_in_year
from verification.batches.models import AnnualRecord
from verification.declarations.conversions import converted, tables_before_and_after
from verification.declarations.models import Conversion
from verification.requirements.assess import Outcome
from verification.requirements.models import Trial, TrialLine
from verification.requirements.services import before_and_after
from verification.verdicts import outcomes, outcomes_with

AT_ONCE = 500  # people


def try_rules(job: Job, progress: Progress) -> tuple[str, str]:
    """The job's work: everybody who is employed now and was in the year, but for those who were filed."""
    case: Any = case_models()[job.case_type]._default_manager.filter(pk=job.case_id).first()
    if case is None:
        raise JobFailed("这份草稿已删除，没有试算")
    year, version = int(job.args["year"]), case.version
    jobs = _open_years(year)
    lines: list[TrialLine] = []
    for start in range(0, len(jobs), AT_ONCE):
        progress(start, len(jobs))
        lines += _changed(jobs[start : start + AT_ONCE], year, case)
    filed = _filed(year).count()
    facts = {"version": version, "year": year, "people": len(jobs), "filed": filed, "made_by_id": job.owner_id}
    facts["ends"] = case.is_in_force
    trial = _keep(Trial(case_type=job.case_type, case_id=case.pk, title=str(case)[:200], **facts), lines)
    return f"{len(jobs)} 人中 {len(lines)} 人的结论会变", reverse("requirements:trial", args=[trial.pk])


def _filed(year: int) -> QuerySet[AnnualRecord]:
    return AnnualRecord.objects.filter(year=year, first_submitted_at__isnull=False)


def _open_years(year: int) -> list[Employment]:
    """The present employments of those whose year is not filed; of two employers the first."""
    filed = _filed(year).values("person")
    rows = Employment.objects.on(clock.today()).filter(employed_in_year(year, "person")).exclude(person__in=filed)
    return list({job.person_id: job for job in rows.order_by("-pk")}.values())


def _before_and_after(people: Sequence[Person], year: int, case: Any) -> dict[int, list[Outcome]]:
    """How the year of each comes out now, and once the case is in force. Of a conversion: were the declarations that
    are on their way accepted as the tables propose."""
    if isinstance(case, Conversion):
        return outcomes_with(people, year, converted(people, year, tables_before_and_after(case)))
    return outcomes(people, year, before_and_after(case))


def _changed(jobs: Sequence[Employment], year: int, case: Any) -> list[TrialLine]:
    found = _before_and_after([Person(pk=job.person_id) for job in jobs], year, case)
    return [
        TrialLine(unit_id=job.unit_id, person_id=job.person_id, before=before, after=after)
        for job in jobs
        for before, after in [found[job.person_id]]
        if before != after
    ]


@transaction.atomic
def _keep(trial: Trial, lines: Sequence[TrialLine]) -> Trial:
    """A trial of the same case and year takes the place of the former one; what was found before it came into force
    stays beside that of its end."""
    same = {"case_type": trial.case_type, "case_id": trial.case_id, "year": trial.year, "ends": trial.ends}
    Trial.objects.filter(**same).delete()
    trial.save()
    for line in lines:
        line.trial = trial
    TrialLine.objects.bulk_create(lines, batch_size=1000)
    return trial

"""How people stand in a year: the verdict of their ledger, what is on its way, and where their filing stands.

Verdicts are those of verification/verdicts.py, as on a person's page; here they are put beside what is expected, leave
and the yearly record.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet

from luojiang_ce import clock
from luojiang_ce.typed import whole_number
from units.models import Employment, Person
from units.terms import Terms
from verification.batches.candidates import employed_in_year
from verification.batches.in_time import default_year
from verification.batches.models import AnnualRecord
from verification.batches.owing import AWAY, excused_jobs
from verification.requirements.assess import ZERO, Assessment, Counting, Outcome
from verification.requirements.display import Verdict, said, verdict_of
from verification.verdicts import assessments_with

from .models import Filing, Standing, StandingLine
from .on_the_way import Expected, expected

State = AnnualRecord.State


@dataclass(frozen=True)
class PersonYear:
    """A person's year: `now` as the ledger stands, `then` with what is on its way."""

    job: Employment
    year: int
    now: Assessment
    then: Assessment
    expected: Sequence[Expected]
    record: AnnualRecord | None
    excused: str  # why nobody has to file the year; empty where somebody does

    @property
    def pk(self) -> int:
        """That of the employment."""
        return self.job.pk

    @property
    def person(self) -> Person:
        return self.job.person

    @property
    def verdict(self) -> Verdict:
        """As it is shown everywhere."""
        return verdict_of(self.now)

    @property
    def standing(self) -> Standing:
        if self.now.outcome is not Outcome.MET and self.record and self.record.waived_by_id:
            return Standing.WAIVED
        if self.now.outcome is not Outcome.UNMET:
            return _OTHERS[self.now.outcome]
        if self.excused == AWAY:
            return Standing.ON_LEAVE
        return Standing.SHORT if self.then.outcome is Outcome.UNMET else Standing.ON_ITS_WAY

    @property
    def filing(self) -> Filing:
        if self.record and self.record.state in _FILINGS:
            return _FILINGS[State(self.record.state)]
        if self.record and self.record.was_filed:
            return Filing.FILED
        return Filing.EXCUSED if self.excused else Filing.NONE

    @property
    def why_not_filed(self) -> str:
        """Why nobody has to file it, where that is how it stands."""
        return self.excused if self.filing is Filing.EXCUSED else ""

    @property
    def missing(self) -> str:
        """What is short of what, by how much; empty where nothing is."""
        return "，".join(f"{row.title}{row.conclusion}" for row in self.verdict.rows if row.css == "unmet")

    @property
    def unset(self) -> str:
        """What was not judged because its figure is not set."""
        return "，".join(f"{row.title}未设定" for row in self.verdict.rows if row.unset)

    @property
    def gap(self) -> Decimal:
        """The most that is missing of hours or credits."""
        unmet = (each for each in self.now.requirements if each.met is False)
        return max((each.missing for each in unmet if each.rule.counting is Counting.AMOUNT), default=ZERO)

    @property
    def awaited(self) -> Decimal:
        """How much of the year is on its way; what was sent back is not."""
        return _sum(each for each in self.expected if not each.is_sent_back)

    @property
    def awaited_notes(self) -> list[str]:
        """What is not sure about it: 其中 62.0 尚待审核；退回补正 16.0，不计在内."""
        notes = {
            "其中 {} 尚待审核": _sum(each for each in self.expected if each.is_under_review),
            "另有 {} 退回补正，未计入": _sum(each for each in self.expected if each.is_sent_back),
        }
        return [note.format(said(amount)) for note, amount in notes.items() if amount]

    @property
    def awaited_said(self) -> str:
        return "；".join(each.said for each in self.expected)

    def as_line(self) -> StandingLine:
        """To be counted by; not saved."""
        facts = {"standing": self.standing, "filing": self.filing, "gap": self.gap}
        return StandingLine(unit_id=self.job.unit_id, person_id=self.job.person_id, year=self.year, **facts)


def _sum(expected: Iterable[Expected]) -> Decimal:
    return sum((each.amount for each in expected), ZERO)


_OTHERS = {
    Outcome.MET: Standing.MET,
    Outcome.IN_PROGRESS: Standing.OPEN,
    Outcome.UNDETERMINED: Standing.UNDETERMINED,
}
_FILINGS = {
    State.VERIFIED: Filing.VERIFIED,
    State.STAMPED: Filing.VERIFIED,
    State.FAILED: Filing.FAILED,
    State.GIVEN_UP: Filing.GIVEN_UP,
}


def years() -> list[int]:
    """The years that pages offer: the present one and the two before."""
    this_year = clock.today().year
    return [this_year, this_year - 1, this_year - 2]


def year_in(text: str) -> int:
    """The year of a query string; that which is being verified now where it is none of them."""
    asked = whole_number(text)
    return asked if asked in years() else default_year(clock.today())


def jobs_of(year: int) -> QuerySet[Employment]:
    """Who is to be verified for a year where they work now, as in batches (verification/batches/candidates.py)."""
    running = Employment.objects.on(clock.today()).filter(employed_in_year(year, "person"))
    return running.select_related("person", "unit")


def stand(jobs: Iterable[Employment], year: int, terms: Terms, now: datetime) -> list[PersonYear]:
    """How each of these stands, in their order. The number of queries does not grow with them."""
    known = list(jobs)
    people = [job.person for job in known]
    coming = expected(people, year, lambda: terms, now)
    found = assessments_with(
        people, year, {pk: [e for each in some for e in each.entries] for pk, some in coming.items()}
    )
    rows = AnnualRecord.objects.filter(person__in=people, year=year).select_related("batch").defer("facts", "verdict")
    records = {row.person_id: row for row in rows}
    excused = excused_jobs(known, year, terms, now)
    return [
        PersonYear(
            job,
            year,
            *found[job.person_id],
            expected=coming.get(job.person_id, ()),
            record=records.get(job.person_id),
            excused=excused.get(job.pk, ""),
        )
        for job in known
    ]

"""What the pages of recognition show, gathered in a bounded number of queries: the case, the list, what waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.deadlines.owed import Asked
from luojiang_ce.workdays.badges import Badge, open_badge
from training.attendance.pages import OddityRow, oddity_rows
from training.attendance.timetable import class_oddities, slots_of_class
from training.choices import Assessment
from training.classes.models import ClassApplication, Enrolment
from training.classes.models.enrolment import names_apart
from training.recognition.case import classes_to_recognise
from training.recognition.counting import full_amounts, tally
from training.recognition.models import Recognition
from training.recognition.person_line import PersonLine, frozen_line, line_of, totals_of
from units.terms import Terms
from verification.choices import SUBJECTS_OF, Measure, Subject

FROZEN = Recognition.POSTED
SHOWN = 20  # classes of one unit that wait for their recognition
AGREED = (Enrolment.Agreement.AGREED, Enrolment.Agreement.SCANNED)
SHORT = {
    Subject.PUBLIC: "公共",
    Subject.PROFESSIONAL: "专业",
    Subject.CLASS_1: "Ⅰ类",
    Subject.CLASS_2: "Ⅱ类",
    Subject.GENERAL_PRACTICE: "全科",
}


@dataclass(frozen=True)
class Found:
    """The people of a recognition with what they earn: as counted now, or as it was decided."""

    lines: list[PersonLine]
    subjects: list[str]
    measure: str

    @property
    def heads(self) -> list[str]:
        """Column heads of the subjects."""
        return [SHORT[Subject(subject)] for subject in self.subjects]

    @property
    def totals(self) -> list[tuple[str, Decimal]]:
        """Sums of all trainees by subject, with their labels."""
        sums = totals_of(self.lines)
        return [(SHORT[Subject(subject)], sums.get(subject, Decimal(0))) for subject in self.subjects]

    @property
    def undecided(self) -> int:
        return sum(line.undecided for line in self.lines)

    @property
    def to_decide(self) -> int:
        """For how many the handler still has to decide, for the first time or again."""
        return self.undecided + sum(line.outdated for line in self.lines)

    @property
    def decided(self) -> int:
        return sum(bool(line.decided) for line in self.lines)

    @property
    def strangers(self) -> int:
        return sum(line.enrolment.unit_id is None for line in self.lines)

    @property
    def unregistered(self) -> int:
        """Trainees of units of the district that have not registered them yet."""
        return sum(line.enrolment.person_id is None for line in self.lines) - self.strangers

    @property
    def not_agreed(self) -> int:
        """Trainees whose unit has not agreed, strangers too: pointed out (notice 二(一)3)."""
        return sum(not is_agreed(line.enrolment) for line in self.lines)


def is_agreed(enrolment: Enrolment) -> bool:
    """Has the trainee's own unit agreed, on-line or by a stamped scan?"""
    return enrolment.agreement in AGREED


def found_in(case: Recognition) -> Found:
    """The people of a recognition: frozen where it was decided, otherwise counted. At most seven queries."""
    application = case.application
    if case.state in FROZEN:
        outcomes = case.outcomes.select_related("enrolment__person").order_by("enrolment_id")
        lines = [frozen_line(outcome) for outcome in outcomes]
        known = {final.subject for line in lines for final in line.finals}
    else:
        counted = tally(case)
        assessed = application.assessment != Assessment.NONE
        lines = [line_of(trainee, assessed=assessed) for trainee in counted.trainees]
        known = {amount.subject for amount in full_amounts(counted.case)}
    order = [str(subject) for subject in SUBJECTS_OF[Measure(application.measure)]]
    return Found(lines, [each for each in order if each in known] or order[:2], Measure(application.measure).label)


@dataclass(frozen=True)
class LineRow:
    """A trainee's line as the table shows it: amounts with their heads."""

    line: PersonLine
    amounts: list[tuple[str, Decimal]]
    agreed: bool
    years: str
    called: str  # the name, which no other of the class bears


def rows_of(found: Found, lines: Sequence[PersonLine]) -> list[LineRow]:
    """The lines of a page of the table."""
    called = names_apart(line.enrolment for line in found.lines)
    return [
        LineRow(
            line,
            [(SHORT[Subject(subject)], line.totals.get(subject, Decimal(0))) for subject in found.subjects],
            is_agreed(line.enrolment),
            _years(line) if len(line.by_year) > 1 else "",
            called[line.enrolment.pk],
        )
        for line in lines
    ]


def _years(line: PersonLine) -> str:
    """2026年 4.0，2027年 2.0 — only for a class over New Year."""
    return "，".join(f"{year}年 {sum(amounts.values(), Decimal(0))}" for year, amounts in line.by_year.items())


def oddities_of_class(case: Recognition) -> list[OddityRow]:
    """What looks odd in the signs (A3), of a class that is not decided yet. One query besides those of the tally."""
    if case.state in FROZEN:
        return []
    found, slots = tally(case), slots_of_class(case.application)
    trainees = [trainee.enrolment for trainee in found.trainees]
    names = names_apart(trainees)
    return oddity_rows(class_oddities(slots, found.signs, trainees), names, {slot.key for slot in slots})


def classes_waiting(account: Any, terms: Terms) -> list[tuple[ClassApplication, Badge]]:
    """Classes of the clerk's units whose recognition can be begun, the oldest deadline first. One query."""
    own = account.unit_ids(Role.UNIT_CLERK)
    found = sorted(classes_to_recognise(Asked(terms, units=own)) if own else (), key=lambda owed: owed.clock.due)
    return [(owed.about, open_badge(owed.clock, terms.calendar, clock.now())) for owed in found[:SHOWN]]

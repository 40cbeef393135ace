"""A class of the database as a case for the pure counting (hours.py), in a bounded number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time
from decimal import Decimal

from django.db.models import QuerySet, prefetch_related_objects

from training.attendance.oddities import Sign as SignFact
from training.attendance.timetable import signs_of
from training.classes.models import ClassApplication, Enrolment
from training.classes.models import TimetableRow as TimetableLine
from training.terms import Assessment, Measure

from .decisions import Decision, Final, final_amounts, gave_nothing, is_outdated, is_reduced, is_undecided
from .hours import (
    Amount,
    ClassCase,
    Exclusion,
    HalfDay,
    PersonResult,
    Sign,
    TimetableRow,
    count_hours,
    counting_half_days,
)
from .models import AssessmentResult, Override, Recognition
from .models import Exclusion as ExclusionRow
from .once import once_per_row


@dataclass(frozen=True)
class Loaded:
    """A class with everything that decides its hours, as rows; `signs` are valid, by enrolment id."""

    application: ClassApplication
    trainees: Sequence[Enrolment]
    signs: Sequence[SignFact]
    exclusions: Sequence[ExclusionRow]

    @property
    def case(self) -> ClassCase:
        """The same as plain values; persons are enrolment ids."""
        credits = self.application.measure == Measure.CREDITS
        return ClassCase(
            timetable=tuple(_row(line) for line in self.application.timetable.all()),
            trainees=tuple(trainee.pk for trainee in self.trainees),
            signs=tuple(_sign(fact) for fact in self.signs),
            credits=_credits(self.application) if credits else None,
            assessment=self.application.assessment != Assessment.NONE,
            results=_results(self.trainees),
            exclusions=tuple(_exclusion(row) for row in self.exclusions),
        )


def class_case(application: ClassApplication) -> ClassCase:
    """Everything that decides the hours of a class. Four queries, one of them for signs."""
    return class_cases([application], application.enrolments.present())[application.pk]


def class_cases(applications: Sequence[ClassApplication], enrolments: QuerySet[Enrolment]) -> dict[int, ClassCase]:
    """The cases of several classes, by class id, with these trainees only. Four queries, however many classes."""
    exclusions: dict[int, list[ExclusionRow]] = defaultdict(list)
    rows = ExclusionRow.objects.filter(recognition__application__in=applications).select_related("recognition")
    for row in rows:
        exclusions[row.recognition.application_id].append(row)
    loaded = load(applications, enrolments, exclusions)
    return {pk: each.case for pk, each in loaded.items()}


def load(
    applications: Sequence[ClassApplication],
    enrolments: QuerySet[Enrolment],
    exclusions: Mapping[int, Sequence[ExclusionRow]],
) -> dict[int, Loaded]:
    """Timetables, trainees with their results, and signs of several classes. Three queries."""
    prefetch_related_objects(applications, "timetable")
    trainees: dict[int, list[Enrolment]] = defaultdict(list)
    for trainee in enrolments.select_related("result"):
        trainees[trainee.application_id].append(trainee)
    signs = signs_of(enrolments)
    return {
        each.pk: Loaded(each, trainees[each.pk], signs.get(each.pk, ()), exclusions.get(each.pk, ()))
        for each in applications
    }


def _row(line: TimetableLine) -> TimetableRow:
    return TimetableRow(line.date, HalfDay(line.half_day), line.subject, line.hours, line.counts)


def _sign(fact: SignFact) -> Sign:
    return Sign(fact.person, fact.date, HalfDay(fact.half_day), fact.is_in, fact.time)


def _results(trainees: Iterable[Enrolment]) -> dict[Hashable, bool]:
    passed = AssessmentResult.Outcome.PASSED
    return {each.pk: each.result.outcome == passed for each in trainees if hasattr(each, "result")}


def _exclusion(row: ExclusionRow) -> Exclusion:
    return Exclusion(row.enrolment_id, row.date, HalfDay(row.half_day) if row.half_day else None)


def _credits(application: ClassApplication) -> dict[str, Decimal]:
    return {subject: Decimal(str(amount)) for subject, amount in application.credits.items()}


@dataclass(frozen=True)
class Trainee:
    """One trainee of a recognition: what was counted, what was decided, what comes of it."""

    enrolment: Enrolment
    result: PersonResult
    decisions: tuple[Decision, ...]
    passed: bool | None

    @property
    def finals(self) -> tuple[Final, ...]:
        return final_amounts(self.result.amounts, self.decisions)

    @property
    def undecided(self) -> bool:
        return is_undecided(self.result, self.decisions)

    @property
    def outdated(self) -> bool:
        return is_outdated(self.result, self.decisions)

    @property
    def attended(self) -> int:
        """How many half-days count (实到)."""
        return sum(half_day.counted for half_day in self.result.half_days)

    @property
    def expected(self) -> int:
        """How many half-days there are (应到)."""
        return len(self.result.half_days)

    def total(self, subject: str) -> Decimal:
        return sum((each.amount for each in self.finals if each.subject == subject), Decimal(0))


@dataclass(frozen=True)
class Tally:
    """A whole class, counted, with the handler's decisions; `case` is what the counting was given."""

    case: ClassCase
    trainees: tuple[Trainee, ...]
    signs: Sequence[SignFact] = ()

    @property
    def undecided(self) -> list[Trainee]:
        return [trainee for trainee in self.trainees if trainee.undecided]

    @property
    def rest(self) -> list[Trainee]:
        """Who can be given nothing with one act: nobody has decided, or nothing was given and something has changed."""
        again = (each for each in self.outdated if each.result.decide and gave_nothing(each.decisions))
        return [*self.undecided, *again]

    @property
    def outdated(self) -> list[Trainee]:
        """Those whose decision was made on other signs or results than those of now."""
        return [trainee for trainee in self.trainees if trainee.outdated]

    @property
    def is_partial(self) -> bool:
        """Is anything less recognised than the signs alone would have given (部分认定)?"""
        whole = replace(self.case, exclusions=())
        counted = {result.person: result.amounts for result in count_hours(whole)}
        return any(is_reduced(counted[each.enrolment.pk], each.finals) for each in self.trainees)

    def total(self, subject: str) -> Decimal:
        return sum((trainee.total(subject) for trainee in self.trainees), Decimal(0))

    @property
    def amounts_possible(self) -> tuple[Amount, ...]:
        """The most that anybody can earn here, by year and subject."""
        return full_amounts(self.case)


def full_amounts(case: ClassCase) -> tuple[Amount, ...]:
    """What full attendance and a passed assessment earn."""
    signs = tuple(
        Sign(None, *slot, is_in, at)
        for slot in counting_half_days(case.timetable)
        for is_in, at in ((True, time(8)), (False, time(9)))
    )
    return count_hours(ClassCase(case.timetable, (None,), signs, case.credits))[0].amounts


@once_per_row
def tally(recognition: Recognition) -> Tally:
    """Count the class of a recognition and put the handler's decisions on top. Five queries, once per loaded row."""
    application = recognition.application
    enrolments = application.enrolments.present().select_related("person", "unit")
    exclusions = {application.pk: list(recognition.exclusions.all())}
    loaded = load([application], enrolments, exclusions)[application.pk]
    case, decisions = loaded.case, _decisions(recognition)
    rows: dict[Hashable, Enrolment] = {trainee.pk: trainee for trainee in loaded.trainees}
    trainees = tuple(
        Trainee(rows[result.person], result, decisions.get(result.person, ()), case.results.get(result.person))
        for result in count_hours(case)
    )
    return Tally(case, trainees, loaded.signs)


def _decisions(recognition: Recognition) -> Mapping[Hashable, tuple[Decision, ...]]:
    found: dict[int, list[Decision]] = defaultdict(list)
    fields = ("enrolment_id", "year", "subject", "amount", "reason", "basis")
    for person, *facts in Override.objects.filter(recognition=recognition).values_list(*fields):
        found[person].append(Decision(*facts))
    return {person: tuple(decisions) for person, decisions in found.items()}

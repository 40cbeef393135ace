"""A class of the database as a case for the pure counting (hours.py), in a bounded number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time
from decimal import Decimal

from django.db.models import QuerySet

from training.attendance.models import Sign as SignRow
from training.classes.models import ClassApplication, Enrolment
from training.classes.models import TimetableRow as TimetableLine
from training.terms import Assessment, Measure

from .decisions import Decision, Final, final_amounts, is_reduced, is_undecided
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


def class_case(application: ClassApplication) -> ClassCase:
    """Everything that decides the hours of a class; persons are enrolment ids. Five queries, one of them for signs."""
    return class_cases([application], application.enrolments.present())[application.pk]


def class_cases(applications: Sequence[ClassApplication], enrolments: QuerySet[Enrolment]) -> dict[int, ClassCase]:
    """The cases of several classes, by class id, with these trainees only. Five queries, however many classes."""
    timetable, signs, results, exclusions = (
        _timetable(applications),
        _signs(enrolments),
        _results(enrolments),
        _exclusions(applications),
    )
    trainees: dict[int, list[int]] = defaultdict(list)
    for pk, application in enrolments.values_list("pk", "application_id"):
        trainees[application].append(pk)
    return {
        each.pk: ClassCase(
            timetable=tuple(timetable[each.pk]),
            trainees=tuple(trainees[each.pk]),
            signs=tuple(signs[each.pk]),
            credits=_credits(each) if each.measure == Measure.CREDITS else None,
            assessment=each.assessment != Assessment.NONE,
            results=results[each.pk],
            exclusions=tuple(exclusions[each.pk]),
        )
        for each in applications
    }


def _timetable(applications: Sequence[ClassApplication]) -> dict[int, list[TimetableRow]]:
    fields = ("application_id", "date", "half_day", "subject", "hours", "counts")
    found: dict[int, list[TimetableRow]] = defaultdict(list)
    for pk, day, half_day, *rest in TimetableLine.objects.filter(application__in=applications).values_list(*fields):
        found[pk].append(TimetableRow(day, HalfDay(half_day), *rest))
    return found


def _signs(enrolments: QuerySet[Enrolment]) -> dict[int, list[Sign]]:
    fields = ("enrolment__application_id", "enrolment_id", "date", "half_day", "kind", "time")
    rows = SignRow.objects.valid().filter(enrolment__in=enrolments.order_by().values("pk"))
    found: dict[int, list[Sign]] = defaultdict(list)
    for pk, person, day, half_day, kind, at in rows.order_by().values_list(*fields):
        found[pk].append(Sign(person, day, HalfDay(half_day), kind == SignRow.Kind.IN, at))
    return found


def _results(enrolments: QuerySet[Enrolment]) -> dict[int, dict[Hashable, bool]]:
    fields = ("enrolment__application_id", "enrolment_id", "outcome")
    found: dict[int, dict[Hashable, bool]] = defaultdict(dict)
    rows = AssessmentResult.objects.filter(enrolment__in=enrolments.order_by().values("pk"))
    for pk, person, outcome in rows.values_list(*fields):
        found[pk][person] = outcome == AssessmentResult.Outcome.PASSED
    return found


def _exclusions(applications: Sequence[ClassApplication]) -> dict[int, list[Exclusion]]:
    fields = ("recognition__application_id", "enrolment_id", "date", "half_day")
    found: dict[int, list[Exclusion]] = defaultdict(list)
    rows = ExclusionRow.objects.filter(recognition__application__in=applications)
    for pk, person, day, half_day in rows.values_list(*fields):
        found[pk].append(Exclusion(person, day, HalfDay(half_day) if half_day else None))
    return found


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

    @property
    def undecided(self) -> list[Trainee]:
        return [trainee for trainee in self.trainees if trainee.undecided]

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


def tally(recognition: Recognition) -> Tally:
    """Count the class of a recognition and put the handler's decisions on top. Seven queries.

    Counted once per loaded row, so that a page and its guards agree; `fire` loads a row of its own, under lock.
    """
    known = recognition.__dict__.get(_COUNTED)
    if known is None:
        known = recognition.__dict__[_COUNTED] = _tally(recognition)
    return known


_COUNTED = "_tally"


def _tally(recognition: Recognition) -> Tally:
    case = class_case(recognition.application)
    enrolments = recognition.application.enrolments.present().select_related("person", "unit").in_bulk()
    decisions = _decisions(recognition)
    trainees = tuple(
        Trainee(enrolments[result.person], result, decisions.get(result.person, ()), case.results.get(result.person))
        for result in count_hours(case)
    )
    return Tally(case, trainees)


def _decisions(recognition: Recognition) -> Mapping[Hashable, tuple[Decision, ...]]:
    found: dict[int, list[Decision]] = defaultdict(list)
    fields = ("enrolment_id", "year", "subject", "amount", "reason")
    for person, *facts in Override.objects.filter(recognition=recognition).values_list(*fields):
        found[person].append(Decision(*facts))
    return {person: tuple(decisions) for person, decisions in found.items()}

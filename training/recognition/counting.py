"""Classes of the database as cases for the pure counting (hours.py), in a bounded number of queries; what the handler
decided on top."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from decimal import Decimal
from operator import itemgetter

from django.db.models import QuerySet, Value, prefetch_related_objects

from luojiang_ce.once import once, once_per_row
from training.attendance.timetable import signs_of
from training.choices import Assessment
from training.classes.models import ClassApplication, Enrolment
from training.half_days import Sign, SlotKey, slots_of
from training.recognition.hours import (
    Amount,
    ClassCase,
    Correction,
    Decision,
    Exclusion,
    Final,
    PersonResult,
    count_hours,
    decisions_on,
    final_amounts,
    in_force,
    is_excluded,
    is_outdated,
    is_reduced,
    is_undecided,
    ruled_out,
)
from training.recognition.models import (
    AssessmentResult,
    CorrectionLine,
    Override,
    Recognition,
    RecognitionCorrection,
    Ruling,
    RulingLine,
)
from training.recognition.models import Exclusion as ExclusionRow
from units.models import Person
from verification.choices import Measure

STRANGER = "不是本区登记的专业技术人员，在本区不入账"
UNREGISTERED = "所在单位尚未登记此人，登记后入账"
NOTHING = "没有可以认定的学时（学分）"
UNDER_WAY = (Recognition.State.SUBMITTED, Recognition.State.RETURNED, Recognition.State.CHECKED)


AT_ONCE = 300  # trainees whose hours are counted, posted and told in well under a second


def takes_long(classes: Iterable[int]) -> bool:
    """Are there so many trainees in these classes (ids) that the worker counts them? One query."""
    return Enrolment.objects.present().filter(application__in=list(classes)).count() > AT_ONCE


@dataclass(frozen=True)
class Loaded:
    """A class with everything that decides its hours, as rows; `signs` are valid, by enrolment id."""

    application: ClassApplication
    trainees: Sequence[Enrolment]
    signs: Sequence[Sign]
    exclusions: Sequence[Exclusion]

    @property
    def case(self) -> ClassCase:
        """The same as plain values; persons are enrolment ids."""
        application, passed = self.application, AssessmentResult.Outcome.PASSED
        credits = {subject: Decimal(str(amount)) for subject, amount in application.credits.items()}
        return ClassCase(
            timetable=tuple(application.lessons()),
            trainees=tuple(trainee.pk for trainee in self.trainees),
            signs=tuple(self.signs),
            credits=credits if application.measure == Measure.CREDITS else None,
            assessment=application.assessment != Assessment.NONE,
            results={each.pk: each.result.outcome == passed for each in self.trainees if hasattr(each, "result")},
            exclusions=tuple(self.exclusions),
        )


def class_case(application: ClassApplication) -> ClassCase:
    """Everything that decides the hours of a class, corrections and rulings in force too. Nine queries, one of them
    for signs."""
    found = class_cases([application], application.enrolments.present())[application.pk]
    return with_corrections(found, corrections_of([application]).get(application.pk, ()))


def with_corrections(case: ClassCase, corrections: Sequence[Correction]) -> ClassCase:
    """The same class without the half-days that those in force have taken out."""
    corrected = [one for each in in_force(corrections) for one in each.exclusions]
    return replace(case, exclusions=(*case.exclusions, *corrected))


def class_cases(applications: Sequence[ClassApplication], enrolments: QuerySet[Enrolment]) -> dict[int, ClassCase]:
    """The cases of several classes, by class id, with these trainees only. Four queries, however many classes."""
    return {pk: each.case for pk, each in with_trainees(applications, enrolments).items()}


def with_trainees(applications: Sequence[ClassApplication], enrolments: QuerySet[Enrolment]) -> dict[int, Loaded]:
    """The same as rows."""
    exclusions: dict[int, list[Exclusion]] = defaultdict(list)
    rows = ExclusionRow.objects.filter(recognition__application__in=applications).select_related("recognition")
    for row in rows:
        exclusions[row.recognition.application_id].append(_excluded(row))
    return load(applications, enrolments, exclusions)


def load(
    applications: Sequence[ClassApplication],
    enrolments: QuerySet[Enrolment],
    exclusions: Mapping[int, Sequence[Exclusion]],
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
    def why_not(self) -> str:
        """Why nothing of this trainee goes into the ledger; empty when something does.

        A trainee whose unit has not agreed earns the hours all the same: the consent is material 3 of the yearly
        verification, where it is asked for (notice 二(一)3).
        """
        if not any(final.amount for final in self.finals):
            return "考核不合格，不计学时" if self.passed is False else NOTHING
        if self.enrolment.person_id:
            return ""
        return UNREGISTERED if self.enrolment.unit_id else STRANGER

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
    signs: Sequence[Sign] = ()

    @property
    def undecided(self) -> list[Trainee]:
        return [trainee for trainee in self.trainees if trainee.undecided]

    @property
    def rest(self) -> list[Trainee]:
        """Who can be given nothing with one act: nobody has decided, or nothing was given and something has changed."""
        open_again = [each for each in self.outdated if each.result.decide]
        return [*self.undecided, *(each for each in open_again if not any(one.amount for one in each.decisions))]

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

    @property
    def is_ruled_out(self) -> bool:
        """Has a ruling taken the whole class from everybody?"""
        return None in ruled_out(self.case)


def full_amounts(case: ClassCase, person: Hashable = None) -> tuple[Amount, ...]:
    """What full attendance and a passed assessment earn, of the half-days that no ruling has taken from this trainee
    (None: from everybody). Credits stay whole while a half-day is left: what is less is decided by hand."""
    firm = [each for each in case.exclusions if each.firm and each.person in (None, person)]
    left = tuple(each for each in case.timetable if not is_excluded(firm, person, each.key))
    timetable = case.timetable if case.credits is not None and slots_of(left) else left
    signs = tuple(
        Sign(None, *slot, is_in, at)
        for slot in (each.key for each in slots_of(timetable))
        for is_in, at in ((True, time(8)), (False, time(9)))
    )
    return count_hours(ClassCase(timetable, (None,), signs, case.credits))[0].amounts


@dataclass(frozen=True)
class Gathered:
    """Everything that decides a recognition but its corrections: the class with the handler's exclusions, and what the
    handler decided, by enrolment id."""

    loaded: Loaded
    overrides: Mapping[Hashable, tuple[Decision, ...]]

    def tally(self, corrections: Sequence[Correction]) -> Tally:
        """Count it with these corrections, in the order of their decision, on top."""
        held = in_force(corrections)
        exclusions = [*self.loaded.exclusions, *(one for each in held for one in each.exclusions)]
        case = replace(self.loaded, exclusions=exclusions).case
        rows: dict[Hashable, Enrolment] = {trainee.pk: trainee for trainee in self.loaded.trainees}
        possible, gone = full_amounts(case), ruled_out(case)

        def decided(person: Hashable) -> tuple[Decision, ...]:
            overrides = self.overrides.get(person, ())
            return () if person in gone else decisions_on(person, overrides, held, possible)

        trainees = (
            Trainee(rows[result.person], result, decided(result.person), case.results.get(result.person))
            for result in count_hours(case)
        )
        return Tally(case, tuple(trainees), self.loaded.signs)


def gather(recognition: Recognition, left_out: Iterable[Person] = ()) -> Gathered:
    """The class of a recognition, with people who were `left_out` of its list as if they stood on it. Five queries."""
    application = recognition.application
    enrolments = application.enrolments.present().select_related("person", "unit")
    exclusions = {application.pk: [_excluded(row) for row in recognition.exclusions.all()]}
    loaded = load([application], enrolments, exclusions)[application.pk]
    trainees = [*loaded.trainees, *(_to_be_enrolled(application, person) for person in left_out)]
    overrides: dict[Hashable, tuple[Decision, ...]] = defaultdict(tuple)
    facts = ("enrolment_id", "year", "subject", "amount", "reason", "basis")
    for person, *decided in Override.objects.filter(recognition=recognition).values_list(*facts):
        overrides[person] += (Decision(*decided),)
    return Gathered(replace(loaded, trainees=trainees), overrides)


def gather_unfiled(application: ClassApplication) -> Gathered:
    """The same of a class whose recognition nobody has begun: its signs. Four queries."""
    enrolments = application.enrolments.present().select_related("person", "unit")
    return Gathered(load([application], enrolments, {})[application.pk], {})


@once_per_row
def tally(recognition: Recognition) -> Tally:
    """Count the class of a recognition with the handler's decisions and the corrections in force on top.

    At most seven queries, once per loaded row.
    """
    return gather(recognition).tally(decided_corrections(recognition))


def decided_corrections(recognition: Recognition) -> list[Correction]:
    """Its decided corrections and the rulings on its class as plain values, in the order of their decision. One query
    without any (none where it is known that there are none), three with some of one kind."""
    if recognition.state not in Recognition.POSTED and not getattr(recognition, "has_rulings", True):
        return []
    return corrections_of([recognition.application]).get(recognition.application_id, [])


def corrections_of(applications: Sequence[ClassApplication]) -> dict[int, list[Correction]]:
    """The decided corrections of these classes and the rulings on them as plain values, in order, by class id. One
    query without any, three with some of one kind."""
    corrections = RecognitionCorrection.objects.decided().filter(recognition__application__in=applications)
    rulings = Ruling.objects.made().filter(application__in=applications)
    there = [rows.order_by().annotate(is_ruling=Value(rows is rulings)) for rows in (corrections, rulings)]
    kinds = {is_ruling for (is_ruling,) in there[0].values_list("is_ruling").union(there[1].values_list("is_ruling"))}
    dated: list[tuple[datetime | None, int, Correction]] = []
    if True in kinds:
        ruled = rulings.prefetch_related("lines")
        dated += [(row.decided_at, row.application_id, ruling_value(row)) for row in ruled]
    if False in kinds:
        corrected = corrections.select_related("recognition").prefetch_related("lines")
        dated += [(row.decided_at, row.recognition.application_id, correction_value(row)) for row in corrected]
    found: dict[int, list[Correction]] = defaultdict(list)
    for _, pk, value in sorted(dated, key=itemgetter(0)):
        found[pk].append(value)
    return found


def ruled_out_by(application: ClassApplication, slot: SlotKey) -> str:
    """The number of the ruling that has taken this half-day from everybody; empty where none has."""
    rulings = Ruling.objects.in_force().filter(application=application).prefetch_related("lines")
    taking = (row for row in rulings if is_excluded(ruling_value(row).exclusions, None, slot))
    return next((row.number for row in taking), "")


@once
def classes_ruled_out() -> frozenset[int]:
    """The classes (ids) without posted hours of which rulings in force have taken every half-day from everybody: there
    is nothing to recognise while they hold (notice 一(五)4). One query without any ruling, else two."""
    lines = RulingLine.objects.filter(
        ruling__in=Ruling.objects.in_force(), kind=RulingLine.Kind.EXCLUDED, enrolment=None
    ).exclude(ruling__application__recognition__state__in=Recognition.POSTED)
    taken: dict[int, list[Exclusion]] = defaultdict(list)
    for pk, day, half_day in lines.values_list("ruling__application", "date", "half_day"):
        taken[pk].append(Exclusion(None, day, half_day or None, firm=True))
    courses = ClassApplication.objects.filter(pk__in=taken).prefetch_related("timetable") if taken else ()
    cases = {each.pk: ClassCase(tuple(each.lessons()), (), exclusions=tuple(taken[each.pk])) for each in courses}
    return frozenset(pk for pk, case in cases.items() if None in ruled_out(case))


def ruling_value(row: Ruling) -> Correction:
    """A ruling as a plain value: its half-days are firm, and its key is no correction's."""
    value = correction_value(row)
    firm = tuple(replace(each, firm=True) for each in value.exclusions)
    return replace(value, key=-row.pk, exclusions=firm, undoes=row.undoes_id and -row.undoes_id)


def correction_value(row: RecognitionCorrection | Ruling) -> Correction:
    """A correction as a plain value; who was left off the list is named by `unlisted` until enrolled."""
    lines, kind = list(row.lines.all()), CorrectionLine.Kind
    decisions: dict[Hashable, tuple[Decision, ...]] = defaultdict(tuple)
    for line in lines:
        if line.kind == kind.AMOUNT and line.year and line.amount is not None:
            whom = line.enrolment_id or unlisted(getattr(line, "person_id", None))
            decisions[whom] += (Decision(line.year, line.subject, line.amount, line.reason, line.basis),)
    return Correction(
        key=row.pk,
        exclusions=tuple(
            Exclusion(line.enrolment_id, line.date, line.half_day or None, line.kind == kind.COUNTED)
            for line in lines
            if line.kind in (kind.EXCLUDED, kind.COUNTED)
        ),
        decisions=decisions,
        whole=next((line.reason for line in lines if line.kind == kind.WHOLE), ""),
        undoes=row.undoes_id,
    )


def unlisted(person_id: int | None) -> int:
    """Stands for the enrolment of a person who has none yet: no enrolment has such an id."""
    return -(person_id or 0)


def _to_be_enrolled(application: ClassApplication, person: Person) -> Enrolment:
    """Somebody left off the list as the counting sees a trainee; not saved."""
    job = next((each for each in person.employments.all() if each.ended_on is None), None)
    row = Enrolment(
        pk=unlisted(person.pk),
        application=application,
        person=person,
        unit=job.unit if job else None,
        name=person.name,
        employer=job.unit.name if job else "",
        masked_id=person.masked_id,
        agreement=Enrolment.Agreement.WAITING,
    )
    row._state.fields_cache["result"] = None  # nobody has looked for a result, and there is none
    return row


def _excluded(row: ExclusionRow) -> Exclusion:
    return Exclusion(row.enrolment_id, row.date, row.half_day or None)

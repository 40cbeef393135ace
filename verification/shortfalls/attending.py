"""What classes give of which the hours are not decided yet: by the signs so far, and as if nobody missed what is ahead.

The counting is that of recognition (training/recognition/hours.py); here it is only given signs that are still to come.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, time

from django.db.models import Q, QuerySet

from luojiang_ce.workdays.deadlines import is_in_time
from training.classes.models import ClassApplication, Enrolment
from training.classes.models.application import ClassApplicationQuerySet
from training.half_days import Sign, SlotKey, ahead, all_slots, slots_of
from training.recognition.case import due_of_class, ledger_form
from training.recognition.counting import UNDER_WAY, corrections_of, with_corrections, with_trainees
from training.recognition.hours import ClassCase, Correction, PersonResult, count_hours, final_amounts, portions
from training.recognition.models import Recognition
from units.terms import Terms
from verification.choices import Measure
from verification.requirements.assess import Entry

NOT_FILED = Q(recognition=None) | Q(recognition__state=Recognition.State.DRAFT)


def classes() -> ClassApplicationQuerySet:
    """With all that their hours ask for, but their timetable."""
    return ClassApplication.objects.with_project_changed().select_related("project", "unit", "recognition")


def undecided(year: int) -> Q:
    """Which classes may still bring hours of a year: approved ones, and those under recognition."""
    approved = Q(state=ClassApplication.State.APPROVED) & NOT_FILED
    return (approved | Q(recognition__state__in=UNDER_WAY)) & Q(opens_on__year__lte=year)


def is_still_filed(course: ClassApplication, terms: Terms, now: datetime) -> bool:
    """Can its hours still be recognised? Nothing comes of a class whose time for it is over (notice 一(五)3)."""
    found = getattr(course, "recognition", None)
    return (found is not None and found.state in UNDER_WAY) or is_in_time(due_of_class(course, terms), now)


def counted(
    courses: Sequence[ClassApplication], enrolments: QuerySet[Enrolment], now: datetime
) -> dict[int, list[tuple[int, PersonResult]]]:
    """What these trainees earn in these classes, by class id: the ids of the persons, and their results. At most nine
    queries."""
    corrections = corrections_of(courses)
    found: dict[int, list[tuple[int, PersonResult]]] = {}
    for pk, loaded in with_trainees(courses, enrolments).items():
        whose: dict[Hashable, int | None] = {row.pk: row.person_id for row in loaded.trainees}
        case = with_corrections(loaded.case, corrections.get(pk, ()))
        results = count_hours(_as_hoped(loaded.application, case, now))
        found[pk] = [(person, each) for each in results if (person := whose[each.person])]
    return found


def _as_hoped(course: ClassApplication, case: ClassCase, now: datetime) -> ClassCase:
    """Where recognition is not filed: nobody misses a half-day that is ahead, and who has no result yet passes."""
    found = getattr(course, "recognition", None)
    if found is not None and found.state in UNDER_WAY:
        return case
    passed = dict.fromkeys(case.trainees, True)
    return replace(
        case, signs=(*case.signs, *_signs(case.trainees, ahead_of(case, now))), results=passed | {**case.results}
    )


def from_now_on(course: ClassApplication, corrections: Sequence[Correction], now: datetime) -> tuple[Entry, ...]:
    """What full attendance of what is ahead gives who is not on the list yet; nothing of what was ruled out."""
    credits = course.credit_amounts if course.measure == Measure.CREDITS else None
    case = with_corrections(ClassCase(tuple(course.lessons()), (None,), credits=credits), corrections)
    (result,) = count_hours(replace(case, signs=tuple(_signs((None,), ahead_of(case, now)))))
    return entries_of(course, result)


def ahead_of(case: ClassCase, now: datetime) -> list[SlotKey]:
    """The half-days to sign in that have not begun."""
    return [slot.key for slot in ahead(slots_of(case.timetable), now)]


def _signs(people: Iterable[Hashable], half_days: Sequence[SlotKey]) -> Iterable[Sign]:
    for person in people:
        for half_day in half_days:
            yield Sign(person, *half_day, True, time(8))
            yield Sign(person, *half_day, False, time(9))


def half_days_ahead(course: ClassApplication, now: datetime) -> frozenset[SlotKey]:
    """When somebody would sit there, from now on."""
    return frozenset(slot.key for slot in ahead(all_slots(course.lessons()), now))


def entries_of(course: ClassApplication, result: PersonResult) -> tuple[Entry, ...]:
    """What recognition would post of this, as plain values."""
    attended = {(each.date, each.half_day) for each in result.half_days if each.counted}
    parts = portions(final_amounts(result.amounts, ()), course.lessons(), attended)
    form, source = str(ledger_form(course)), f"class-{course.pk}"
    return tuple(
        Entry(part.year, course.measure, part.subject, form, part.amount, course.intensive, part.course, source)
        for part in parts
    )

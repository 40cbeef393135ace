"""Hours of a year that are not in the ledger yet: classes that people are in, what is under recognition, declarations
and records of other districts that nobody has accepted. Every page that says what is on its way asks here, most by
ledger/registry.py."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from luojiang_ce import clock
from training.classes.models import ClassApplication, Enrolment
from units.extensions.reading import current_terms
from units.models import Person
from units.terms import Terms
from verification.choices import Measure
from verification.declarations.case import DECLARATION
from verification.declarations.models import Declaration
from verification.ledger.registry import OnItsWay
from verification.record.meetings import ENTRY, compared
from verification.record.models import Transfer, TransferredEntry
from verification.record.transfer_case import TRANSFER
from verification.requirements.assess import ZERO, Entry

from .attending import classes, counted, entries_of, is_still_filed, undecided


@dataclass(frozen=True)
class Expected(OnItsWay):
    """Something that is to bring a person hours or credits; `amount`: of the year that was asked for, which may be none
    of a cycle that is looked at. `is_under_review`: it is filed and nobody has decided on it."""

    entries: tuple[Entry, ...] = ()
    is_under_review: bool = False

    @property
    def said(self) -> str:
        """12.0 学时，果蔬班（第1期），学时认定待审核"""
        return f"{self.amount:f} {Measure(self.measure).label}，{self.title}，{self.state}"


def expected(
    people: Sequence[Person], year: int, terms: Callable[[], Terms], now: datetime
) -> dict[int, list[Expected]]:
    """By person id; `terms` are asked for where somebody is in a class. A bounded number of queries, however many
    people."""
    found: dict[int, list[Expected]] = defaultdict(list)
    for each in (*_in_classes(people, year, terms, now), *_declared(people, year), *_taken_over(people, year)):
        found[each.person_id].append(each)
    return found


def on_its_way(people: Sequence[Person], year: int) -> Iterator[OnItsWay]:
    """What now is to bring these people something in the year."""
    found = expected(people, year, current_terms, clock.now())
    return (each for each in chain.from_iterable(found.values()) if each.amount)


def _in_classes(people: Sequence[Person], year: int, terms: Callable[[], Terms], now: datetime) -> Iterator[Expected]:
    ids = [person.pk for person in people]
    enrolments = Enrolment.objects.present().filter(person__in=ids)
    found = list(classes().filter(undecided(year), pk__in=enrolments.order_by().values("application")))
    if not found:
        return
    rules = terms()
    courses = [course for course in found if is_still_filed(course, rules, now)]
    results = counted(courses, enrolments.filter(application__in=courses), now) if courses else {}
    for course in courses:
        facts, filed = (str(course), _state(course), "is-wait", course.measure), _filed(course) is not None
        for person_id, result in results[course.pk]:
            entries = entries_of(course, result)
            if entries:
                amount = _of_year(entries, year)
                yield Expected(person_id, *facts, amount, entries=entries, is_under_review=filed)


def _filed(course: ClassApplication) -> Any:
    """The recognition that was asked for; None where it was not."""
    found = getattr(course, "recognition", None)
    return found if found is not None and found.state != found.State.DRAFT else None


def _state(course: ClassApplication) -> str:
    if found := _filed(course):
        return f"学时认定 {found.get_state_display()}"
    if course.has_ended(clock.today()):
        return "已结束，待认定"
    return "在学，按全勤预计" if course.has_begun(clock.today()) else "已报名，按全勤预计"


def _declared(people: Sequence[Person], year: int) -> Iterator[Expected]:
    rows = Declaration.objects.on_their_way().filter(person__in=people, year__lte=year)
    for each in rows.order_by("pk"):
        entry = Entry(
            *(each.year, each.measure, each.subject, each.form, each.amount, each.intensive, each.course),
            source=f"declaration-{each.pk}",
        )
        state, meaning = f"学时申报 {each.get_state_display()}", DECLARATION.states[each.state].meaning
        facts = (each.person_id, each.title, state, meaning, each.measure, _of_year((entry,), year))
        back = each.state == Declaration.State.RETURNED  # nothing may come of it: it is the unit's to mend
        yield Expected(*facts, each.get_absolute_url(), back, () if back else (entry,), not back)


def _taken_over(people: Sequence[Person], year: int) -> Iterator[Expected]:
    """Of a record, what counts unless its reviewer says otherwise: what meets something here may be the same."""
    rows = Transfer.objects.on_their_way().filter(person__in=people).select_related("person", "district")
    found = list(rows.order_by("pk"))
    beside = compared(found) if found else {}
    for case in found:
        counted = [each.entry for each in beside[case.pk].meetings if each.counts_by_default]
        entries = [_as_entry(entry) for entry in counted if entry.year <= year]
        state, meaning = f"外区记录转入 {case.get_state_display()}", TRANSFER.states[case.state].meaning
        back = case.state == Transfer.State.RETURNED
        for measure in dict.fromkeys(entry.measure for entry in entries):
            own = tuple(entry for entry in entries if entry.measure == measure)
            title = f"{case.district.name} {case.paper_number}"
            facts = (case.person_id, title, state, meaning, measure, _of_year(own, year))
            yield Expected(*facts, case.get_absolute_url(), back, () if back else own, not back)


def _as_entry(row: TransferredEntry) -> Entry:
    facts = (row.year, row.measure, row.subject, row.form, row.amount, row.intensive, row.course)
    return Entry(*facts, source=f"{ENTRY}-{row.pk}")


def _of_year(entries: Sequence[Entry], year: int) -> Decimal:
    return sum((entry.amount for entry in entries if entry.year == year), ZERO)

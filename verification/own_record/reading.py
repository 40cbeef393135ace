"""What a person reads of the own record: a year's verdict, every entry with why it counts or not, what is still on its
way, classes that are open, the own papers. A bounded number of queries, however much there is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from luojiang_ce import clock
from luojiang_ce.papers.models import Paper, know_reviews
from luojiang_ce.workdays.text import full, month_day
from luojiang_ce.workflow.models import Event
from training.recognition.models import Outcome, Recognition
from training.recognition.person_line import PersonLine, frozen_line
from units.models import Employment, Person
from units.models.account import AccountQuerySet
from units.notify import clerks_of
from verification.batches.models import AnnualRecord
from verification.declarations.models import Declaration
from verification.direct.models import Passed
from verification.ledger.models import LedgerEntry
from verification.ledger.registry import OnItsWay, on_their_way, standings_for
from verification.record.papers import PAPER as ATTESTATION
from verification.requirements.display import said
from verification.shortfalls.offers import given_said, gives_of
from verification.shortfalls.offers import open_classes as classes_on_offer

RECOGNITION = Recognition._meta.label_lower
CLASSES_SHOWN = 20
YEARS = 3  # besides those with entries


@dataclass(frozen=True)
class Line:
    """Something that was learned, or that took it back: how much, and why it counts or not.

    `entry`: that of the ledger, where an objection can be put against it alone.
    """

    title: str
    when: str
    what: str
    amount: str
    state: str
    meaning: str
    notes: tuple[str, ...] = ()
    entry: int | None = None


@dataclass(frozen=True)
class OpenClass:
    """A class in which the unit can still enrol the person where it has a place; `hours`: what it gives from now on."""

    title: str
    when: str
    place: str
    hours: str
    free: int
    has_begun: bool


@dataclass(frozen=True)
class OwnRecord:
    """A year of a person, as the person reads it."""

    person: Person
    job: Employment | None
    clerks: AccountQuerySet | Sequence[Any]
    year: int
    years: list[int]
    verdict: Any
    filed: AnnualRecord | None
    lines: list[Line]
    awaited: list[OnItsWay]
    classes: list[OpenClass]
    papers: list[Paper]

    @property
    def count(self) -> int:
        """How many things were learned or are on their way."""
        return len(self.lines) + len(self.awaited)

    @property
    def missing(self) -> list[tuple[str, str]]:
        """The requirements that are not met, and by how much: 差 8.0."""
        rows = self.verdict.rows if self.verdict else ()
        return [(row.title, row.conclusion) for row in rows if row.css == "unmet"]


def record_of(person: Person, year: int) -> OwnRecord:
    """Everything that the page shows of a year."""
    job = person.job
    return OwnRecord(
        person=person,
        job=job,
        clerks=clerks_of(job.unit_id).order_by("pk") if job else (),
        year=year,
        years=years_of(person, year),
        verdict=standings_for([person], year)[person.pk].verdict,
        filed=_filed(person, year),
        lines=[*_entries(person, year), *_refused(person, year)],
        awaited=on_their_way([person], year).get(person.pk, []),
        classes=open_classes(person),
        papers=know_reviews(papers_of(person)),
    )


def _filed(person: Person, year: int) -> AnnualRecord | None:
    """The record of the year; what the unit only prepares is its own business."""
    only_listed = Q(state=AnnualRecord.State.LISTED, first_submitted_at=None)
    return AnnualRecord.objects.filter(person=person, year=year).exclude(only_listed).first()


def years_of(person: Person, year: int | None = None) -> list[int]:
    """Years with entries, and the recent ones; the newest first."""
    known = set(LedgerEntry.objects.filter(person=person).order_by().values_list("year", flat=True).distinct())
    now = clock.today().year
    return sorted({*known, *range(now, now - YEARS, -1), *([year] if year else [])}, reverse=True)


def entries_of(person: Person, year: int) -> list[LedgerEntry]:
    """The entries of the year, the newest first, each with what countered it."""
    rows = LedgerEntry.objects.filter(person=person, year=year)
    return list(rows.select_related("countered_by", "counter_of").order_by("-date_from", "-pk"))


def unposted_of(person: Person, year: int) -> list[str]:
    """The titles of what the page shows of the year and no entry stands for: on its way, refused, without hours."""
    awaited = on_their_way([person], year).get(person.pk, [])
    lines = [line for line in (*_entries(person, year), *_refused(person, year)) if line.entry is None]
    return list(dict.fromkeys([*(each.title for each in awaited), *(line.title for line in lines)]))


def papers_of(person: Person) -> Any:
    """The issued papers about this person alone, revoked ones too: of the years, of the bureau's own training, of the
    whole record."""
    about = Q(kind=ATTESTATION.key, subject_type=Person._meta.label_lower, subject_id=person.pk)
    for of in (AnnualRecord, Passed):
        about |= Q(
            subject_type=of._meta.label_lower, subject_id__in=of._base_manager.filter(person=person).values("pk")
        )
    return Paper.objects.in_force().filter(about).with_successors().order_by("-pk")


# --- what was learned ------------------------------------------------------------------------------------------------


def _entries(person: Person, year: int) -> Iterator[Line]:
    """The ledger; beside the hours of a class the half-days that did not count; classes that gave nothing."""
    results = {each.recognition_id: each for each in _outcomes(person)}
    entries = entries_of(person, year)
    for entry in entries:
        of_class = results.get(entry.source_id) if entry.source_type == RECOGNITION else None
        yield _entry_line(entry, _lost(frozen_line(of_class)) if of_class and not entry.is_counter else ())
    told = {entry.source_id for entry in entries if entry.source_type == RECOGNITION}
    yield from _without_hours(results, told, year)


def _outcomes(person: Person) -> Sequence[Outcome]:
    rows = Outcome.objects.filter(enrolment__person=person, recognition__state__in=Recognition.POSTED)
    return list(rows.select_related("recognition__application", "enrolment"))


def _entry_line(entry: LedgerEntry, lost: Sequence[str]) -> Line:
    state, meaning, notes = _standing(entry, lost)
    return Line(
        title=entry.title,
        when=_span(entry.date_from, entry.date_to),
        what="，".join(filter(None, (entry.get_subject_display(), entry.get_form_display(), entry.organiser))),
        amount=f"{said(entry.amount)} {entry.get_measure_display()}",
        state=state,
        meaning=meaning,
        notes=tuple(notes),
        entry=entry.pk,
    )


def _standing(entry: LedgerEntry, lost: Sequence[str]) -> tuple[str, str, Sequence[str]]:
    counter = getattr(entry, "countered_by", None)
    if entry.is_counter:
        return "冲销", "is-late", [entry.reason]
    if counter is not None:
        return "已冲销，不再计入", "is-idle", [f"{_day(counter)} 冲销：{counter.reason}"]
    return "已入账", "is-done", lost


def _day(entry: LedgerEntry) -> str:
    return full(clock.local(entry.created_at).date())


def _lost(line: PersonLine) -> list[str]:
    """The half-days of a class that did not count, by why: 5月20日下午没有签退，不计."""
    by_why: dict[str, list[str]] = defaultdict(list)
    for each in line.lost:
        by_why[each.why.label].append(each.label)
    found = [f"{'、'.join(days)} 不计：{why}" for why, days in by_why.items()]
    return [*found, *([line.remark] if line.remark else [])]


def _without_hours(results: Mapping[int, Outcome], told: Collection[int], year: int) -> Iterator[Line]:
    for pk, outcome in results.items():
        course, line = outcome.recognition.application, frozen_line(outcome)
        if pk in told or line.by_year or (course.opens_on and course.opens_on.year != year):
            continue
        yield Line(
            str(course), _span(course.opens_on, course.ends_on), "培训班", "0", "不计入", "is-soon", tuple(_lost(line))
        )


def _refused(person: Person, year: int) -> Iterator[Line]:
    """Declarations that were not accepted, with the reviewer's reason."""
    rows = list(Declaration.objects.filter(person=person, year=year, state=Declaration.State.REFUSED))
    keys = {"case_type": Declaration._meta.label_lower, "case_id__in": [row.pk for row in rows]}
    events = Event.objects.filter(**keys, name="refuse").select_related("note_row").order_by("pk") if rows else ()
    reasons = {each.case_id: each.note_row.text for each in events if hasattr(each, "note_row")}
    for row in rows:
        amount = f"{said(row.amount)} {row.get_measure_display()}"
        what = f"{row.get_subject_display()}，{row.get_form_display()}，单位申报"
        notes = tuple(filter(None, (reasons.get(row.pk, ""),)))
        yield Line(row.title, _span(row.date_from, row.date_to), what, amount, "不予认可，不计入", "is-soon", notes)


def _span(first: date | None, last: date | None) -> str:
    if first is None:
        return ""
    if last is None or last == first:
        return full(first)
    return f"{full(first)}至{month_day(last) if last.year == first.year else full(last)}"


# --- what can still be learned ---------------------------------------------------------------------------------------


def open_classes(person: Person) -> list[OpenClass]:
    """The classes of the planner that still give something, the soonest first, without the person's own."""
    others = classes_on_offer(without=person)
    gives = gives_of(others, clock.now())
    shown = [case for pk, case in others.items() if gives[pk]][:CLASSES_SHOWN]
    return [
        OpenClass(
            title=str(case),
            when=_span(case.opens_on, case.ends_on),
            place=case.place,
            hours=given_said(gives[case.pk]),
            free=case.free,
            has_begun=case.has_begun(clock.today()),
        )
        for case in shown
    ]

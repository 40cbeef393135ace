"""What decides about a person's year: gathered for many people at once, and frozen into their records (V3).

Which records a later entry of the ledger may have changed is asked here too: nobody tells of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    ExpressionWrapper,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    When,
)
from django.db.models.functions import Coalesce

from luojiang_ce.once import once_per_row
from luojiang_ce.workdays.text import span
from units.models import Certificate, Employment, Person, Title
from units.services.certificates import booklet_of, has_expired
from verification.batches.agreements import class_not_agreed_to
from verification.batches.models import AnnualRecord, Batch, Path
from verification.batches.routing import path_of
from verification.choices import SUBJECTS_OF, Form, Measure
from verification.ledger.models import LedgerEntry, people_entries
from verification.requirements.assess import PersonFacts
from verification.requirements.display import Verdict, freeze, verdict_of
from verification.requirements.services import Rulebook, load_rulebook, years_needed
from verification.verdicts import person_facts

ZERO = Decimal(0)
FROZEN = ("facts", "verdict", "first_year", "entries_seen")
PREFETCHED = (
    Prefetch("employments", Employment.objects.filter(ended_on=None).select_related("unit"), to_attr="jobs"),
    Prefetch("titles", Title.objects.filter(is_current=True), to_attr="current_titles"),
    Prefetch("certificates", Certificate.objects.all(), to_attr="booklets"),
)


@dataclass(frozen=True)
class Year:
    """A person's year as it stands now: facts for 附件4, the verdict, and what of the ledger was looked at."""

    person: Person
    facts: dict[str, Any]
    verdict: Verdict
    first_year: int
    entries_seen: int
    path: Path

    @property
    def sums(self) -> dict[str, str]:
        sums: dict[str, str] = self.facts["sums"]
        return sums


Rules = Mapping[str, Any]  # those that a year was filed under (Rulebook.told)


def rules_kept(records: Iterable[AnnualRecord]) -> dict[int, Rules]:
    """By which rules the years that are filed are judged, by person id: those of the day when they were (V3)."""
    filed = (record for record in records if record.state not in AnnualRecord.UNFILED)
    return {record.person_id: record.facts["rules"] for record in filed if "rules" in record.facts}


def years_of(people: Sequence[Person], year: int, kept: Mapping[int, Rules] | None = None) -> dict[int, Year]:
    """The year of each person, by person id. The number of queries does not grow with the people.

    `people` must have been loaded with `prefetch_related(*PREFETCHED)`; `kept`: of whom which rules decide, where it
    is not those in force.
    """
    if not people:
        return {}
    kept = kept or {}
    decides = person_facts(people, year)
    rulebook = load_rulebook({rules["rule_set"] for rules in kept.values()})
    first = min(years_needed(year, each)[0] for each in decides.values())
    entries = people_entries(people, first, year)
    return {
        person.pk: _year(person, decides[person.pk], entries.get(person.pk, []), year, rulebook, kept.get(person.pk))
        for person in people
    }


def fill(records: Iterable[AnnualRecord], years: Mapping[int, Year]) -> None:
    """Put what was found into records, unsaved."""
    for record in records:
        found = years[record.person_id]
        record.facts, record.verdict = found.facts, freeze(found.verdict)
        record.first_year, record.entries_seen = found.first_year, found.entries_seen


def new_records(people: Iterable[Any], years: Mapping[int, Year], **facts: Any) -> list[AnnualRecord]:
    """Records of these people, unsaved: whoever has a booklet is verified, who has none gets one too, and one that has
    expired is exchanged.

    `people` must have been loaded with `prefetch_related(*PREFETCHED)`; `facts`: unit, year, batch, who made them.
    """
    rows = []
    for person in people:
        path = years[person.pk].path
        held = booklet_of(person.booklets, booklet_kind(path))
        kind = {"issues": held is None, "renews": held is not None and has_expired(held)}
        number = held.number if held else ""
        rows.append(AnnualRecord(person=person, path=path, certificate_number=number, **kind, **facts))
    fill(rows, years)
    return rows


def freeze_records(records: Sequence[AnnualRecord]) -> list[AnnualRecord]:
    """Freeze what decides into these records of one year, as of now, and save it; those of which anything is new. By
    which rules a year is judged that is filed stays as it was."""
    if not records:
        return []
    people = Person.objects.filter(pk__in=[record.person_id for record in records]).prefetch_related(*PREFETCHED)
    known = {record.pk: _frozen(record) for record in records}
    fill(records, years_of(list(people), records[0].year, rules_kept(records)))
    changed = [record for record in records if _frozen(record) != known[record.pk]]
    AnnualRecord.objects.bulk_update(changed, FROZEN, batch_size=200)
    return changed


def _frozen(record: AnnualRecord) -> str:
    """What is frozen, as the database keeps it: a second look mostly finds the same."""
    return json.dumps([getattr(record, name) for name in FROZEN], sort_keys=True)


def newer_entry() -> Any:
    """Are there other entries of the years looked at than the record has seen?

    They are counted, not compared by id: two that are posted at once may become visible in either order.
    """
    there = LedgerEntry.objects.filter(
        person=OuterRef("person"), year__gte=OuterRef("first_year"), year__lte=OuterRef("year")
    )
    counted = there.order_by().values("person").annotate(number=Count("pk")).values("number")
    number = Coalesce(Subquery(counted, output_field=IntegerField()), 0)
    return ExpressionWrapper(~Q(entries_seen=number), output_field=BooleanField())


@once_per_row
def in_question(batch: Batch) -> list[AnnualRecord]:
    """The rows of a batch that need a second look (`newer`), those about to be stamped, and those that lack material 3
    (`lacks`), by name.

    One query, for what the page counts and for what the guards ask; without what was frozen.
    """
    told = batch.records.annotate(newer=newer_entry(), lacks=class_not_agreed_to())
    rows = told.filter(Q(newer=True) | Q(state=batch.before_the_stamp) | Q(lacks__isnull=False))
    return list(rows.select_related("person").defer("facts", "verdict").order_by("person__pinyin", "pk"))


def changed_rows(batch: Batch) -> list[AnnualRecord]:
    """The rows of a batch that need a second look."""
    return [row for row in in_question(batch) if row.newer]  # type: ignore[attr-defined]


def changed_decided(batch: Batch) -> list[AnnualRecord]:
    """The rows of a batch whose hours have changed since they were passed or failed, by name."""
    return [row for row in changed_rows(batch) if row.state in AnnualRecord.JUDGED]


def to_recheck(batch: Batch) -> int:
    """How many they are; counted with the rows of a list (`counting_changes`)."""
    counted = batch.__dict__.get("changed")
    return len(changed_decided(batch)) if counted is None else int(counted)


def waits_for_another_look(batch: Batch) -> bool:
    """Can no seal be put, since hours have changed after they were decided on?"""
    return to_recheck(batch) > 0


def counting_changes(rows: Any) -> Any:
    """Batches with how many of those passed or failed have other hours now (`to_recheck`); counted alone where the
    batch waits for its seal."""
    changed = AnnualRecord.objects.filter(newer_entry(), batch=OuterRef("pk"), state__in=AnnualRecord.JUDGED)
    number = changed.order_by().values("batch").annotate(number=Count("pk")).values("number")
    counted = Coalesce(Subquery(number, output_field=IntegerField()), 0)
    return rows.annotate(changed=Case(When(state=Batch.State.DECIDED, then=counted), default=0))


def outdated(records: Iterable[AnnualRecord]) -> frozenset[int]:
    """The ids of those that need a second look. One query."""
    keys = [record.pk for record in records]
    return frozenset(AnnualRecord.objects.filter(newer_entry(), pk__in=keys).values_list("pk", flat=True))


def booklet_kind(path: str) -> str:
    """Which booklet a year that goes this way stands in."""
    return Certificate.Kind.MEDICAL if path == Path.MEDICAL else Certificate.Kind.GENERAL


def _year(
    person: Person,
    decides: PersonFacts,
    entries: list[LedgerEntry],
    year: int,
    rulebook: Rulebook,
    kept: Rules | None,
) -> Year:
    rules = kept or rulebook.told(year, decides)
    first = years_needed(year, decides)[0]
    window = [entry for entry in entries if first <= entry.year <= year]
    own = [entry for entry in window if entry.year == year]
    return Year(
        person=person,
        facts={**_personal(person, decides), **_learned(own, decides), "path": path_of(decides, year), "rules": rules},
        verdict=verdict_of(rulebook.assess_as_told(rules, year, decides, window)),
        first_year=first,
        entries_seen=len(window),
        path=path_of(decides, year),
    )


def _personal(person: Person, decides: PersonFacts) -> dict[str, Any]:
    loaded: Any = person  # with PREFETCHED
    job = loaded.jobs[0] if loaded.jobs else None
    title = loaded.current_titles[0] if loaded.current_titles else None
    return {
        "unit": job.unit.name if job else "",
        "unit_id": job.unit_id if job else None,
        "department": job.department if job else "",
        "category": decides.category,
        "institution_level": decides.institution_level,
        "tenure": decides.tenure,
        "cycle": decides.cycle,
        "series": title.series if title else "",
        "title": title.name if title else "",
        "level": title.get_level_display() if title else "",
        "since": f"{title.since.year}年{title.since.month}月" if title and title.since else "",
    }


def _learned(entries: Sequence[LedgerEntry], decides: PersonFacts) -> dict[str, Any]:
    """Sums by subject as strings, how somebody learned, and what: of the year itself."""
    measure = Measure.CREDITS if decides.category == Person.Category.MEDICAL else Measure.HOURS
    counted = [entry for entry in entries if entry.measure == measure]
    by_subject: dict[str, Decimal] = dict.fromkeys((subject.value for subject in SUBJECTS_OF[measure]), ZERO)
    for entry in counted:
        by_subject[entry.subject] = by_subject.get(entry.subject, ZERO) + entry.amount
    remote = sum((entry.amount for entry in counted if entry.form == Form.REMOTE), ZERO)
    sums = {**by_subject, "remote": remote, "total": sum(by_subject.values(), ZERO)}
    standing = _standing(entries)
    return {
        "measure": measure.value,
        "sums": {key: f"{amount:f}" for key, amount in sums.items()},
        "forms": sorted({entry.form for entry in standing}),
        "paid": any(entry.paid for entry in standing),
        "trainings": _trainings(standing),
    }


def _standing(entries: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """Entries that hold: positive and not countered."""
    countered = {entry.counter_of_id for entry in entries if entry.counter_of_id}
    return [entry for entry in entries if entry.amount > 0 and entry.pk not in countered]


def _trainings(entries: Sequence[LedgerEntry]) -> list[dict[str, Any]]:
    """What somebody took part in, as 附件4 names it: name, time, organiser; and the amount of each subject."""
    found: dict[tuple[str, str, str], dict[str, str]] = {}
    for entry in entries:
        amounts = found.setdefault((entry.title, span(entry.date_from, entry.date_to), entry.organiser), {})
        amounts[entry.subject] = f"{Decimal(amounts.get(entry.subject, 0)) + entry.amount:f}"
    return [
        {"title": title, "days": days, "organiser": organiser, "amounts": amounts}
        for (title, days, organiser), amounts in found.items()
    ]

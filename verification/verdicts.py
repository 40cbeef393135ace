"""How people stand in a year: what the units know of them, what the ledger holds, what the rules say.

Above requirements and ledger, which do not know each other; below declarations and batches, which both ask here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter

from django.db.models import FilteredRelation, Q

from units.models import Person, StudyPeriod
from verification.ledger.models import LedgerEntry, people_entries, sums_of
from verification.ledger.registry import Standing
from verification.requirements.assess import Assessment, Countable, Outcome, PersonFacts
from verification.requirements.display import Verdict, verdict_of
from verification.requirements.services import Rulebook, load_rulebook, years_needed


def person_facts(people: Iterable[Person], year: int) -> dict[int, PersonFacts]:
    """What decides about each person in a year, by person id: category, series, level of the present institution,
    tenure and cycle over the year (of several the one that began last). One query."""
    rows = _people_with_periods(people, year)
    return {pk: _facts(list(of_person)) for pk, of_person in groupby(rows, key=itemgetter(0))}


# person id, category, level of the institution, series, kind and years of a period (None where there is none)
Row = tuple[int, str, str | None, str | None, str | None, int, int]


def _people_with_periods(people: Iterable[Person], year: int) -> Iterable[Row]:
    over_the_year = Q(periods__first_year__lte=year, periods__last_year__gte=year)
    return (
        Person.objects.filter(pk__in=[person.pk for person in people])
        .alias(
            present=FilteredRelation("employments", condition=Q(employments__ended_on=None)),
            current=FilteredRelation("titles", condition=Q(titles__is_current=True)),
            period=FilteredRelation("periods", condition=over_the_year),
        )
        .order_by("pk", "period__first_year")
        .values_list(
            "pk", "category", "present__unit__medical_level", "current__series",
            "period__kind", "period__first_year", "period__last_year",
        )
    )  # fmt: skip


def _facts(rows: list[Row]) -> PersonFacts:
    _, category, level, series, *_ = rows[0]
    spans = {kind: (first, last) for *_, kind, first, last in rows if kind}
    tenure, cycle = (spans.get(kind) for kind in (StudyPeriod.Kind.TENURE, StudyPeriod.Kind.CYCLE))
    return PersonFacts(category, level or None, tenure, cycle, series or "")


def assessments(
    people: Iterable[Person], year: int, *, facts: Mapping[int, PersonFacts] | None = None
) -> dict[int, Assessment]:
    """The verdict of each person's year, by person id. Four queries, however many people.

    `facts`: those that were frozen, where a year was filed already; present ones otherwise.
    """
    known = list(people)
    deciding = facts if facts is not None else person_facts(known, year)
    entries = _entries_needed(known, year, deciding)
    book = load_rulebook()
    return {pk: book.assess(year, each, entries.get(pk, [])) for pk, each in deciding.items()}


def verdicts(people: Iterable[Person], year: int) -> dict[int, Verdict]:
    """The same as pages and papers show it."""
    return {pk: verdict_of(found) for pk, found in assessments(people, year).items()}


def standings(people: Iterable[Person], year: int) -> dict[int, Standing]:
    """Verdict and sums of a year for the pages of the ledger, by person id. Four queries."""
    known = list(people)
    facts = person_facts(known, year)
    entries = _entries_needed(known, year, facts)
    book = load_rulebook()
    return {
        pk: Standing(sums_of(entries.get(pk, []), year), verdict_of(book.assess(year, each, entries.get(pk, []))))
        for pk, each in facts.items()
    }


def outcomes(people: Iterable[Person], year: int, books: Sequence[Rulebook]) -> dict[int, list[Outcome]]:
    """How a year comes out by each of these books of rules, by person id. Two queries, however many people."""
    known = list(people)
    facts = person_facts(known, year)
    entries = _entries_needed(known, year, facts)
    return {pk: [book.assess(year, each, entries.get(pk, [])).outcome for book in books] for pk, each in facts.items()}


def outcomes_with(
    people: Iterable[Person], year: int, more: Sequence[Mapping[int, Sequence[LedgerEntry]]]
) -> dict[int, list[Outcome]]:
    """How a year comes out by the rules in force with each of these further entries (not saved), by person id. Four
    queries, however many people."""
    known = list(people)
    facts = person_facts(known, year)
    entries = _entries_needed(known, year, facts)
    book = load_rulebook()
    return {
        pk: [book.assess(year, each, [*entries.get(pk, []), *added.get(pk, [])]).outcome for added in more]
        for pk, each in facts.items()
    }


def verdicts_with(
    people: Iterable[Person], year: int, changes: Mapping[int, Sequence[LedgerEntry]]
) -> dict[int, tuple[Verdict, Verdict]]:
    """The verdicts of a year as the ledger stands and as it would stand with these entries (not saved), by person id.

    Four queries, however many people.
    """
    found = assessments_with(people, year, changes)
    return {pk: (verdict_of(now), verdict_of(then)) for pk, (now, then) in found.items()}


def assessments_with(
    people: Iterable[Person], year: int, changes: Mapping[int, Sequence[Countable]]
) -> dict[int, tuple[Assessment, Assessment]]:
    """The same as plain values; where nothing would change, both are the same one."""
    known = list(people)
    facts = person_facts(known, year)
    entries = _entries_needed(known, year, facts)
    book = load_rulebook()

    def both(pk: int, each: PersonFacts) -> tuple[Assessment, Assessment]:
        now = book.assess(year, each, entries.get(pk, []))
        more = changes.get(pk)
        return now, book.assess(year, each, [*entries.get(pk, []), *more]) if more else now

    return {pk: both(pk, each) for pk, each in facts.items()}


def _entries_needed(
    people: Iterable[Person], year: int, facts: Mapping[int, PersonFacts]
) -> dict[int, list[LedgerEntry]]:
    """The entries of the years that any of these verdicts looks at; one query."""
    return people_entries(people, min((years_needed(year, each)[0] for each in facts.values()), default=year), year)

"""Writing to the ledger: posting what a source has earned people, and countering it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, models, transaction

from luojiang_ce.access import Actor
from verification.ledger.models import LedgerEntry


class AlreadyPostedError(Exception):
    """The source has posted another amount for the same person, year, subject and course: counter that one first."""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What is to be posted for one person. `amount`: 学时 or 学分 as `measure` says, above zero."""

    person_id: int
    year: int
    measure: str
    subject: str
    form: str
    amount: Decimal
    title: str
    organiser: str = ""
    date_from: date | None = None
    date_to: date | None = None
    intensive: bool = False
    course: str = ""
    reason: str = ""
    paid: bool = False

    @property
    def key(self) -> tuple[int, int, str, str]:
        """What a source posts only once."""
        return self.person_id, self.year, self.subject, self.course


def post(*, entries: Iterable[NewEntry], source: models.Model, actor: Actor) -> list[LedgerEntry]:
    """Post what a source has earned people; all entries or none. Returns those that were new.

    Repeating it changes nothing. Two queries, however many people. Raises AlreadyPostedError where the source has
    posted a different amount; IntegrityError where an amount is not above zero.
    """
    return post_each(entries=[(source, entry) for entry in entries], actor=actor)


def post_each(*, entries: Iterable[tuple[models.Model, NewEntry]], actor: Actor) -> list[LedgerEntry]:
    """The same with the source of each entry, rows of one table: a query for those that are there, by the thousand."""
    wanted = list(entries)

    def write() -> list[LedgerEntry]:
        known = _posted_from([source for source, _ in wanted])
        for source, entry in wanted:
            if known.get((source.pk, *entry.key), entry.amount) != entry.amount:
                amount = known[source.pk, *entry.key]
                raise AlreadyPostedError(f"{entry.year}年“{entry.title}”已按 {amount} 入账，须先冲销")
        new = [_row(entry, source, actor) for source, entry in wanted if (source.pk, *entry.key) not in known]
        return LedgerEntry.objects.bulk_create(new, batch_size=500)

    return _even_if_beaten(write)


def _posted_from(sources: Iterable[models.Model]) -> dict[tuple[object, ...], Decimal]:
    """What these sources have posted: the amounts by source and key."""
    keys = {source.pk: source._meta.label_lower for source in sources}
    posted = LedgerEntry.objects.filter(source_type__in=set(keys.values()), source_id__in=keys, counter_of=None)
    facts = posted.values_list("source_id", "person_id", "year", "subject", "course", "amount")
    return {tuple(key): amount for *key, amount in facts}


def counter(*, entry: LedgerEntry, reason: str, actor: Actor, source: models.Model | None = None) -> LedgerEntry:
    """Take an entry back by one with the negative amount. Repeating it returns the one that is there.

    `source`: what decided it, if it is not what posted the entry. A counter-entry can be countered too: then the
    amount holds again.
    """
    return counter_many(entries=[entry], reason=reason, actor=actor, source=source)[0]


def counter_many(
    *, entries: Iterable[LedgerEntry], reason: str, actor: Actor, source: models.Model | None = None
) -> list[LedgerEntry]:
    """Counter many entries, each once; the counter-entries in the order of `entries`. Two queries."""
    wanted = list(entries)

    def write() -> list[LedgerEntry]:
        known = {row.counter_of_id: row for row in LedgerEntry.objects.filter(counter_of__in=wanted)}
        new = [_counter(entry, reason, actor, source) for entry in wanted if entry.pk not in known]
        known |= {row.counter_of_id: row for row in LedgerEntry.objects.bulk_create(new, batch_size=500)}
        return [known[entry.pk] for entry in wanted]

    return _even_if_beaten(write)


def drawn_up(
    *, countered: Iterable[LedgerEntry], posted: Iterable[NewEntry], source: models.Model, actor: Actor
) -> list[LedgerEntry]:
    """The rows that countering and posting these would write, not saved: to ask beforehand what would come of it."""
    rows = [_row(entry, source, actor) for entry in posted]
    return [*(_counter(entry, "拟冲销", actor, source) for entry in countered), *rows]


def _even_if_beaten(write: Callable[[], list[LedgerEntry]]) -> list[LedgerEntry]:
    """Write whole or not at all; where somebody wrote the same at this moment, look again and go on from there."""
    try:
        with transaction.atomic():
            return write()
    except IntegrityError:
        with transaction.atomic():
            return write()


def _row(entry: NewEntry, source: models.Model, actor: Actor) -> LedgerEntry:
    return LedgerEntry(
        **asdict(entry), source_type=source._meta.label_lower, source_id=source.pk, created_by_id=actor.pk
    )


# What a counter-entry takes over from the entry that it counters.
_COPIED = [each.name for each in fields(NewEntry) if each.name not in ("amount", "reason")]


def _counter(entry: LedgerEntry, reason: str, actor: Actor, source: models.Model | None) -> LedgerEntry:
    facts = {name: getattr(entry, name) for name in _COPIED}
    return LedgerEntry(
        **facts,
        amount=-entry.amount,
        counter_of=entry,
        reason=reason,
        source_type=source._meta.label_lower if source else entry.source_type,
        source_id=source.pk if source else entry.source_id,
        created_by_id=actor.pk,
    )

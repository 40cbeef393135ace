"""What the entries of records that are taken over meet here: what stands in the ledger or is on its way there, what was
countered, what this district has entered itself. Nothing counts twice, and nothing comes back that was taken away.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from luojiang_ce.once import once_per_row
from luojiang_ce.proof.keyring import own_issuers
from luojiang_ce.workdays.text import span
from units.models import Person
from verification.choices import Form
from verification.declarations.models import Declaration
from verification.ledger.models import LedgerEntry
from verification.record.models import Transfer, TransferredEntry
from verification.requirements.display import said
from verification.self_study.services import not_by_credits

ENTRY = TransferredEntry._meta.label_lower
# What a reviewer has taken back may be taken over anew, if the reviewer says so; what the district has recognised
# itself and taken back may not.
BY_HAND = (ENTRY, Declaration._meta.label_lower)
TOLD = 3  # of what an entry meets, so much is said


@dataclass(frozen=True)
class Meeting:
    """An entry with what it meets here, in words. `barred`: why it cannot count, whatever anybody says; `meets`: why
    the reviewer has to say whether it counts."""

    entry: TransferredEntry
    barred: str
    meets: tuple[str, ...]

    @property
    def counts_by_default(self) -> bool:
        """Does it count unless somebody says otherwise?"""
        return not (self.barred or self.meets)


class Held(NamedTuple):
    """Hours that an entry may meet: an entry of the ledger or of another record, a declaration; `by_year`: a sum of a
    year, whatever its days."""

    row: Any
    said: str
    by_year: bool = False


class Compared(NamedTuple):
    """A record that is taken over beside what is here: its entries with what they meet; the entries of other records of
    the person by the same district, of which one renews the other."""

    meetings: list[Meeting]
    of_the_district: list[TransferredEntry]


def compared(transfers: Sequence[Transfer]) -> dict[int, Compared]:
    """These records, their people at hand, beside what is here; by id. Four queries, however many."""
    people = {transfer.person_id for transfer in transfers}
    taken, posted, declared, own_names = _taken_over(people), _posted(people), _declared(people), own_issuers()

    def of(transfer: Transfer) -> Compared:
        everything = taken[transfer.person_id]
        own = [entry for entry in everything if entry.transfer_id == transfer.pk]
        others = [entry for entry in everything if entry.transfer_id != transfer.pk]
        waiting = [
            Held(entry, f"另一份记录 {case.number}（{case.get_state_display()}）：{entry.title}")
            for entry in others
            if (case := entry.transfer).state in Transfer.ON_THEIR_WAY
        ]
        here = _Here(posted[transfer.person_id], [*declared[transfer.person_id], *waiting], own_names)
        return Compared(
            [*_meetings(transfer, own, here)], [entry for entry in others if entry.transfer.issuer == transfer.issuer]
        )

    return {transfer.pk: of(transfer) for transfer in transfers}


@once_per_row
def compared_for_page(transfer: Transfer) -> Compared:
    """The same of one, for its page and the guards behind its buttons; what decides asks `compared`, under the lock of
    the person."""
    return compared([transfer])[transfer.pk]


def fingerprint(seen: Iterable[Meeting]) -> str:
    """By which it is told whether anything has changed since somebody decided on these."""
    told = repr([(each.entry.pk, each.barred, each.meets) for each in seen])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


# --- what is here -----------------------------------------------------------------------------------------------------


def _posted(people: Iterable[int]) -> dict[int, list[LedgerEntry]]:
    """What was ever entered for each of them, with what has countered it."""
    found: dict[int, list[LedgerEntry]] = defaultdict(list)
    rows = LedgerEntry.objects.filter(person__in=people, amount__gt=0).select_related("countered_by")
    for row in rows:
        found[row.person_id].append(row)
    return found


def _declared(people: Iterable[int]) -> dict[int, list[Held]]:
    """What was declared by hand for each of them, and nobody has decided on."""
    found: dict[int, list[Held]] = defaultdict(list)
    for case in Declaration.objects.on_their_way().filter(person__in=people):
        told = f"学时申报 {case.number}（{case.get_state_display()}）：{case.title}"
        found[case.person_id].append(Held(case, told, by_year=case.form == Form.TRANSFER))
    return found


def _taken_over(people: Iterable[int]) -> dict[int, list[TransferredEntry]]:
    """What stands in records of other districts for each of them, that are accepted or wait."""
    found: dict[int, list[TransferredEntry]] = defaultdict(list)
    rows = TransferredEntry.objects.filter(transfer__in=Transfer.objects.standing().filter(person__in=people))
    for row in rows.select_related("transfer").defer("transfer__content"):  # which is the whole file, for each row
        found[row.transfer.person_id].append(row)
    return found


# --- entry by entry ---------------------------------------------------------------------------------------------------


class _Here(NamedTuple):
    """What this district has of a person, and the names by which it is known."""

    posted: Iterable[LedgerEntry]
    waiting: Iterable[Held]
    own_names: frozenset[str]


def _meetings(transfer: Transfer, entries: Sequence[TransferredEntry], here: _Here) -> Iterator[Meeting]:
    keys = {entry.pk for entry in entries}
    others = [row for row in here.posted if not (row.source_type == ENTRY and row.source_id in keys)]
    standing = [row for row in others if not hasattr(row, "countered_by")]
    there = Counter(map(_signs, standing))
    gone = {_signs(row): row for row in others if hasattr(row, "countered_by")}
    near = _Near([*map(_of_ledger, standing), *here.waiting])
    for entry in entries:
        barred = _not_ours_to_count(entry, transfer.person, here.own_names)
        if not barred and there[_signs(entry)]:
            there[_signs(entry)] -= 1  # of two equal entries a line of the ledger is one
            barred = "本区台账已有同样的一条，不重复入账"
        meets = near.to(entry)
        if countered := gone.get(_signs(entry)):
            told = f"本区曾入账，已冲销（{countered.countered_by.reason}）"
            barred, meets = (barred, (told, *meets)) if countered.source_type in BY_HAND else (barred or told, meets)
        yield Meeting(entry, barred, meets)


def _not_ours_to_count(entry: TransferredEntry, person: Person, own_names: frozenset[str]) -> str:
    """Why the entry is none of those that can come from elsewhere."""
    if own := next((each for each in entry.origins if each["issuer"] in own_names), None):
        return f"原由本区出具（{own['paper']}），有没有、算不算以本区台账为准"
    return not_by_credits(person, entry.subject) or ""


def _signs(row: Any) -> tuple[Any, ...]:
    """By which two entries are the same learning."""
    return row.year, row.subject, row.amount, row.title, row.date_from, row.date_to, row.course


def _of_ledger(row: LedgerEntry) -> Held:
    days = span(row.date_from, row.date_to)
    told = f"本区台账：{'，'.join(filter(None, (row.title, days, f'{said(row.amount)} {row.get_measure_display()}')))}"
    return Held(row, told, by_year=row.form == Form.TRANSFER)


class _Near:
    """Hours by month and by year, so that thousands are compared with those alone that can be meant."""

    def __init__(self, held: Iterable[Held]) -> None:
        self.by_month: dict[tuple[int, int], list[Held]] = defaultdict(list)
        self.by_year: dict[tuple[int, str], list[Held]] = defaultdict(list)
        for each in held:
            for month in _months(each.row):
                self.by_month[month].append(each)
            self.by_year[each.row.year, each.row.subject].append(each)

    def to(self, entry: TransferredEntry) -> tuple[str, ...]:
        """What the entry meets, in words: on the same days, or by name or amount where no days are known, or a sum of
        its year."""
        on_its_days = (each for month in _months(entry) for each in self.by_month[month] if _same_days(entry, each.row))
        of_its_year = self.by_year[entry.year, entry.subject]
        of_its_year = [each for each in of_its_year if each.by_year or _alike(entry, each.row)]
        told = tuple(dict.fromkeys(each.said for each in (*on_its_days, *of_its_year)))
        return told if len(told) <= TOLD else (*told[:TOLD], f"等 {len(told)} 条")


def _months(row: Any) -> Iterator[tuple[int, int]]:
    """The months over which it goes; none where its days are not known."""
    if row.date_from:
        last: date = row.date_to or row.date_from
        months = range(row.date_from.year * 12 + row.date_from.month - 1, last.year * 12 + last.month)
        yield from (divmod(month, 12) for month in months)


def _same_days(entry: TransferredEntry, other: Any) -> bool:
    first, last = other.date_from, other.date_to or other.date_from
    return bool(entry.date_from and entry.date_from <= last and first <= (entry.date_to or entry.date_from))


def _alike(entry: TransferredEntry, other: Any) -> bool:
    """Of the same year and subject, where one of the two does not say when."""
    known = entry.date_from and other.date_from
    return not known and (entry.title == other.title or entry.amount == other.amount)

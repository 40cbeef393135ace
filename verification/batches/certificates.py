"""Certificate numbers of a batch (发证, 附件4): given by the bureau's pattern or typed, and kept with the person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from luojiang_ce.access import Actor
from luojiang_ce.once import once_per_row
from units.services.certificates import Booklet, Holder, Key, holders_of, issue, key_of, pattern_of
from verification.batches.facts import booklet_kind, in_question
from verification.batches.models import AnnualRecord, Batch


def kind_of_booklet(record: AnnualRecord) -> str:
    """Which booklet a person's year goes into."""
    return booklet_kind(record.path)


def owners(records: Iterable[AnnualRecord]) -> dict[Key, Holder]:
    """Who has the certificate that each of these rows names. One query for every 500."""
    return holders_of(_key(record) for record in records if record.certificate_number)


def is_somebody_elses(record: AnnualRecord, known: dict[Key, Holder]) -> bool:
    """Is the number of this row that of another person? `known`: `owners` of the rows."""
    holder = known.get(_key(record))
    return holder is not None and holder.person_id != record.person_id


def is_own(record: AnnualRecord, known: dict[Key, Holder]) -> bool:
    """Is the number of this row on record as this person's?"""
    holder = known.get(_key(record))
    return holder is not None and holder.person_id == record.person_id


def expired_on(record: AnnualRecord, known: dict[Key, Holder]) -> date | None:
    """The last day of the row's booklet where it has expired and is not exchanged."""
    holder = known.get(_key(record))
    stays = is_own(record, known) and not record.renews
    return holder.valid_to if holder and stays and holder.has_expired else None


@once_per_row
def unsound(batch: Batch) -> tuple[list[AnnualRecord], list[AnnualRecord]]:
    """Rows that are about to be stamped without a number that a pattern gives, and those with somebody else's."""
    rows = [row for row in in_question(batch) if row.state == batch.before_the_stamp]
    without = [row for row in rows if waits_for_number(row)]
    if without and pattern_of(kind_of_booklet(without[0])):
        without = []
    known = owners(rows)
    return without, [row for row in rows if row.certificate_number and is_somebody_elses(row, known)]


def number_and_keep(records: Sequence[AnnualRecord], actor: Actor) -> None:
    """Give numbers to the verified who are issued a booklet, or another in place of theirs, and keep every number with
    its person."""
    given = [row for row in records if waits_for_number(row)]
    for row in given:
        row.former_number, row.certificate_number = row.certificate_number, ""
    numbers = issue(booklets=[booklet_for(row, row.certificate_number) for row in records], actor=actor)
    for row in given:
        row.certificate_number = numbers[row.person_id]
    AnnualRecord.objects.bulk_update(given, ["certificate_number", "former_number"], batch_size=500)


def booklet_for(row: AnnualRecord, number: str) -> Booklet:
    """What the row's person gets or has under this number."""
    is_new = row.issues or row.renews
    return Booklet(row.person, kind_of_booklet(row), number, is_new=is_new, exchanged=row.former_number)


def waits_for_number(row: AnnualRecord) -> bool:
    """Is a booklet still to be numbered: the first one (发证), or another in place of the one that it names (换证)?"""
    return not row.certificate_number or is_to_exchange(row)


def is_to_exchange(row: AnnualRecord) -> bool:
    """Does the number of the row still name the booklet that is to be exchanged?"""
    return row.renews and not row.issues and not row.former_number


def _key(record: AnnualRecord) -> Key:
    return key_of(kind_of_booklet(record), record.certificate_number)

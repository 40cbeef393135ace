"""Certificate numbers of a batch (发证, 附件4): given by the bureau's pattern or typed, and kept with the person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from luojiang_ce.access import Actor
from luojiang_ce.once import once_per_row
from units.models import Certificate
from units.services.certificates import Booklet, Key, issue, key_of, owners_of, pattern_of
from verification.batches.facts import in_question
from verification.batches.models import AnnualRecord, Batch, Path

Kind = Certificate.Kind


def kind_of_booklet(record: AnnualRecord) -> str:
    """Which booklet a person's year goes into."""
    return Kind.MEDICAL if record.path == Path.MEDICAL else Kind.GENERAL


def owners(records: Iterable[AnnualRecord]) -> dict[Key, int]:
    """The person who has the certificate that each of these rows names. One query for every 500."""
    return owners_of(_key(record) for record in records if record.certificate_number)


def is_somebody_elses(record: AnnualRecord, known: dict[Key, int]) -> bool:
    """Is the number of this row that of another person? `known`: `owners` of the rows."""
    return known.get(_key(record), record.person_id) != record.person_id


def is_own(record: AnnualRecord, known: dict[Key, int]) -> bool:
    """Is the number of this row on record as this person's?"""
    return known.get(_key(record)) == record.person_id


@once_per_row
def unsound(batch: Batch) -> tuple[list[AnnualRecord], list[AnnualRecord]]:
    """Rows that are about to be stamped without a number that a pattern gives, and those with somebody else's."""
    rows = [row for row in in_question(batch) if row.state == batch.before_the_stamp]
    without = [row for row in rows if not row.certificate_number]
    if without and pattern_of(kind_of_booklet(without[0])):
        without = []
    known = owners(rows)
    return without, [row for row in rows if row.certificate_number and is_somebody_elses(row, known)]


def number_and_keep(records: Sequence[AnnualRecord], actor: Actor) -> None:
    """Give numbers to the verified who are issued a booklet, and keep every number with its person."""
    booklets = [Booklet(row.person, kind_of_booklet(row), row.certificate_number) for row in records]
    numbers = issue(booklets=booklets, actor=actor)
    given = [row for row in records if not row.certificate_number]
    for row in given:
        row.certificate_number = numbers[row.person_id]
    AnnualRecord.objects.bulk_update(given, ["certificate_number"], batch_size=500)


def _key(record: AnnualRecord) -> Key:
    return key_of(kind_of_booklet(record), record.certificate_number)

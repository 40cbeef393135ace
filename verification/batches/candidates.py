"""应验证人员: whom a unit files for in a year, how each stands, and who is in no batch yet.

A unit files for its own people; of 卫生系列 also for those of the units that it supervises (notice 二(一): 卫生系列的由
主管单位在《医学继续教育证书》上填写, V3), and for everybody of those of them that have no clerk (filers.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery

from units.access import left_to
from units.models import Certificate, Employment, Person, Unit
from units.services.certificates import booklet_of, has_expired
from verification.ledger.registry import OnItsWay, on_their_way

from .facts import PREFETCHED, Year, booklet_kind, years_of
from .models import AnnualRecord, AnnualRecordQuerySet, Batch, Path


@dataclass(frozen=True)
class Candidate:
    """A person who is to be verified for a year: how it stands, what is on its way, the record if there is one."""

    person: Person
    now: Year
    awaited: list[OnItsWay]
    record: AnnualRecord | None
    is_held: bool = False  # an own person, in the draft of another unit: the own one's claim wins

    @property
    def booklet(self) -> Certificate | None:
        """The certificate in use; None where there is none yet."""
        return booklet_of(self.person.booklets, booklet_kind(self.now.path))  # type: ignore[attr-defined]

    @property
    def booklet_over(self) -> bool:
        """Has it expired, so that it is to be exchanged?"""
        return self.booklet is not None and has_expired(self.booklet)

    @property
    def employer_id(self) -> int:
        """The unit whose person it is: the one that files, or one that it supervises."""
        return int(self.person.employer)  # type: ignore[attr-defined]  # annotated by people_of

    @property
    def sums(self) -> dict[str, str]:
        """Hours or credits of the year by subject, `remote` and `total`, as decimal strings."""
        return self.now.sums

    @property
    def short(self) -> str:
        """What is missing, in one line; empty where the year is met or still open."""
        short = [f"{row.title}{row.conclusion}" for row in self.now.verdict.rows if row.css == "unmet"]
        return "，".join(short)

    @property
    def awaited_amount(self) -> Decimal:
        """Hours or credits that are still on their way, not counted in the sums (V1)."""
        return sum((each.amount for each in self.awaited if not each.is_sent_back), Decimal(0))

    @property
    def facts(self) -> dict[str, Any]:
        return self.now.facts

    @property
    def is_listed(self) -> bool:
        return self.record is not None and self.record.batch_id is not None and not self.is_held


def files_for(unit: Unit) -> Q:
    """Whose jobs a unit files, as a condition on employments: its own people's; of 卫生系列 those of the units that it
    supervises as well; everybody's of those that are left to it."""
    of_its_system = Q(unit__supervisor=unit, person__category=Person.Category.MEDICAL)
    return Q(unit=unit) | of_its_system | Q(unit__in=left_to([unit.pk]))


def only_by(unit: Unit) -> frozenset[int]:
    """The units for which nobody but this one files: itself, and those that are left to it. One query."""
    return frozenset((unit.pk, *left_to([unit.pk]).values_list("pk", flat=True)))


def people_of(unit: Unit, year: int, today: date) -> Any:
    """For whom the unit files: who works there today and was employed in the district during the year; of 卫生系列 also
    those of the units that it supervises. Each with `employer`, the id of the unit that employs them.

    Leavers are gone once they left; whoever came from another unit of the district is verified by the new one; who
    began only after the year has nothing to be verified.
    """
    running = Employment.objects.on(today).filter(files_for(unit), person=OuterRef("pk"))
    people = Person.objects.annotate(employer=Subquery(running.order_by("pk").values("unit")[:1]))
    return people.filter(employed_in_year(year, "pk"), employer__isnull=False).order_by("pinyin", "pk")


def employed_in_year(year: int, person: str) -> Exists:
    """Was the person (the name of that field) employed in the district at some time of the year?"""
    until = Q(ended_on=None) | Q(ended_on__gte=date(year, 1, 1))
    return Exists(Employment.objects.begun_by(date(year, 12, 31)).filter(until, person=OuterRef(person)))


def candidates(unit: Unit, year: int, today: date) -> list[Candidate]:
    """Everybody of the unit for a year, by name; the number of queries does not grow with the people."""
    people = list(people_of(unit, year, today).prefetch_related(*PREFETCHED))
    years = years_of(people, year)
    awaited = on_their_way(people, year)
    rows = AnnualRecord.objects.filter(person__in=[person.pk for person in people], year=year)
    records = {row.person_id: row for row in rows.select_related("batch__unit")}
    held = set(in_drafts_of_others(unit.pk, year).filter(person__in=people).values_list("person", flat=True))
    held &= {person.pk for person in people if person.employer == unit.pk}
    return [Candidate(p, years[p.pk], awaited.get(p.pk, []), records.get(p.pk), p.pk in held) for p in people]


def in_drafts_of_others(unit_id: int, year: int) -> AnnualRecordQuerySet:
    """The records of a year that stand in a draft of another unit, which has never handed it over."""
    drafts = Batch.objects.filter(state=Batch.State.DRAFT, first_submitted_at=None, year=year)
    rows: AnnualRecordQuerySet = AnnualRecord.objects.filter(batch__in=drafts.exclude(unit=unit_id))
    return rows


def on_path(found: Iterable[Candidate], path: str) -> list[Candidate]:
    """Those whose year goes this way (V4)."""
    return [each for each in found if each.now.path == Path(path)]


def paths_of(found: Iterable[Candidate], unit: Unit) -> dict[Path, int]:
    """The ways that those go whom nobody but the unit files and who are in no batch, most first, with how many: a batch
    for each."""
    units = only_by(unit)
    own = (each for each in unlisted(found) if each.employer_id in units)
    return dict(Counter(each.now.path for each in own).most_common())


def unlisted(found: Iterable[Candidate]) -> list[Candidate]:
    """Those who are in no batch (V3)."""
    return [each for each in found if not each.is_listed]

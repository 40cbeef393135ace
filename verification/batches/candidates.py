"""应验证人员: a unit's people of a year, how each stands, and who is in no batch yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q

from units.models import Certificate, Employment, Person, Unit
from units.services.certificates import booklet_of, has_expired
from verification.ledger.registry import OnItsWay, on_their_way

from .facts import PREFETCHED, Year, booklet_kind, years_of
from .models import AnnualRecord, Path


@dataclass(frozen=True)
class Candidate:
    """A person who is to be verified for a year: how it stands, what is on its way, the record if there is one."""

    person: Person
    now: Year
    awaited: list[OnItsWay]
    record: AnnualRecord | None

    @property
    def booklet(self) -> Certificate | None:
        """The certificate in use; None where there is none yet."""
        return booklet_of(self.person.booklets, booklet_kind(self.now.path))  # type: ignore[attr-defined]

    @property
    def booklet_over(self) -> bool:
        """Has it expired, so that it is to be exchanged?"""
        return self.booklet is not None and has_expired(self.booklet)

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
        return sum((each.amount for each in self.awaited), Decimal(0))

    @property
    def facts(self) -> dict[str, Any]:
        return self.now.facts

    @property
    def is_listed(self) -> bool:
        return self.record is not None and self.record.batch_id is not None


def people_of(unit: Unit, year: int, today: date) -> Any:
    """Who works in the unit today and was employed in the district during the year.

    Leavers are gone once they left; whoever came from another unit of the district is verified by the new one; who
    began only after the year has nothing to be verified.
    """
    running = Employment.objects.on(today).filter(person=OuterRef("pk"), unit=unit)
    return Person.objects.filter(Exists(running), employed_in_year(year, "pk")).order_by("pinyin", "pk")


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
    return [Candidate(p, years[p.pk], awaited.get(p.pk, []), records.get(p.pk)) for p in people]


def on_path(found: Iterable[Candidate], path: str) -> list[Candidate]:
    """Those whose year goes this way (V4)."""
    return [each for each in found if each.now.path == Path(path)]


def path_of_most(found: Iterable[Candidate]) -> Path | None:
    """The way that most of those go who are in no batch; None where there is nobody."""
    counted = Counter(each.now.path for each in unlisted(found)).most_common(1)
    return counted[0][0] if counted else None


def unlisted(found: Iterable[Candidate]) -> list[Candidate]:
    """Those who are in no batch (V3)."""
    return [each for each in found if not each.is_listed]

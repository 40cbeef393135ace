"""What the district knows of the people in a roster; reads only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from django.db.models import F

from units import id_numbers
from units.models import Certificate, Employment, Person, Title, Unit

from .outcome import KnownPerson

T = TypeVar("T")
_AT_ONCE = 500


def known_people(numbers: Iterable[str], unit: Unit) -> dict[str, KnownPerson]:
    """The known people among these ID numbers, as seen from the unit. Four queries for every 500 numbers."""
    known: dict[str, KnownPerson] = {}
    for chunk in _chunks(numbers, _AT_ONCE):
        known |= _known_chunk(chunk, unit)
    return known


def people_of(unit: Unit) -> list[dict[str, Any]]:
    """Who works in the unit now: person_id, name, department, started_on and title, by name. One query."""
    jobs = Employment.objects.filter(unit=unit, ended_on=None).order_by("person__pinyin", "person_id")
    titles = dict(
        Title.objects.filter(is_current=True, person__employments__in=jobs).values_list("person_id", "name").order_by()
    )
    rows = jobs.values("person_id", "department", "started_on", name=F("person__name"))
    return [{**row, "title": titles.get(row["person_id"], "")} for row in rows]


def _known_chunk(numbers: Sequence[str], unit: Unit) -> dict[str, KnownPerson]:
    by_hash = {id_numbers.lookup_hash(number): number for number in numbers}
    people = {person.pk: person for person in Person.objects.filter(id_hash__in=by_hash)}
    jobs = {job.person_id: job for job in Employment.objects.filter(person__in=people, ended_on=None)}
    titles = {title.person_id: title for title in Title.objects.filter(person__in=people, is_current=True)}
    certificates: dict[int, list[Certificate]] = {}
    for certificate in Certificate.objects.filter(person__in=people).order_by("pk"):
        certificates.setdefault(certificate.person_id, []).append(certificate)
    return {
        by_hash[person.id_hash]: _known(person, jobs.get(pk), titles.get(pk), certificates.get(pk, []), unit)
        for pk, person in people.items()
    }


def _known(
    person: Person, job: Employment | None, title: Title | None, certificates: Sequence[Certificate], unit: Unit
) -> KnownPerson:
    numbers = [certificate.number for certificate in certificates]
    return KnownPerson(
        person_id=person.pk,
        name=person.name,
        works_here=job is not None and job.unit_id == unit.pk,
        works_elsewhere=job is not None and job.unit_id != unit.pk,
        category=person.get_category_display(),
        title=title.name if title else "",
        level=title.get_level_display() if title else "",
        since=title.since if title else None,
        certificates=frozenset(numbers),
        certificate=numbers[-1] if numbers else "",
        department=job.department if job else "",
        note=person.note,
    )


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    remaining = iter(items)
    while chunk := list(islice(remaining, size)):
        yield chunk

"""People whose page can be written, and pages that are."""

from __future__ import annotations

from typing import Any

from luojiang_ce import clock
from tests.conftest import District
from tests.factories import UnitFactory
from tests.verification.batches.samples import YEAR, learned, staff
from units.models import Account, Certificate, Employment, Person, Unit
from verification.booklets.models import WrittenPage
from verification.booklets.rows import rows_of
from verification.booklets.services import mark_written, pages_of


def job_of(person: Person) -> Employment:
    return person.employments.select_related("person", "unit__supervisor").get(ended_on=None)


def a_hospital(district: District, **facts: Any) -> Unit:
    """Of the health bureau, which writes for it."""
    kind = {"nature": "medical", "medical_level": "second", "supervisor": district.health}
    return UnitFactory(**{"name": "洛江区清源卫生院", "short_name": "清源卫生院", **kind, **facts})


def a_doctor(hospital: Unit, name: str = "白若谷") -> Person:
    """With a medical booklet and 25 credits."""
    (person,) = staff(hospital, 1, booklet=False, category="medical")
    Person.objects.filter(pk=person.pk).update(name=name)
    person.refresh_from_db()
    Certificate.objects.create(person=person, kind="medical", number=f"医{person.pk:05d}")
    return person


def written(job: Employment, actor: Account, year: int = YEAR) -> WrittenPage:
    page = pages_of([job.person], year)[job.person_id]
    return mark_written(job=job, year=year, seen=page.mark, on=clock.today(), actor=actor)


def standing_of(person: Person, year: int = YEAR) -> str:
    return rows_of([job_of(person)], year)[0].standing


def more_hours(person: Person) -> None:
    learned(person, public="0", professional="6", title="农业面源污染防治培训班")

"""Who gets into the pages of sanctions."""

from __future__ import annotations

from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.access.matrix import AUDIT_ADMIN, BUREAU, CLERKS, NOBODY, OWN_UNIT, Row
from tests.units.sanctions.cases import sanction_of
from units.models import Employment

READERS = CLERKS | BUREAU | AUDIT_ADMIN
OFFICE = BUREAU | AUDIT_ADMIN
NEW_UNIT = frozenset({"neighbour"})


def drafted(district: District) -> list[int]:
    return [sanction_of(district).pk]


def in_force(district: District) -> list[int]:
    return [sanction_of(district, "in_force").pk]


def withdrawn_and_moved(district: District) -> list[int]:
    sanction = sanction_of(district, "withdrawn")
    Employment.objects.filter(person=sanction.person).update(unit=district.neighbour_unit)
    return [sanction.pk]


def in_force_and_moved(district: District) -> list[int]:
    sanction = sanction_of(district, "in_force")
    Employment.objects.filter(person=sanction.person).update(unit=district.neighbour_unit)
    return [sanction.pk]


def a_person(district: District) -> list[int]:
    person = person_in(district.unit)
    sanction_of(district, "in_force", person=person)
    return [person.pk]


ROWS = [
    Row("sanctions:list", READERS),
    Row("sanctions:export", READERS),
    Row("sanctions:begin", CLERKS),
    Row("sanctions:person", OWN_UNIT | OFFICE, a_person),
    Row("sanctions:sanction", OWN_UNIT, drafted),
    Row("sanctions:sanction", OWN_UNIT | OFFICE, in_force),
    Row("sanctions:sanction", OWN_UNIT | NEW_UNIT | OFFICE, in_force_and_moved),
    Row("sanctions:sanction", OWN_UNIT | OFFICE, withdrawn_and_moved),
    Row("sanctions:edit", OWN_UNIT, drafted),
    Row("sanctions:edit", NOBODY, in_force),
]

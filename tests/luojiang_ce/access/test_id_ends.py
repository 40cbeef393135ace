"""No page, workbook, form or sheet says so much of a person that fewer than a hundred ID numbers fit it (domain.md §6).

Every row of the access matrix, asked by everybody who gets in; of a PDF what it is set from.
"""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction
from django.test import Client

from tests.conftest import District
from tests.factories import id_number, person_in
from tests.id_ends import LEAST, given_away, remaining, text_of
from tests.luojiang_ce.access.matrix import Row, collect
from tests.luojiang_ce.access.test_matrix import all_signed_in
from units.models import Person
from units.services import correct_document

ROWS = [row for row in collect() if row.who]
# The act of showing the whole number: with a reason, limited, on record.
SHOWS_IT = {"post people:reveal"}


@pytest.mark.parametrize("row", [row for row in ROWS if str(row) not in SHOWS_IT], ids=str)
@pytest.mark.thorough
def test_what_a_page_says_of_a_person_fits_many_numbers(row: Row, district: District, printed: list[str]) -> None:
    staffed(district)
    address = row.address(district)
    printed.clear()
    people = list(Person.objects.all())
    said = {name: asked(row, address, client) for name, client in all_signed_in(district, row.who).items()}
    found = {name: given_away(text, people) for name, text in said.items()}
    found["printed"] = given_away("\n".join(printed), people)
    assert {name: each for name, each in found.items() if each} == {}


def staffed(district: District) -> None:
    """Somebody in two units, one of them with another document put in before."""
    for unit, day in ((district.unit, date(1979, 11, 23)), (district.neighbour_unit, date(1991, 4, 17))):
        person_in(unit, "仇远", number=id_number(birth=day, male=False))
    someone = person_in(district.unit, "莫知之", number=id_number(birth=date(1988, 8, 19)))
    number = id_number(birth=date(1988, 8, 9))
    why = f"录入有误，现为 {number}"
    correct_document(person=someone, kind="resident", number=number, reason=why, actor=district.handler)


def asked(row: Row, address: str, client: Client) -> str:
    """What the page says to this person; what it wrote is undone."""
    with transaction.atomic():
        said = text_of(getattr(client, row.method)(address, dict(row.data)))
        transaction.set_rollback(True)
    return said


@pytest.mark.parametrize(
    ("said", "enough"),
    [
        ("{head}********{four}", True),
        ("**************{four}，1985年3月", False),
        ("{four} … 1985-03", False),
        ("****************{two} 1985-03", True),
        ("****************{two} 1985/3/12", False),
        ("*****************{one} 19850312", False),
        ("1985年3月12日", True),
        ("{head}198503********", True),
        ("{head}19850312******", True),
        ("{head}19850312*****{one}", False),
        ("{whole}", False),
    ],
)
def test_the_count_knows_what_is_too_much(said: str, *, enough: bool) -> None:
    number = id_number(7)
    text = said.format(head=number[:6], whole=number, four=number[-4:], two=number[-2:], one=number[-1])
    assert (remaining(text, number) >= LEAST) is enough

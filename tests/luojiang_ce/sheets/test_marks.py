"""A copy says whose it is: in workbooks and printouts, never in a cell, never on an official paper."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from luojiang_ce import clock
from luojiang_ce.papers.form_pdf import form_printable
from luojiang_ce.papers.printouts import _laid_out, _marked
from luojiang_ce.sheets.entries import read_sheet
from luojiang_ce.sheets.filled import write_form
from luojiang_ce.sheets.marks import SHEET, mark_of
from luojiang_ce.sheets.writing import write_list
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.papers.reading import text_of
from tests.luojiang_ce.papers.samples import ROSTER as PRINTED
from tests.luojiang_ce.papers.samples import roster_row
from tests.units.views.helpers import browser
from units.roster.columns import ROSTER

pytestmark = pytest.mark.django_db


def test_every_list_says_who_took_it_and_when(district: District) -> None:
    person_in(district.unit, "温知故")
    response = browser(district.owner).get(reverse("people:export"))
    book = load_workbook(BytesIO(response.getvalue()))
    said = book.properties.description
    assert said.startswith(f"{district.owner.name}（{district.owner.username}）{clock.today()}")
    assert book.active.oddHeader.right.text == said
    assert book[SHEET]["A1"].value == said
    assert said not in [cell.value for row in book.active.iter_rows() for cell in row]


@pytest.mark.parametrize("write", [write_list, write_form])
def test_it_is_read_back_as_it_was(district: District, write) -> None:
    row = {"name": "温知故", "id_number": "99999919850312012X"}
    marked, plain = BytesIO(), BytesIO()
    write(ROSTER, [row], marked, mark=mark_of(district.owner))
    write(ROSTER, [row], plain)
    read = [read_sheet(file, ROSTER, max_entries=9) for file in (marked, plain)]
    assert (read[0].name, read[0].entries) == (read[1].name, read[1].entries)
    assert len(read[0].entries) == 1


def test_a_name_with_a_sign_of_the_header_stays_a_name(district: District) -> None:
    district.owner.name = "A&B"
    out = BytesIO()
    write_list(ROSTER, [], out, mark=mark_of(district.owner))
    assert load_workbook(out).active.oddHeader.right.text.startswith("A&&B")


def test_a_printout_has_it_on_each_page_and_a_hostile_name_ends_no_style(district: District) -> None:
    district.owner.name = 'Wen</style>"}'
    parts = _marked([form_printable(PRINTED, [roster_row(1)])], district.owner)
    said = text_of(_laid_out(parts, "花名册"))
    assert f"（{district.owner.username}）" in said
    assert "导出" in said


def test_a_name_that_begins_like_a_formula_is_a_text(district: District) -> None:
    district.owner.name = "=HYPERLINK(1)"
    out = BytesIO()
    write_list(ROSTER, [], out, mark=mark_of(district.owner))
    cell = load_workbook(out)[SHEET]["A1"]
    assert (cell.data_type, cell.value.startswith("=HYPERLINK(1)（")) == ("s", True)

"""The printed sheet: everything in its place, every line to somebody, and a code that says whose."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta

import cv2
import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from luojiang_ce.papers.rendering import render, render_joined
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.papers.reading import words
from tests.training.attendance.photographs.printed import CODE, FIRST, pages_for
from tests.training.factories import class_of, enrol
from training.attendance.photographs import layout
from training.attendance.photographs.code import FIRST_DAY, PREFIX, SheetCode, read_code
from training.attendance.photographs.paper import sheet_pages
from training.attendance.printing import sheets_of

MILLIMETRE = 72 / 25.4


def numbers_on(content: bytes, page: int = 0) -> list[int]:
    """The numbers in the first column."""
    right = layout.title_box("name").x
    return [int(w.text) for w in words(content, page) if re.fullmatch(r"\d+", w.text.strip()) and w.x < right]


@pytest.mark.notice("一(五)3")
@pytest.mark.parametrize("count", [0, 1, 18, 20, 21, 22, 23, 24, 41, 45, 46, 120])
def test_everybody_has_a_line_and_every_page_has_lines_to_sign(count: int) -> None:
    pages = pages_for([f"温{nth:03d}" for nth in range(count)])
    codes = [rows_of(page.context["code_text"]) for page in pages]
    assert [row for rows in codes for row in rows] == list(range(FIRST, FIRST + count))
    assert all(page.context["rows"] for page in pages)
    spare = sum(len(page.context["rows"]) for page in pages) - count
    assert 2 <= spare <= 5
    assert all(len(page.context["rows"]) <= layout.ROWS for page in pages)
    assert [page.context["page"] for page in pages] == list(range(1, len(pages) + 1))


def rows_of(text: str) -> tuple[int, ...]:
    code = read_code(text)
    assert code
    assert code.key == CODE.key
    return code.rows


def test_every_page_is_one_sheet_and_its_lines_stand_where_the_reader_looks() -> None:
    pages = pages_for(["温知故", "古丽米热·阿卜杜热合曼·买买提"] * 20, unit="洛江区万安街道社区卫生服务中心" * 4)
    joined = render_joined(pages, "签到表")
    assert joined.pages == len(pages) == 2
    with pikepdf.open(io.BytesIO(joined.content)) as pdf:
        assert [round(float(edge) / MILLIMETRE) for edge in pdf.pages[0].mediabox[2:]] == [210, 297]
    assert numbers_on(joined.content) == list(range(1, 24))
    for nth, word in enumerate(w for w in words(joined.content) if re.fullmatch(r"\d+", w.text.strip()) and w.x < 21):
        cell = layout.cell_box(nth, "number")
        assert cell.y < word.y < cell.y + cell.height


def test_the_marks_are_those_that_the_reader_knows() -> None:
    known = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
    for number, pattern in enumerate(layout.PATTERNS):
        drawn = cv2.aruco.generateImageMarker(known, number, 6, borderBits=1)
        inner = ["".join("1" if field else "0" for field in line[1:5]) for line in drawn[1:5]]
        assert tuple(inner) == pattern


def test_nothing_on_the_page_lies_over_anything_else() -> None:
    cells = [layout.cell_box(row, column) for row in range(layout.ROWS) for column in layout.WIDTHS]
    titles = [layout.title_box(column) for column in layout.WIDTHS]
    boxes = [*layout.MARKS, layout.CODE, layout.PAGE_NUMBER, layout.HEAD, layout.FOOT, *titles, *cells]
    for nth, one in enumerate(boxes):
        assert one.x >= 9
        assert one.x + one.width <= layout.PAGE.width - 9
        assert one.y + one.height <= layout.PAGE.height - 9
        for other in boxes[nth + 1 :]:
            apart = (
                one.x + one.width <= other.x + 1e-6
                or other.x + other.width <= one.x + 1e-6
                or one.y + one.height <= other.y + 1e-6
                or other.y + other.height <= one.y + 1e-6
            )
            assert apart, (one, other)


def test_the_longest_texts_stay_within_their_cells() -> None:
    page = pages_for(["买买提吐尔逊" * 8], unit="洛江区" * 33)[0]
    content = render(page).content
    free = layout.free_box(0, "name")
    cell = layout.cell_box(0, "name")
    inside = [w for w in words(content) if cell.y < w.y < cell.y + cell.height and cell.x < w.x < free.x + free.width]
    assert inside
    assert all(w.x < free.x for w in inside)


codes = st.builds(
    SheetCode,
    application=st.integers(1, 2**40),
    date=st.integers(0, 20_000).map(lambda days: FIRST_DAY + timedelta(days=days)),
    half_day=st.sampled_from(("morning", "afternoon", "evening")),
    page=st.integers(1, 400),
    pages=st.integers(1, 400),
    rows=st.lists(st.integers(1, 2**40), unique=True, max_size=23).map(lambda rows: tuple(sorted(rows))),
)


class TestCode(TestCase):
    @given(codes)
    def test_a_code_says_what_was_written(self, code: SheetCode) -> None:
        assert read_code(code.printed) == code

    @given(codes, st.data())
    def test_a_letter_that_was_misread_is_noticed(self, code: SheetCode, data: st.DataObject) -> None:
        text = code.printed
        place = data.draw(st.integers(len(PREFIX), len(text) - 1))
        other = data.draw(
            st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567").filter(lambda letter: letter != text[place])
        )
        misread = read_code(text[:place] + other + text[place + 1 :])
        # The last letter has bits that say nothing.
        assert misread is None or (misread == code and place == len(text) - 1)

    @given(st.text(max_size=200))
    def test_no_other_code_is_one(self, text: str) -> None:
        assert read_code(text) is None
        assert read_code(PREFIX + text) is None


def test_a_paper_outlives_a_change_of_keys(settings) -> None:
    printed = CODE.printed
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-key"
    assert read_code(printed) == CODE
    settings.SECRET_KEY_FALLBACKS = []
    assert read_code(printed) is None


@pytest.mark.django_db
def test_the_lines_of_a_class_are_its_trainees_now(district: District) -> None:
    course = class_of(district.unit, opens_on=date(2026, 5, 11), days=1)
    trainees = [enrol(course, person_in(district.unit, f"温知{chr(0x4E00 + nth)}")) for nth in range(30)]
    trainees[3].removed_at, trainees[3].removed_reason = course.first_submitted_at, "退出"
    trainees[3].save()
    pages = sheets_of(course, {"slot": "2026-05-11_afternoon"})
    found = [read_code(page.context["code_text"]) for page in pages]
    assert [(code.application, code.date, code.half_day, code.page, code.pages) for code in found if code] == [
        (course.pk, date(2026, 5, 11), "afternoon", 1, 2),
        (course.pk, date(2026, 5, 11), "afternoon", 2, 2),
    ]
    assert [row for code in found if code for row in code.rows] == [t.pk for t in trainees if t.removed_at is None]
    assert len(sheets_of(course, {})) == 4


def test_an_empty_class_has_lines_too() -> None:
    assert len(sheet_pages({}, [], CODE)[0].context["rows"]) == 5

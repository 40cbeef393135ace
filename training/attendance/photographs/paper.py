"""The printed sign-in sheet of a half-day (product.md A2), page by page: signed by hand, then photographed or scanned.

What stands where is said in `layout`, by which photographs are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import segno
from django.utils.safestring import SafeString, mark_safe

from luojiang_ce.papers.printable import Printable

from . import layout
from .code import SheetCode

TEMPLATE = "training_attendance/print/sheet.html"
TITLE = "洛江区专业技术人员继续教育培训签到表"
# notice 一(五)3: at least one sign-in and one sign-out per half-day
TITLES = {
    "number": "序号",
    "name": "姓名",
    "unit": "单位",
    "in_time": "签到时间",
    "in": "签到签名",
    "out_time": "签退时间",
    "out": "签退签名",
}
SPARE_LINES = 5  # for those who come without being on the list
FEWEST_SPARE = 2
POINT = 25.4 / 72  # millimetres
PADDING = 1.5  # millimetres beside a text
# Sizes in points, the first at which a text fits, and how many lines of it a row takes. None is below 9 points: what is
# longer is narrowed, and what is longer still loses its middle.
SIZES = {"number": ((10.5, 1),), "name": ((11.0, 1), (9.0, 2)), "unit": ((9.0, 2),)}
NARROWEST = 0.55

Person = Mapping[str, Any]  # enrolment (its id), name, unit


def sheet_pages(head: Mapping[str, Any], people: Sequence[Person], code: SheetCode) -> list[Printable]:
    """The pages of one half-day; `head`: training, date, half, place, teacher, keeper. `code` says class and half-day,
    the people come in the order of their enrolments."""
    parts = [people[at : at + layout.ROWS] for at in range(0, max(len(people), 1), layout.ROWS)]
    if layout.ROWS - len(parts[-1]) < FEWEST_SPARE:
        parts.append([])
    return [_page(head, part, code, nth, len(parts), len(people)) for nth, part in enumerate(parts)]


def _page(
    head: Mapping[str, Any], people: Sequence[Person], code: SheetCode, nth: int, pages: int, total: int
) -> Printable:
    rows = tuple(person["enrolment"] for person in people)
    on_paper = SheetCode(code.application, code.date, code.half_day, nth + 1, pages, rows)
    spare = min(SPARE_LINES, layout.ROWS - len(people)) if nth + 1 == pages else 0
    lines = [*people, *({} for _ in range(spare))]
    context = {
        "heading": TITLE,
        "head": {**head, "expected": total},
        "page": nth + 1,
        "pages": pages,
        "boxes": {"head": layout.HEAD, "foot": layout.FOOT, "code": layout.CODE, "page": layout.PAGE_NUMBER},
        "code_text": on_paper.printed,
        "code": _code_svg(on_paper.printed),
        "marks": _marks_svg(),
        "titles": [(layout.title_box(column), title) for column, title in TITLES.items()],
        "rows": [list(_cells(row, nth * layout.ROWS + row + 1, person)) for row, person in enumerate(lines)],
        "column_count": len(TITLES),
    }
    return Printable(TEMPLATE, context, "signin", f"{TITLE} {head.get('training', '')}")


def _cells(row: int, number: int, person: Person) -> Iterator[dict[str, Any]]:
    texts = {"number": str(number), "name": person.get("name", ""), "unit": person.get("unit", "")}
    for column in TITLES:
        text, box = texts.get(column, ""), layout.cell_box(row, column)
        room = box.width - layout.FREE.get(column, 0) - PADDING
        yield {"box": box, "column": column, "room": room, **(_set(column, text, room) if text else {})}


def _set(column: str, text: str, room: float) -> dict[str, Any]:
    """The text as it fits its cell, so much `room` across: its size, how narrow it is set, and from which width."""
    width = _width(text)
    for size, lines in SIZES[column]:
        holds = _holds(size, lines, room)
        if width <= holds:
            return {"text": text, "size": size, "narrow": 1.0, "wide": room}
    narrow = max(NARROWEST, round(holds / width, 3))
    return {"text": _shortened(text, holds / narrow), "size": size, "narrow": narrow, "wide": room / narrow}


def _holds(size: float, lines: int, room: float) -> float:
    """How many characters so many lines hold; each but the last may end one early, where a mark cannot begin a line."""
    return lines * (room / (size * POINT)) - (lines - 1)


def _shortened(text: str, most: float) -> str:
    """The text without its middle where it is wider than `most` characters: units differ at their ends."""
    kept, shorter = len(text), text
    while _width(shorter) > most:
        kept -= 1
        shorter = f"{text[: kept - kept // 2]}…{text[len(text) - kept // 2 :]}"
    return shorter


def _width(text: str) -> float:
    return sum(0.55 if character.isascii() else 1 for character in text)


def _code_svg(text: str) -> SafeString:
    code = segno.make(text, micro=False, error="m")
    svg = code.svg_inline(border=0, omitsize=True, lineclass=None, dark="#000", title="这一页的二维码")
    return mark_safe(svg)  # noqa: S308  modules only


def _marks_svg() -> SafeString:
    fields = (box for mark in range(len(layout.MARKS)) for box in layout.black_fields(mark))
    path = "".join(f"M{box.x:.3f} {box.y:.3f}h{box.width:.3f}v{box.height:.3f}h-{box.width:.3f}z" for box in fields)
    view = f"0 0 {layout.PAGE.width} {layout.PAGE.height}"
    said = "<title>四角的定位标记</title>"
    return mark_safe(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}">{said}<path d="{path}"/></svg>')  # noqa: S308  numbers

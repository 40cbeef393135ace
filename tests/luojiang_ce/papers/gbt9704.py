"""GB/T 9704-2012, point by point, as a ruler finds it on a printed document. Each point yields what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from luojiang_ce.papers.document_numbers import parse
from luojiang_ce.papers.printable import Printable
from luojiang_ce.papers.rendering import lay_out, render
from luojiang_ce.papers.templatetags.papers_print import title_lines
from luojiang_ce.papers.title_words import pieces
from tests.luojiang_ce.papers.reading import MM
from tests.luojiang_ce.papers.ruler import Box, Glyph, Line, Sheet, in_seal, plain, sheets

EM = 16 / MM
STEP = 28 / MM
INK = 6 / MM  # of a line of 28 pt: what lies above and below its characters
DAY = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日")
LEVELS = {
    "SimHei": re.compile(r"[一二三四五六七八九十]+、"),
    "KaiTi_GB2312": re.compile(r"（[一二三四五六七八九十]+）"),
    "FangSong_GB2312": re.compile(r"\d+\.|（\d+）"),
}


@dataclass(frozen=True)
class Asked:
    """A run of text and the family that the style asks for first."""

    text: str
    family: str
    size: float


@dataclass(frozen=True)
class Document:
    """A printed document: what lies on its pages, and what was asked of the fonts."""

    name: str
    content: bytes
    asked: tuple[tuple[Asked, ...], ...]  # the runs of each block of text
    heads: tuple[str, ...] = ()  # of its table
    rows: tuple[tuple[str, ...], ...] = ()  # what the cells of its table say

    @cached_property
    def sheets(self) -> list[Sheet]:
        return sheets(self.content)

    @cached_property
    def areas(self) -> list[Box]:
        """The text area of each page; a page across is one that was turned."""
        return [Box(28, 37, 184, 262) if sheet.height > sheet.width else Box(35, 28, 260, 184) for sheet in self.sheets]

    def inside(self, page: int) -> list[Line]:
        """The lines of the text area of a page."""
        area = self.areas[page]
        return [
            line
            for line in self.sheets[page].lines
            if area.top < line.y < area.bottom + 0.5 and not in_seal(line.glyphs[0])
        ]

    @cached_property
    def head(self) -> Line:
        return next(line for line in self.sheets[0].lines if line.glyphs[0].colour == (0.82, 0.01, 0.11))

    @cached_property
    def number(self) -> Line:
        return next(line for line in self.sheets[0].lines if line.y > self.head.y)

    @cached_property
    def rule(self) -> Box:
        return next(bar for bar in self.sheets[0].bars if bar.colour == (0.82, 0.01, 0.11))

    @cached_property
    def title(self) -> list[Line]:
        return [line for line in self.sheets[0].lines if line.size == 22 and line.y > self.number.y]

    @cached_property
    def signed_page(self) -> int:
        return max(page for page in range(len(self.sheets)) if self._dates(page))

    def _dates(self, page: int) -> list[Line]:
        return [line for line in self.inside(page) if line.size == 16 and DAY.fullmatch(line.text)]

    @cached_property
    def date(self) -> Line:
        return self._dates(self.signed_page)[-1]

    @cached_property
    def issuer(self) -> Line:
        return next(line for line in reversed(self.inside(self.signed_page)) if line.y < self.date.y - 1)

    @cached_property
    def text_above(self) -> Line:
        """The last line before issuer and date."""
        return [line for line in self.inside(self.signed_page) if line.y < self.issuer.y - 1][-1]

    @cached_property
    def body(self) -> list[list[Line]]:
        """The lines of the text, page by page, up to issuer and date: those of 16 pt."""
        said = []
        for page in range(self.signed_page + 1):
            first = self.title[-1].y if page == 0 else 0
            last = self.issuer.y - 1 if page == self.signed_page else 999
            said.append([line for line in self.inside(page) if first < line.y < last and line.size == 16])
        return said

    @cached_property
    def numbers(self) -> list[list[Glyph]]:
        """The number of each page, as it stands below the text area (or beside it where the page was turned)."""
        return [
            [g for g in sheet.glyphs if g.size == 14 and g.text.strip() and not _within(area, g)]
            for sheet, area in zip(self.sheets, self.areas, strict=True)
        ]

    @cached_property
    def record_pages(self) -> list[int]:
        """Pages that hold nothing but the 版记."""
        return [page for page in range(len(self.sheets)) if {line.size for line in self.inside(page)} == {14}]

    @cached_property
    def text(self) -> str:
        """All that stands in the text areas, cell by cell and line by line."""
        return "\n".join(line.text for page in range(len(self.sheets)) for line in self.inside(page))


def measured(name: str, printable: Printable) -> Document:
    """A document printed as it is when it is issued."""
    shown = printable.context
    heads = tuple(plain(head.title) for line in shown.get("heads", ()) for head in line)
    rows = tuple(tuple(plain(cell.text) for cell in line.cells) for line in shown.get("rows", ()))
    asked = tuple(_asked(lay_out(printable, {})))
    return Document(name, render(printable).content, asked, heads, rows)


def _asked(made: Any) -> Iterator[tuple[Asked, ...]]:
    for page in made.pages:
        blocks: dict[Any, list[Asked]] = {}
        seen: set[int] = set()  # a line within a line (the date) is the outer one's
        for parent in page._page_box.descendants():
            if type(parent).__name__ == "LineBox":
                runs = [box for box in parent.descendants() if type(box).__name__ == "TextBox" and id(box) not in seen]
                seen.update(id(box) for box in runs)
                blocks.setdefault(parent.element, []).extend(_run(box) for box in runs)
        yield from (tuple(runs) for runs in blocks.values())


def _run(box: Any) -> Asked:
    return Asked(box.text, box.style["font_family"][0], round(box.style["font_size"] * 0.75, 1))


def _within(area: Box, glyph: Glyph) -> bool:
    return area.left - 1 < glyph.x < area.right + 1 and area.top < glyph.y < area.bottom + 1


def _near(found: float, wanted: float, within: float = 0.5) -> bool:
    return abs(found - wanted) <= within


Faults = Iterator[str]


def point_1(d: Document) -> Faults:
    """A4."""
    for sheet in d.sheets:
        if not (_near(min(sheet.width, sheet.height), 210) and _near(max(sheet.width, sheet.height), 297)):
            yield f"a page of {sheet.width:.1f} × {sheet.height:.1f}"


def point_2(d: Document) -> Faults:
    """Left margin 28, right 26; a full line ends within 1 mm of the right edge."""
    for page, area in enumerate(d.areas):
        for line in d.inside(page):
            if line.start < area.left - 0.5 or line.end > area.right + 0.5:
                yield f"{line.text} from {line.start:.1f} to {line.end:.1f}"
    for line in (line for page in d.body for line in page):
        if sum(not glyph.text.isascii() for glyph in line.glyphs) == 28 and not _near(line.end, 184, 1):
            yield f"a full line ends at {line.end:.1f}: {line.text}"


def point_3(d: Document) -> Faults:
    """Top 37, bottom 35: the first line of a page of text, and no room for another below the last one of a full one."""
    for lines in d.body[1:]:
        if lines and not _near(lines[0].top, 37 + INK, 1) and lines[0].y < 50:
            yield f"the first line begins at {lines[0].top:.1f}"
    for page, area in enumerate(d.areas):
        for line in d.inside(page):
            if line.bottom > area.bottom + 0.5:
                yield f"{line.text} ends at {line.bottom:.1f}"


def point_4(d: Document) -> Faults:
    """22 lines a page, 28 pt apart."""
    for number, lines in enumerate(d.body):
        for before, after in pairwise(lines):
            steps = (after.y - before.y) / STEP
            if steps > 0.1 and not _near(steps, round(steps), 0.03) and not _table_between(d, number, before, after):
                yield f"{after.text} {steps:.2f} lines below {before.text}"
        if len(lines) > 22:
            yield f"{len(lines)} lines on page {number + 1}"
    for number, lines in enumerate(d.body[:-1]):
        if number == d.signed_page - 1 and len(d.body[d.signed_page]) <= 2:
            continue  # the last lines went with issuer and date
        full = 22 if number else int((262 - lines[0].y + 20.9 / MM) / STEP) if lines else 0
        if lines and not _others(d, number) and len(lines) < full - 1:
            yield f"only {len(lines)} lines of {full} on page {number + 1}"


def _others(d: Document, page: int) -> bool:
    return any(line.size not in (16, 22, 14) and line.size < 22 for line in d.inside(page))


def _table_between(d: Document, page: int, before: Line, after: Line) -> bool:
    return any(before.y < line.y < after.y and line.size != 16 for line in d.inside(page))


def point_5(d: Document) -> Faults:
    """28 characters a full line."""
    for line in (line for page in d.body for line in page):
        chinese = sum(not glyph.text.isascii() for glyph in line.glyphs)
        if chinese > 28:
            yield f"{chinese} characters in {line.text}"


def point_6(d: Document) -> Faults:
    """No gap inside a line wider than half a character."""
    for line in (line for page in range(len(d.sheets)) for line in d.inside(page)):
        if line.size >= 16 and max(line.gaps, default=0) > 0.5 * line.size / MM:
            yield f"a gap of {max(line.gaps):.1f} in {line.text}"


def point_7(d: Document) -> Faults:
    """Body 16 pt in 仿宋."""
    families = {run.family for block in d.asked for run in block if run.size == 16}
    yield from (f"text in {family}" for family in families - set(LEVELS))
    said = sum(len(line.text) for page in d.body for line in page)
    if not said:
        yield "no text of 16 pt"


def point_8(d: Document) -> Faults:
    """The head begins 35 below the top of the text area."""
    if not _near(d.head.top, 37 + 35):
        yield f"the head begins at {d.head.top:.1f}"


def point_9(d: Document) -> Faults:
    """The head is the largest type, as wide as the text area, condensed rather than small."""
    size = d.head.size / MM
    tall = d.head.bottom - d.head.top
    largest = max(glyph.size for sheet in d.sheets for glyph in sheet.glyphs)
    if d.head.size < largest or size > 22.05 or (len(d.head.text) <= 16 and tall < 12):
        yield f"the head is {size:.1f} mm of size, its characters {tall:.1f} mm high"
    if size < 21.9 and not _near(d.head.end - d.head.start, 156, 1):
        yield f"the head is {d.head.end - d.head.start:.1f} mm wide"
    if not _near(d.head.middle, 106, 1):
        yield f"the head's middle is at {d.head.middle:.1f}"


def point_10(d: Document) -> Faults:
    """The number two empty lines below the head, centred."""
    between = d.number.top - d.head.bottom
    if not _near(between, 2 * STEP + INK, 1) or not _near(d.number.middle, 106) or d.number.size != 16:
        yield f"{between:.1f} between head and number, its middle at {d.number.middle:.1f}"


def point_11(d: Document) -> Faults:
    """A number like 泉洛政人社〔2026〕15号."""
    found = parse(d.number.text)
    if found is None or str(found) != d.number.text:
        yield d.number.text


def point_12(d: Document) -> Faults:
    """A red rule 4 below the number, as wide as the text area, 0.35 to 0.5 mm."""
    below = d.rule.top - d.number.bottom
    if not _near(below, 4) or not 0.35 <= round(d.rule.height, 2) <= 0.5:
        yield f"{below:.1f} below the number, {d.rule.height:.2f} thick"
    if not (_near(d.rule.left, 28) and _near(d.rule.right, 184)):
        yield f"from {d.rule.left:.1f} to {d.rule.right:.1f}"


def point_13(d: Document) -> Faults:
    """The title 22 pt, centred, two empty lines below the rule."""
    if not d.title:
        yield "no title of 22 pt"
        return
    between = d.title[0].top - d.rule.bottom
    if not _near(between, 2 * STEP + INK, 1):
        yield f"{between:.1f} below the rule"
    yield from (f"{line.text} at {line.middle:.1f}" for line in d.title if not _near(line.middle, 106, 1))


def point_14(d: Document) -> Faults:
    """The title is broken between words; the lines make a trapezoid or a diamond."""
    lines = [line.text for line in d.title]
    whole = "".join(lines)
    ends, at = set(), 0
    for piece in pieces(whole):
        at += len(piece)
        ends.add(at)
    at = 0
    for line in lines:
        at += len(line)
        if at not in ends and max(len(piece) for piece in pieces(whole)) <= 20:
            yield f"{line} ends within a word"
    if lines != list(title_lines(whole)):
        yield f"{lines} is not how the title was broken"
    widths = [line.end - line.start for line in d.title]
    if any(before > middle < after for before, middle, after in zip(widths, widths[1:], widths[2:], strict=False)):
        yield f"an hourglass: {lines}"


def point_15(d: Document) -> Faults:
    """No blanks between Chinese and digits."""
    for page in range(len(d.sheets)):
        shown = [glyph for glyph in d.sheets[page].glyphs if glyph.upright]
        for a, b, c in zip(shown, shown[1:], shown[2:], strict=False):
            same = a.y == b.y == c.y and a.size == b.size
            if same and _within(d.areas[page], a) and b.text.isspace() and _chinese_and_digit(a.text, c.text):
                yield f"a blank between {a.text} and {c.text}"


def _chinese_and_digit(a: str, c: str) -> bool:
    to_chinese = "\u4e00" <= c <= "\u9fff"
    if a.isdigit():
        return to_chinese
    return ("\u4e00" <= a <= "\u9fff" or a in "）：；，。") and (c.isdigit() or to_chinese)


def point_16(d: Document) -> Faults:
    """主送机关 flush left, with “：” at its end."""
    first = d.body[0]
    if not first or (first[0].start > 30 and not first[0].text.endswith("：")):
        return  # a document to nobody in particular
    told = next((line for line in first if line.text.endswith("：")), None)
    if told is None or not _near(first[0].start, 28):
        yield f"{first[0].text} at {first[0].start:.1f}"


def point_17(d: Document) -> Faults:
    """Paragraphs begin two characters in."""
    for line in (line for page in d.body for line in page):
        if not (_near(line.start, 28) or _near(line.start, 28 + 2 * EM)) and not _beside_note(d, line):
            yield f"{line.text} at {line.start:.1f}"


def _beside_note(d: Document, line: Line) -> bool:
    """A further line of the note of attachments stands below their names."""
    note = next((each for page in d.body for each in page if each.text.startswith("附件：")), None)
    return note is not None and line.start > note.start


def point_18(d: Document) -> Faults:
    """一、in 黑体, （一）in 楷体, 1. and （1）in 仿宋."""
    for block in d.asked:
        said = block[0].text if block else ""
        for family, level in LEVELS.items():
            if block and block[0].size == 16 and level.match(said) and block[0].family != family:
                yield f"{said[:12]} in {block[0].family}"


def point_19(d: Document) -> Faults:
    """The note of attachments one line below the text, two characters in; the attachment on a page of its own after the
    date, 附件 at its top left."""
    notes = [
        (page, nth)
        for page, lines in enumerate(d.body)
        for nth, line in enumerate(lines)
        if line.text.startswith("附件：")
    ]
    for page, nth in notes:
        line = d.body[page][nth]
        before = d.body[page][nth - 1] if nth else None
        if not _near(line.start, 28 + 2 * EM, 0.6) or (before and not _near(line.y - before.y, 2 * STEP)):
            yield f"the note at {line.start:.1f}"
    later = [page for page in range(d.signed_page + 1, len(d.sheets)) if page not in d.record_pages]
    for page in later:
        opens = d.inside(page)[0]
        if page == d.signed_page + 1 and not (opens.text == "附件" and _near(opens.start, d.areas[page].left, 1)):
            yield f"page {page + 1} begins with {opens.text}"
    if later and not notes:
        yield "an attachment that the text does not name"


def point_20(d: Document) -> Faults:
    """The date's right end four characters from the right edge; no leading zeros."""
    if not _near(d.date.end, 184 - 4 * EM) or re.search(r"年0|月0", d.date.text):
        yield f"{d.date.text} ends at {d.date.end:.1f}"


def point_21(d: Document) -> Faults:
    """The issuer above the date, centred on it."""
    if not _near(d.issuer.middle, d.date.middle, 1) or not _near(d.date.y - d.issuer.y, STEP):
        yield f"{d.issuer.text} at {d.issuer.middle:.1f}, the date at {d.date.middle:.1f}"


def point_22(d: Document) -> Faults:
    """The seal over issuer and date, centred on the date, its top within one line of the text above."""
    seals = d.sheets[d.signed_page].circles
    for seal in seals:
        if not _near(seal.middle, d.date.middle, 1):
            yield f"its middle at {seal.middle:.1f}, the date's at {d.date.middle:.1f}"
        if not (seal.top < d.issuer.top and d.date.bottom < seal.bottom):
            yield f"from {seal.top:.1f} to {seal.bottom:.1f}"
        below = seal.top - d.text_above.bottom
        if not -0.5 <= below <= STEP:
            yield f"{below:.1f} below {d.text_above.text}"
    if not seals:
        yield "no seal"


def point_23(d: Document) -> Faults:
    """No page holds only issuer, date or seal."""
    if d.issuer is d.inside(d.signed_page)[0]:
        yield f"page {d.signed_page + 1} begins with the issuer"
    for page in range(len(d.sheets)):
        if not d.inside(page):
            yield f"page {page + 1} is empty"


def point_24(d: Document) -> Faults:
    """“— 1 —”, 14 pt, 7 below the text area, odd pages right, even left, one character in; on a page across as if it
    were upright."""
    for page, (glyphs, sheet) in enumerate(zip(d.numbers, d.sheets, strict=True)):
        if "".join(glyph.text for glyph in glyphs) != f"—{page + 1}—":
            yield f"page {page + 1} has {''.join(glyph.text for glyph in glyphs)}"
            continue
        across = sheet.width > sheet.height
        # Turned back, the left of a page across is the bottom and its top is the left.
        begin, end = (glyphs[0].y, glyphs[-1].y + 14 / MM) if across else (glyphs[0].x, glyphs[-1].end)
        dash = (sheet.width - glyphs[0].x) if across else glyphs[0].y
        if not _near(dash - 0.36 * 14 / MM - 262, 7, 0.7):
            yield f"page {page + 1}: {dash - 262:.1f} below"
        at = 184 - 14 / MM - end if page % 2 == 0 else begin - 28 - 14 / MM
        if not _near(at, 0, 1):
            yield f"page {page + 1}: {at:.1f} off its place ({begin:.1f} to {end:.1f})"


def point_25(d: Document) -> Faults:
    """版记 at the foot of the last page, an even one, upright where it has that for itself: 抄送, 印发机关 and
    印发日期, 14 pt, one character in."""
    last = len(d.sheets) - 1
    area = d.areas[last]
    record = [line for line in d.inside(last) if line.size == 14]
    printed = next((line for line in record if line.text.endswith("印发")), None)
    if any(line.text.endswith("印发") for page in range(last) for line in d.inside(page) if line.size == 14):
        yield "版记 on a page that is not the last"
    if printed is None:
        return
    if last % 2 == 0 or (last in d.record_pages and d.sheets[last].width > d.sheets[last].height):
        yield f"版记 on page {last + 1}"
    if not _near(area.bottom, printed.bottom, 3) or not _near(printed.end, area.right - 14 / MM, 1):
        yield f"it ends at {printed.bottom:.1f}, {printed.end:.1f}"
    for line in record:
        if line is not printed and not _near(line.start, area.left + 14 / MM, 1):
            yield f"{line.text} at {line.start:.1f}"


def point_26(d: Document) -> Faults:
    """Header rows repeat on every page of a table; a row is not split."""
    said = ["".join(plain(glyph.text) for glyph in sheet.glyphs) for sheet in d.sheets]
    pages = [_page_of(row, said) for row in d.rows]
    yield from (f"the row {row} is on no page whole" for row, page in zip(d.rows, pages, strict=True) if page is None)
    for page in {each for each in pages if each is not None}:
        if missing := [head for head in d.heads if head not in said[page]]:
            yield f"page {page + 1} has no {missing}"


def _page_of(row: tuple[str, ...], said: list[str]) -> int | None:
    """The page on which each cell of the row stands; of equal rows the first."""
    return next((page for page, text in enumerate(said) if all(cell in text for cell in row)), None)


def point_27(d: Document) -> Faults:
    """Plain words."""
    said = d.text.replace("\n", "")
    for wrong in ("（（", "））", "，，", "。。", ","):
        if wrong in said:
            yield f"{wrong} in {said[max(0, said.index(wrong) - 12) : said.index(wrong) + 12]}"
    if found := re.search(r"(?<![\d.])\d+\.0(?!\d)", said):
        yield f"{found[0]} in {said[max(0, found.start() - 12) : found.end() + 8]}"


POINTS: dict[int, Callable[[Document], Faults]] = {nth: globals()[f"point_{nth}"] for nth in range(1, 28)}

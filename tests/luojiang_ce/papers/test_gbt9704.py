"""Every official document of the product lies as GB/T 9704-2012 asks: each kind that is registered, as the demo has it,
and some made to be long, short or awkward."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import cycle, islice
from types import SimpleNamespace
from typing import Any

import pytest

from luojiang_ce.papers.content import Check, Stamp, qr_svg
from luojiang_ce.papers.form_pdf import OFFICIAL_WIDTH_MM, form_context
from luojiang_ce.papers.printable import Printable
from luojiang_ce.papers.seals import SealShape, seal_svg
from tests.luojiang_ce.papers.gbt9704 import POINTS, Document, measured
from tests.luojiang_ce.papers.of_the_demo import kinds, of_the_demo
from tests.luojiang_ce.papers.ruler import in_seal, plain, stand_ins, text_in
from tests.luojiang_ce.papers.samples import ISSUER, SEAL_NAME
from tests.luojiang_ce.papers.test_title_words import LONG
from training.plans.papers import PROJECTS

pytestmark = pytest.mark.thorough
FULL_LINE = "继续教育培训工作应当遵循统一规划分级管理按需施教注重实效"  # 28 characters without punctuation
SHAPE = SealShape(SEAL_NAME, "洛江区人力资源和社会保障局", "职业能力培训专用章", demo=True)
PROJECT = {
    "title": "设施蔬菜生产与病虫害绿色防控技术培训班",
    "organiser": "洛江区青麓农业技术推广中心",
    "audience": "农业技术推广人员",
    "sessions": 2,
    "people": 60,
    "period": "4月13日至4月17日",
    "place": "区农业农村综合楼三楼会议室",
    "public_amount": Decimal("12.0"),
    "professional_amount": Decimal(28),
    "fee": "300元/人（泉价〔2026〕1号）",
}
MADE: dict[str, dict[str, Any]] = {
    "short": {"paragraphs": ["现将有关事项通知如下。"]},
    "long": {"paragraphs": [FULL_LINE * 60]},
    "a short issuer": {"issuer": "洛江区教育局", "paragraphs": [FULL_LINE] * 3},
    "a very long issuer": {"issuer": f"{ISSUER}职业能力建设工作办公室", "paragraphs": [FULL_LINE]},
    "with attachments and 版记": {
        "paragraphs": ["一、培训时间：2026年3月2日。", "（一）地点。在本局。", "1.不收费。", "（1）自带教材。"],
        "enclosures": ["洛江区专业技术人员继续教育培训班课程表和参加培训的学员花名册", "师资简历"],
        "copy_to": "区委组织部，区教育局",
        "printed_by": ISSUER,
    },
    "with an attachment across": {
        "paragraphs": ["现将名单印发给你们，请遵照执行。"],
        "annex": "洛江区2026年度专业技术人员继续教育培训证书发放、验证花名册和各施教机构举办的培训班一览表",
        "enclosures": ["花名册"],
        "copy_to": "区委组织部，区教育局",
        "printed_by": ISSUER,
        **form_context(
            PROJECTS, [PROJECT | {"number": f"2026-JH-{nth:03d}"} for nth in range(60)], width_mm=OFFICIAL_WIDTH_MM
        ),
        "heading": "关于印发继续教育培训花名册的通知",
    },
    "typed in haste": {
        "paragraphs": [
            "你单位举办的 Python 数据分析 培训班,收费 1,200.00 元/人 (每期 60 人),现予准予;"
            "请于 2026 年 3 月 2 日 (暂定) 前办理。",
            "最迟（2026年3月2日（暂定））报送：见（编号 2026-C-0001）。",
        ],
        "heading": "关于准予“Python 数据分析与人工智能应用及农产品质量安全追溯平台操作实务高级研修培训班（第12期）”"
        "开班的通知（变更后）",
    },
}


TWO_AT_LEAST = {"plan_publication"}  # what it always says, its note of the attachment, issuer and date need two pages
# How many sentences of text and rows of a list, under which title (its own where none is said).
LENGTHS = {"on one page": (1, 1, ""), "on three pages": (22, 90, LONG)}


def made(name: str) -> Printable:
    url = "https://jxjy.luojiang.example/check/7K3Q-WD82-MX4P/"
    context = {
        "issuer": ISSUER,
        "paper": SimpleNamespace(
            number="泉洛政人社〔2026〕15号", title="关于公布 2026 年度培训项目的通知", dated=date(2026, 11, 3)
        ),
        "stamp": Stamp(seal_svg(SHAPE), SEAL_NAME, "", 20),
        "check": Check("7K3Q-WD82-MX4P", url, "https://jxjy.luojiang.example/check/", qr_svg(url)),
        "to": "各乡镇（街道），区直各单位",
        **MADE[name],
    }
    return Printable("papers/print/official.html", context, "official", "关于公布培训项目的通知")


_measured: list[Document] = []


@pytest.fixture
def documents(db: Any) -> list[Document]:
    """One of each kind and more, as the worker makes them of the demo's cases; measured once."""
    if not _measured:
        _measured.extend([measured(name, made(name)) for name in MADE] + [*_of_the_demo()])
    return _measured


def _of_the_demo() -> Iterator[Document]:
    seen = set[str]()
    for shown in of_the_demo():
        if shown.official:
            yield measured(shown.name, shown.printable)
            lengths = {} if shown.kind in seen else LENGTHS
            yield from (
                measured(f"{shown.kind} {name}", stretched(shown.printable, *lengths[name])) for name in lengths
            )
            seen.add(shown.kind)


def stretched(as_it_is: Printable, sentences: int, rows: int, heading: str) -> Printable:
    """The same document with so many sentences of text and rows of its list, under this title."""
    shown = dict(as_it_is.context)
    if heading:
        shown["heading"] = heading
    for text in {"paragraphs", "adjusted"} & shown.keys():
        shown[text] = [f"{FULL_LINE}。"] * sentences
    if "rows" in shown:
        repeated = islice(cycle(shown["rows"]), rows)
        shown["rows"] = [
            replace(line, anchor=f"row-{nth}", cells=[replace(line.cells[0], text=f"{nth}号"), *line.cells[1:]])
            for nth, line in enumerate(repeated)
        ]
    return replace(as_it_is, context=shown)


def test_there_is_one_of_every_kind(documents: list[Document]) -> None:
    """As it is, on one page and on three, with a long title and under an issuer of 16 characters."""
    by_name = {document.name: document for document in documents}
    wanted = {key for key, kind in kinds().items() if kind.style == "official"}
    assert len(wanted) >= 8
    for kind in wanted:
        assert any(name.startswith(f"{kind} ") and not name.endswith(tuple(LENGTHS)) for name in by_name)
        assert by_name[f"{kind} on one page"].signed_page == (kind in TWO_AT_LEAST)
        assert by_name[f"{kind} on three pages"].signed_page >= 2
        assert text_in(by_name[f"{kind} on three pages"].title) == LONG
        assert all(len(by_name[f"{kind} {length}"].issuer.text) == 16 for length in LENGTHS)


@pytest.mark.parametrize("point", POINTS, ids=lambda point: f"{point}")
def test_point_is_met_by_every_document(point: int, documents: list[Document]) -> None:
    found = [f"{document.name}: {fault}" for document in documents for fault in POINTS[point](document)]
    assert not found, "\n".join(found)


def test_the_smallest_type_is_9_points(documents: list[Document]) -> None:
    for document in documents:
        sizes = {g.size: g.text for sheet in document.sheets for g in sheet.glyphs if not in_seal(g)}
        assert min(sizes) >= 8.99, (document.name, sizes[min(sizes)])


def test_what_is_copied_is_what_was_set(documents: list[Document]) -> None:
    """Each character of each page, by the table that a reader of PDFs copies with; none is another that looks alike."""
    for document in documents:
        asked = Counter(plain("".join(run.text for block in document.asked for run in block)))
        copied = Counter(plain("".join(glyph.text for sheet in document.sheets for glyph in sheet.glyphs)))
        assert not asked - copied, (document.name, asked - copied)
        assert not stand_ins("".join(copied))


# What is changed of a style, and the points that find it.
SPOILT = {
    "@page { size: 200mm 297mm }": {1},
    "@page { margin-left: 25mm }": {2},
    "@page { margin-top: 40mm }": {3},
    ".body p { line-height: 30pt }": {4},
    ".body p { letter-spacing: -1.5pt }": {5},
    ".body p { word-spacing: 12pt }": {6},
    ".body p { font-family: serif }": {7},
    ".red-head { padding-top: 33mm }": {8},
    ".red-head { font-size: 20pt !important }": {9},
    ".doc-number { margin-top: 40pt }": {10},
    ".red-rule { height: .75mm }": {12},
    ".red-rule { margin-top: 6mm }": {12},
    ".doc-title { font-size: 20pt }": {13},
    ".doc-title .line { white-space: normal; width: 60mm }": {14},
    ".to { text-indent: 2em }": {16},
    ".body p { text-indent: 1em }": {17},
    ".hei { font-family: serif }": {18},
    ".enclosures { margin-top: 0 }": {19},
    ".dated { margin-right: 50pt }": {20},
    ".dated .issuer { left: 60% }": {21},
    ".dated .over { left: 60% }": {22},
    ".sealing { break-before: page }": {23},
    "@page :right { @bottom-right { padding-top: 6mm } }": {24},
    ".record { bottom: 20mm }": {25},
    ".body thead { display: table-row-group }": {26},
    ".body tr { break-inside: auto } .body td { height: 150mm }": {26},
}


@dataclass(frozen=True)
class Altered(Printable):
    """A document whose HTML was tampered with."""

    change: Callable[[str], str] = str

    def html(self, **part: Any) -> str:
        return self.change(super().html(**part))


@pytest.mark.parametrize("style", SPOILT)
def test_a_spoilt_document_is_found(style: str) -> None:
    def spoil(html: str) -> str:
        return html.replace("</body>", f"<style>{style}</style></body>").replace("自带教材", "自带 laptop and books")

    name = {3: "long", 5: "long", 26: "with an attachment across"}.get(min(SPOILT[style]), "with attachments and 版记")
    document = measured("spoilt", Altered(**vars(made(name)), change=spoil))
    assert {point for point in SPOILT[style] if not list(POINTS[point](document))} == set()


@pytest.mark.parametrize(
    ("point", "right", "wrong"),
    [
        (11, "〔2026〕15号", "[2026]第015号"),
        (15, "现将有关", "现将有关 60 人的"),
        (27, "现将有关", "现将有关（最迟三月（暂定））"),
        (27, "现将有关", "现将0.0学时"),
        (27, "现将有关", "现将,有关"),
    ],
)
def test_wrong_words_are_found(point: int, right: str, wrong: str) -> None:
    document = measured("wrong", Altered(**vars(made("short")), change=lambda html: html.replace(right, wrong)))
    assert list(POINTS[point](document))

"""An issued document measured with a ruler: GB/T 9704-2012 (domain.md §5)."""

import re
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from luojiang_ce.papers.content import Check, Stamp, qr_svg
from luojiang_ce.papers.printable import Printable
from luojiang_ce.papers.rendering import render, typeset
from luojiang_ce.papers.seals import SealShape, seal_svg
from luojiang_ce.papers.templatetags.papers_print import closed_up, levelled
from luojiang_ce.papers.whole_numbers import kept_whole
from tests.luojiang_ce.papers.reading import MM, Word, text_of, words
from tests.luojiang_ce.papers.samples import ISSUER, SEAL_NAME

SHAPE = SealShape(SEAL_NAME, "洛江区人力资源和社会保障局", "职业能力培训专用章", demo=True)
FULL_LINE = "继续教育培训工作应当遵循统一规划分级管理按需施教注重实效"  # 28 characters without punctuation
EM = 16 / MM


def official(paragraphs: list[str], **changes: Any) -> Printable:
    url = "https://jxjy.luojiang.example/check/7K3Q-WD82-MX4P/"
    context = {
        "issuer": ISSUER,
        "paper": SimpleNamespace(
            number="泉洛政人社〔2026〕15号", title="关于公布培训项目的通知", dated=date(2026, 11, 30)
        ),
        "stamp": Stamp(seal_svg(SHAPE), SEAL_NAME, "", 20),
        "check": Check("7K3Q-WD82-MX4P", url, "https://jxjy.luojiang.example/check/", qr_svg(url)),
        "to": "各乡镇（街道），区直各单位",
        "paragraphs": paragraphs,
        **changes,
    }
    return Printable("papers/print/official.html", context, "official", "关于公布培训项目的通知")


def document(paragraphs: list[str], **changes: Any) -> bytes:
    return render(official(paragraphs, **changes)).content


@pytest.fixture(scope="module")
def short() -> bytes:
    return document(["现将有关事项通知如下。"])


@pytest.fixture(scope="module")
def long() -> bytes:
    return document([FULL_LINE * 60])


def lines_of(content: bytes, page: int) -> list[Word]:
    return [w for w in words(content, page) if w.size == 16.0 and w.y < 262]


def test_signature_and_text_share_the_last_page():
    """GB/T 9704 forbids a last page with nothing but the signature."""
    for count in range(1, 26):
        content = document([FULL_LINE] * count)
        last = max(page for page in range(3) if _has_page(content, page))
        texts = [w.text for w in lines_of(content, last)]
        assert any(text in FULL_LINE for text in texts), count


def _has_page(content: bytes, page: int) -> bool:
    try:
        words(content, page)
    except IndexError:
        return False
    return True


def test_the_text_of_the_document_can_be_searched(short):
    text = text_of(short)
    assert SEAL_NAME in text
    assert "7K3Q-WD82-MX4P" in text
    assert "泉洛政人社〔2026〕15号" in text


def test_there_are_no_blanks_between_chinese_and_digits():
    written = "关于公布 2026 年度 培训项目的通知"
    content = document(["计划人数：50 人（最迟 2026年3月2日）。"], heading=written, enclosures=["表 1"])
    said = [w.text for w in words(content)]
    assert "关于公布2026年度培训项目的通知" in said
    assert "计划人数：50人（最迟2026年3月2日）。" in said
    assert "附件：表1" in text_of(content)
    assert closed_up("学习 Python 语言") == "学习 Python 语言"
    assert closed_up("1. 弄虚作假，满 3.5 小时") == "1.弄虚作假，满3.5小时"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("讲师有事,改期;详见附表", "讲师有事，改期；详见附表"),
        ("泉价(2026)1号,1,200 元/人 (含教材)", "泉价（2026）1号，1200元/人（含教材）"),
        ("实训楼301,302室,共1,200,000元", "实训楼301,302室，共1200000元"),
        ("上午8:30至11:30,讲f(x)和Room(3)", "上午8:30至11:30，讲f(x)和Room(3)"),
        ("最迟（2月3日（暂定））", "最迟（2月3日，暂定）"),
        ("见（《通知》一、（五））", "见（《通知》一、（五））"),
        ("", ""),
    ],
)
def test_what_was_typed_in_haste_is_set_with_the_marks_of_documents(typed, said):
    assert closed_up(typed) == said


@pytest.mark.parametrize(
    ("title", "first"),
    [
        ("关于公布2026年度专业技术人员继续教育培训项目的通知", "关于公布2026年度专业技术人员"),
        ("关于准予“设施蔬菜生产与病虫害绿色防控（第12期）”开班的通知", "关于准予“设施蔬菜生产与病虫害"),
    ],
)
def test_the_lines_of_a_title_end_between_words(title, first):
    lines = [w for w in words(document(["正文。"], heading=title)) if w.size == 22.0]
    assert "".join(w.text for w in lines) == title
    assert "".join(w.text for w in lines if w.y < lines[0].y + 1) == first


def test_what_a_title_says_is_only_text():
    assert "<b>甲</b>" in text_of(document(["正文。"], heading="<b>甲</b>培训班"))


@pytest.mark.parametrize("shift", range(12))
@pytest.mark.parametrize(
    "number", [("2026-C-0010",), ("泉洛政人社", "〔2017〕27号")], ids=["of a case", "of a document"]
)
def test_no_line_ends_within_a_number_but_before_its_year(shift, number):
    said = f"{FULL_LINE[: 14 + shift]}（依据{''.join(number)}），收悉。"
    lines = lines_of(document([said]), 0)
    assert all([w for w in lines if part in w.text] for part in number)
    assert not [w for w in lines if w.text[0] in "），"], "nor does one begin with what belongs to the line before"


def test_a_number_leaves_no_line_half_empty():
    """As it would where it were kept whole behind a title that just fits: what follows looked like a new paragraph."""
    said = "根据《洛江区人力资源和社会保障局关于规范开展专业技术人员继续教育培训和年度验证工作的通知》"
    lines = lines_of(document([f"{said}（泉洛政人社〔2017〕27号）要求，经审核汇总。"]), 0)
    begins = next(nth for nth, line in enumerate(lines) if line.text.startswith("根据"))
    before, code, number = lines[begins + 1 : begins + 4]
    assert (code.text, code.y) == ("（泉洛政人社", before.y)
    assert number.text.startswith("〔2017〕27号）")
    assert number.y > code.y


RECORD = {"printed_by": ISSUER, "copy_to": "区委组织部"}


@pytest.mark.parametrize("sentences", [1, 12, 34])
def test_the_record_stands_on_the_back_of_the_last_sheet(sentences):
    """GB/T 9704 7.4: the last page is an even one. Where the text ends on a front, the 版记 has the back for itself."""
    without = render(official([f"{FULL_LINE}。"] * sentences)).pages
    pages = render(official([f"{FULL_LINE}。"] * sentences, **RECORD)).content
    last = without + without % 2
    said = [w.text for w in words(pages, last - 1)]
    assert f"{ISSUER}2026年11月30日印发" in "".join(said)
    assert not _has_page(pages, last)
    assert (FULL_LINE in "".join(said)) == (last == without)


@pytest.mark.parametrize("style", ["official", "form", "page", "signin"])
@pytest.mark.parametrize("shift", range(0, 40, 5))
def test_no_paper_of_whatever_style_parts_the_number_of_a_document(style, shift):
    said = f"{(FULL_LINE * 2)[:shift]}依据泉洛政人社〔2017〕27号文件"
    html = '<p style="width: 110mm">{}</p><table><tr><td style="width: 75mm">{}</td></tr></table>'
    content = typeset(kept_whole(f'<body><div class="body">{html.format(said, said)}</div></body>'), style).write_pdf()
    said = [w.text for w in words(content)]
    whole = [text for text in said if "泉洛政人社〔2017〕27号" in text]
    # The text of a document, beside the table, may go on before the year.
    assert len(whole) == 2 or (
        style == "official" and len(whole) == 1 and any(t.startswith("〔2017〕27号") for t in said)
    )


@pytest.mark.parametrize(
    ("said", "whole"),
    [
        ("根据泉洛政人社〔2017〕27号文件", "泉洛政人社〔2017〕27号"),
        ("同意洛人社检决〔2026〕1号、泉经信〔2025〕3号", "泉经信〔2025〕3号"),
        ("见 2026-JC-0010 的记录", "2026-JC-0010"),
    ],
)
def test_a_number_is_told_from_the_words_before_it(said, whole):
    kept = kept_whole(f"<body><p>{said}</p></body>")
    assert f'<span class="docno">{whole}</span>' in re.sub(r"<span>([^<]*)</span>", r"\1", kept)


def test_numbers_in_tags_and_in_the_head_of_a_sheet_are_left_alone():
    html = '<title>关于洛人社检决〔2026〕1号</title><body><p title="洛人社检决〔2026〕1号">甲</p></body>'
    assert kept_whole(html) == html


def test_without_an_addressee_a_line_lies_between_title_and_text():
    content = document(["兹证明甲于本年度授课。"], to="", heading="授课证明")
    first = next(w for w in words(content) if "兹证明" in w.text)
    title = next(w for w in words(content) if w.text == "授课证明")
    assert first.y - title.y > 34 / MM + 15 / MM


def test_a_number_brings_its_heading_along_and_an_item_of_one_sentence_has_none() -> None:
    assert levelled("一、理由：与已办的班重复。") == '<span class="hei">一、理由</span>：与已办的班重复。'
    assert levelled("（一）地点。在本局。") == '<span class="kai">（一）地点</span>。在本局。'
    assert levelled("一、对你单位予以通报批评。") == '<span class="hei">一、</span>对你单位予以通报批评。'
    assert levelled("1.不收费。") == "1.不收费。"

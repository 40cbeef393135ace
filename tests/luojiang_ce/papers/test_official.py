"""An issued document measured with a ruler: GB/T 9704-2012 (domain.md §5)."""

from datetime import date
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from luojiang_ce.papers.content import Check, Stamp, qr_svg
from luojiang_ce.papers.printable import Printable
from luojiang_ce.papers.rendering import render, typeset
from luojiang_ce.papers.seals import SealShape, seal_svg
from luojiang_ce.papers.templatetags.papers_print import closed_up
from luojiang_ce.papers.whole_numbers import kept_whole
from tests.luojiang_ce.papers.reading import MM, Word, text_of, word, words
from tests.luojiang_ce.papers.samples import ISSUER, SEAL_NAME

SHAPE = SealShape(SEAL_NAME, "洛江区人力资源和社会保障局", "职业能力培训专用章", demo=True)
FULL_LINE = "继续教育培训工作应当遵循统一规划分级管理按需施教注重实效"  # 28 characters without punctuation
EM = 16 / MM


def document(paragraphs: list[str], **changes: Any) -> bytes:
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
    return render(Printable("papers/print/official.html", context, "official", "关于公布培训项目的通知")).content


@pytest.fixture(scope="module")
def short() -> bytes:
    return document(["现将有关事项通知如下。"])


@pytest.fixture(scope="module")
def long() -> bytes:
    return document([FULL_LINE * 60])


def lines_of(content: bytes, page: int) -> list[Word]:
    return [w for w in words(content, page) if w.size == 16.0 and w.y < 262]


def test_the_issuer_stands_35_mm_below_the_top_of_the_text_area(short):
    head = word(short, f"{ISSUER}文件")
    top = head.y - 0.86 * head.size / MM  # a Song character reaches 0.86 of its size above the baseline
    assert top == pytest.approx(37 + 35, abs=1.0)


def test_number_rule_and_title_follow_in_their_distances(short):
    issuer, number, title = (word(short, t) for t in ("文件", "泉洛政人社〔2026〕15号", "关于公布培训项目的通知"))
    assert (number.size, title.size) == (16.0, 22.0)
    assert number.y - issuer.y == pytest.approx(3 * 28 / MM, abs=2.5)  # two empty lines
    assert title.y - number.y == pytest.approx(4 + 3 * 28 / MM, abs=3)  # the rule 4 mm below, two empty lines


def test_titles_are_centred_in_the_text_area(short):
    for text, size in ((f"{ISSUER}文件", None), ("关于公布培训项目的通知", 22.0)):
        line = word(short, text)
        middle = line.x + len(text) * line.size / MM / 2
        assert middle == pytest.approx(28 + 156 / 2, abs=1.0)
        assert size in (None, line.size)


def test_body_lines_hold_28_characters_28_pt_apart(long):
    lines = lines_of(long, 1)
    assert {len(line.text) for line in lines[:-1]} == {28}
    steps = {round((b.y - a.y) * MM, 1) for a, b in pairwise(lines)}
    assert steps == {28.0}


def test_a_page_holds_22_lines_inside_the_text_area(long):
    lines = lines_of(long, 1)
    assert len(lines) == 22
    assert all(line.x == pytest.approx(28, abs=0.1) for line in lines)
    assert lines[0].y > 37
    assert lines[-1].y < 297 - 35


def test_page_numbers_stand_7_mm_below_outside_one_character_in(long):
    first, second = word(long, "1\u2002—", 0), word(long, "2\u2002—", 1)
    dash = first.y - 0.36 * 14 / MM  # the dash lies 0.36 of the size above the baseline
    assert dash - 262 == pytest.approx(7, abs=0.6)
    assert second.x == pytest.approx(28 + 14 / MM, abs=0.3)
    assert first.x > 150
    assert first.size == 14.0


def test_the_date_stands_four_characters_in_and_the_seal_upright_over_it(short):
    day = word(short, "2026年11月30日")
    right = 210 - 26 - 4 * EM
    width = (8 * 0.55 + 3) * EM
    assert day.x + width == pytest.approx(right, abs=2.0)
    mark = word(short, "样章")
    middle = mark.x + 2 * mark.size / MM / 2
    assert middle == pytest.approx((day.x + right) / 2, abs=1.0)
    signed = next(w for w in words(short) if w.size == 16.0 and ISSUER in w.text)
    assert day.y - signed.y == pytest.approx(28 / MM, abs=0.1)


def test_the_seal_begins_within_a_line_below_the_text(short):
    last = word(short, "现将有关事项通知如下。")
    day = word(short, "2026年11月30日")
    seal_top = word(short, "样章").y - 112 / 200 * 40  # where the drawing has the mark's baseline
    assert seal_top < day.y < seal_top + 40
    assert 0 <= seal_top - last.y <= 28 / MM


def test_an_issuer_longer_than_the_date_is_centred_over_it_but_stays_inside():
    content = document(["正文。"], issuer="洛江区教育局")
    day, issuer = word(content, "2026年11月30日"), [w for w in words(content) if w.text == "洛江区教育局"][-1]
    assert issuer.x + 3 * EM == pytest.approx(day.x + (210 - 26 - 4 * EM - day.x) / 2, abs=1.0)


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
    assert "附件：表1" in said
    assert closed_up("学习 Python 语言") == "学习 Python 语言"
    assert closed_up("1. 弄虚作假，满 3.5 小时") == "1.弄虚作假，满3.5小时"


@pytest.mark.parametrize(
    ("title", "first"),
    [
        ("关于公布2026年度专业技术人员继续教育培训项目的通知", "关于公布2026年度专业技术人员继续教育"),
        ("关于准予“设施蔬菜生产与病虫害绿色防控（第12期）”开班的通知", "关于准予“设施蔬菜生产与病虫害绿色防控"),
    ],
)
def test_the_lines_of_a_title_end_between_words(title, first):
    lines = [w for w in words(document(["正文。"], heading=title)) if w.size == 22.0]
    assert "".join(w.text for w in lines) == title
    assert "".join(w.text for w in lines if w.y < lines[0].y + 1) == first


def test_what_a_title_says_is_only_text():
    assert "<b>甲</b>" in text_of(document(["正文。"], heading="<b>甲</b>培训班"))


@pytest.mark.parametrize("shift", range(12))
@pytest.mark.parametrize("number", ["2026-C-0010", "泉洛政人社〔2017〕27号"])
def test_no_line_ends_within_a_number(shift, number):
    said = f"{FULL_LINE[: 14 + shift]}（依据{number}），收悉。"
    lines = lines_of(document([said]), 0)
    assert [w for w in lines if number in w.text]
    assert not [w for w in lines if w.text[0] in "），"], "nor does one begin with what belongs to the line before"


@pytest.mark.parametrize("style", ["official", "form", "page", "signin"])
@pytest.mark.parametrize("shift", range(0, 40, 5))
def test_no_paper_of_whatever_style_parts_the_number_of_a_document(style, shift):
    said = f"{(FULL_LINE * 2)[:shift]}依据泉洛政人社〔2017〕27号文件"
    html = '<p style="width: 110mm">{}</p><table><tr><td style="width: 75mm">{}</td></tr></table>'
    content = typeset(kept_whole(f'<body><div class="body">{html.format(said, said)}</div></body>'), style).write_pdf()
    assert len([w for w in words(content) if "泉洛政人社〔2017〕27号" in w.text]) == 2


@pytest.mark.parametrize(
    ("said", "whole"),
    [
        ("根据泉洛政人社〔2017〕27号文件", "泉洛政人社〔2017〕27号"),
        ("同意洛人社检决〔2026〕1号、泉经信〔2025〕3号", "泉经信〔2025〕3号"),
        ("见 2026-JC-0010 的记录", "2026-JC-0010"),
    ],
)
def test_a_number_is_told_from_the_words_before_it(said, whole):
    assert f'<span class="docno">{whole}</span>' in kept_whole(f"<body><p>{said}</p></body>")


def test_numbers_in_tags_and_in_the_head_of_a_sheet_are_left_alone():
    html = '<title>关于洛人社检决〔2026〕1号</title><body><p title="洛人社检决〔2026〕1号">甲</p></body>'
    assert kept_whole(html) == html


def test_without_an_addressee_a_line_lies_between_title_and_text():
    content = document(["兹证明甲于本年度授课。"], to="", heading="授课证明")
    first = next(w for w in words(content) if "兹证明" in w.text)
    title = next(w for w in words(content) if w.text == "授课证明")
    assert first.y - title.y > 34 / MM + 15 / MM

"""HTML → PDF: parts, joining, splitting, fonts, and that nothing is fetched."""

import io
import logging
import re
import socket
from types import SimpleNamespace
from typing import Any

import pikepdf
import pytest

from luojiang_ce.papers import rendering
from luojiang_ce.papers.content import check_of, printable, stamp_of
from luojiang_ce.papers.form_pdf import OpinionBox, form_printable
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.printable import Printable
from luojiang_ce.papers.rendering import STYLES, PackagedFetcher, render, render_each, render_joined
from luojiang_ce.papers.services import request_papers
from tests.factories import person_in
from tests.luojiang_ce.papers.reading import missing_glyphs, text_of, words
from tests.luojiang_ce.papers.ruler import sheets
from tests.luojiang_ce.papers.samples import NAMES, ROSTER, SEAL_NAME, boxes, roster_row, seal_of
from tests.training.attendance.photographs.printed import pages_for

pytestmark = pytest.mark.thorough
RARE = "𬭎䶮㛃"


def long_form(count: int, **changes):
    rows = [{**roster_row(number), "certificate": f"证{number:05d}止"} for number in range(count)]
    return form_printable(ROSTER, rows, head={"unit": "洛江区青麓农业技术推广中心"}, boxes=boxes(), **changes)


def pages_of(content: bytes) -> list[str]:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        count = len(pdf.pages)
    return [re.sub(r"\s", "", "".join(w.text for w in words(content, page))) for page in range(count)]


def test_a_long_list_in_parts_reads_as_if_made_at_once(monkeypatch):
    at_once = pages_of(render(long_form(130)).content)
    monkeypatch.setattr(rendering, "PART_ROWS", 40)
    told = []
    in_parts = render(long_form(130), lambda done, total: told.append((done, total)))
    pages = pages_of(in_parts.content)
    assert pages == at_once
    assert in_parts.pages == len(pages) > 5
    assert re.findall(r"证(\d{5})止", "".join(pages)) == [f"{n:05d}" for n in range(130)]
    assert told == sorted(told)
    assert told[-1] == (130, 130)


def test_each_page_of_a_list_repeats_the_head_and_says_its_number():
    pages = pages_of(render(long_form(40)).content)
    for number, page in enumerate(pages, 1):
        assert "专业技术职务、级别、任职时间" in page
        assert f"第{number}页" in page
    assert "区人社局验证意见" in pages[-1]
    assert all("区人社局验证意见" not in page for page in pages[:-1])


def test_a_list_without_rows_says_so():
    assert "本批没有人员" in text_of(render(form_printable(ROSTER, [], empty="本批没有人员")).content)


def test_grouped_heads_stand_over_their_columns():
    page = sheets(render(long_form(1)).content)[0]
    group, *below = (page.line(text) for text in ("卫生学分", "Ⅰ类", "全科"))
    assert all(group.y < w.y for w in below)


def test_rows_whose_template_gives_no_anchor_are_all_set(monkeypatch):
    monkeypatch.setattr(rendering, "PART_ROWS", 20)
    plain = long_form(50)
    rows = [SimpleNamespace(anchor="", cells=line.cells) for line in plain.context["rows"]]
    content = render(Printable(plain.template, {**plain.context, "rows": rows}, "form", "表")).content
    assert len(set(re.findall(r"证(\d{5})止", "".join(pages_of(content))))) == 50


def test_the_sides_of_the_page_numbers_run_on_over_the_parts(monkeypatch):
    monkeypatch.setattr(rendering, "PART_ROWS", 12)
    rows = [SimpleNamespace(text=f"第{n}项") for n in range(60)]
    paper = SimpleNamespace(number="甲〔2026〕1号", title="通知", dated=None)
    context = {"issuer": "洛江区教育局", "paper": paper, "rows": rows}
    content = render(Printable("tests/long_letter.html", context, "official", "通知")).content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        count = len(pdf.pages)
    assert count > 3
    for page in range(count):
        number = next(w for w in words(content, page) if "—" in w.text)
        assert number.text.replace("\u2002", "") == f"—{page + 1}—"
        assert (number.x > 105) is (page % 2 == 0)


@pytest.mark.django_db
def test_papers_written_together_share_nothing_they_should_not(district, seal):
    """Each of a batch holds its own name, code and QR, and no other's; it is as small as one made alone."""
    subjects = [person_in(district.unit, name) for name in NAMES]
    papers = request_papers("sample.page", district.unit, actor=district.keeper, subjects=subjects, seal=seal)
    for n, paper in enumerate(papers):
        paper.number = f"洛人社验〔2026〕{n + 1:05d}号"
    together = [rendered.content for rendered in render_each([printable(paper) for paper in papers])]
    assert len(together) == len(NAMES)
    for name, paper, content in zip(NAMES, papers, together, strict=True):
        text = text_of(content)
        assert name in text
        assert paper.code in text
        assert not any(other.code in text for other in papers if other != paper)
        assert _drawings(content) == _drawings(render(printable(paper)).content)


def _drawings(content: bytes) -> list[bytes]:
    """All drawings inside the file, whether shown or not."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        forms = (o for o in pdf.objects if isinstance(o, pikepdf.Stream) and o.get("/Subtype") == "/Form")
        return sorted(bytes(re.sub(rb"/[a-z0-9]+ ", b"", form.read_bytes())) for form in forms)


@pytest.mark.django_db
def test_the_text_of_a_person_page_can_be_searched(district, seal):
    paper = Paper(number="洛人社验〔2026〕00001号", kind="sample.page", title="继续教育验证证明", seal=seal)
    paper.case_id, paper.subject_id, paper.year = district.unit.pk, person_in(district.unit, "欧阳𬭎").pk, 2026
    paper.dated = district.keeper.created_at.date()
    text = text_of(render(printable(paper)).content)
    for part in (f"（{SEAL_NAME}）", "欧阳𬭎", "94.5", "64.5", "未设定", "不作判定", paper.code, paper.number):
        assert part in text
    assert "999999********" in text


@pytest.mark.parametrize("make", [lambda: long_form(8), lambda: pages_for(NAMES)[0]])
def test_rare_characters_in_names_are_drawn(make):
    content = render(make()).content
    assert missing_glyphs(content, RARE + "".join(NAMES)) == set()


def test_a_kai_font_alone_would_not_do():
    """What the test above is able to find: AR PL UKai lacks the rare characters."""
    found = missing_glyphs(render(long_form(1)).content, "𫓧")
    assert found == {"𫓧"}


@pytest.mark.django_db
def test_files_are_pdf_a_with_title_and_language_and_small(district, seal):
    single = render(long_form(30))
    joined = render_joined([long_form(3), long_form(3)], "两份")
    for rendered, title in ((single, ROSTER.title), (joined, "两份")):
        with pikepdf.open(io.BytesIO(rendered.content)) as pdf, pdf.open_metadata() as metadata:
            assert str(pdf.docinfo["/Title"]) == metadata["dc:title"] == title
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "U")
            assert str(pdf.Root.Lang) == "zh-CN"
            assert len(pdf.Root.OutputIntents) == 1
            assert pdf.pdf_version == "1.7"
            assert len(pdf.pages) == rendered.pages
            for font in (o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and "/FontDescriptor" in o):
                assert "/FontFile2" in font.FontDescriptor or font.FontDescriptor.FontFile3.Subtype == "/CIDFontType0C"
    assert len(single.content) < 150_000


def test_nothing_is_fetched_from_outside(tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"x")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        context = {"addresses": [f"{address}/a.png", secret.as_uri(), f"{address}/b.css"]}
        render(Printable("tests/fetching.html", context, "form", "表"))
        with pytest.raises(BlockingIOError):
            listener.accept()


@pytest.mark.parametrize(
    "url", ["https://example.com/x", "file:///etc/passwd", f"{STYLES.as_uri()}/../models.py", "ftp://127.0.0.1/x"]
)
def test_the_fetcher_refuses_all_that_is_not_packaged(url):
    with pytest.raises(ValueError, match="without fetching"):
        PackagedFetcher().fetch(url)


def test_the_fetcher_takes_packaged_files_and_inline_data():
    assert PackagedFetcher().fetch("data:text/plain,ja").read() == b"ja"
    response = PackagedFetcher().fetch((STYLES / "common.css").as_uri())
    assert b"@page" not in response.read()[:50]
    response.close()


def test_what_people_type_is_text_and_never_markup():
    name = "<img src=http://127.0.0.1:9/x><b>甲</b>&"
    assert "<imgsrc=http://127.0.0.1:9/x><b>甲</b>&" in text_of(
        render(form_printable(ROSTER, [{"name": name}])).content
    )


@pytest.mark.django_db
def test_the_templates_use_only_what_the_renderer_understands(district, caplog):
    """WeasyPrint says at WARNING what CSS it ignored."""
    seal = seal_of(district.bureau)
    paper = Paper(number="甲〔2026〕1号", title="表", dated=district.keeper.created_at.date(), seal=seal)
    stamp, check = stamp_of(seal), check_of(paper)
    sealed = [OpinionBox("区人社局验证意见", "合格", "许明", paper.dated, stamp)]
    with caplog.at_level(logging.WARNING):
        render(long_form(3, paper=paper, stamp=stamp, check=check, issuer="洛江区教育局"))
        render(form_printable(ROSTER, [], boxes=sealed))
        render(pages_for([])[0])
        for template, style in (("official", "official"), ("person_page", "page")):
            context = {"paper": paper, "stamp": stamp, "check": check, "issuer": "洛江区教育局", "copy_to": "甲"}
            render(Printable(f"papers/print/{template}.html", context, style, "标题"))
    assert [record.getMessage() for record in caplog.records if record.name.startswith("weasyprint")] == []


class WithLinks(Printable):
    """Two pages, a link on each."""

    def html(self, **part: Any) -> str:
        pages = (f'<p style="break-after: page"><a href="https://{n}.example/">第{n}处</a></p>' for n in (1, 2))
        head = f'<html lang="zh-CN"><head><title>{self.title}</title></head>'
        return f"{head}<body><h1>表</h1>{''.join(pages)}</body></html>"


def test_links_keep_their_place_in_the_tree_of_a_joined_file():
    content = render_joined([WithLinks("", {}, "page", f"表{n}") for n in range(3)], "合订").content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        flat = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
        numbers = [int(number) for number in flat[::2]]
        owners = dict(zip(numbers, flat[1::2], strict=True))
        assert len(numbers) == len(owners) == len(pdf.pages) * 2
        assert numbers == sorted(numbers)
        for page in pdf.pages:
            (link,) = page.Annots
            owner = owners[int(link.StructParent)]
            assert owner.S == "/Link"
            assert [kid.Obj.objgen for kid in owner.K if isinstance(kid, pikepdf.Dictionary)] == [link.objgen]
            assert all(each.Pg.objgen == page.objgen for each in owners[int(page.StructParents)] if each)

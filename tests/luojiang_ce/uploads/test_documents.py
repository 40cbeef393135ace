"""What a document of an office program may point to: its reader's own disk and the web, never a server by his name."""

from __future__ import annotations

import pytest

from luojiang_ce.uploads import packages, pdfs
from luojiang_ce.uploads.dangers import Refused
from luojiang_ce.uploads.shares import is_on_a_share
from tests.documents import archive, external, office, pdf, relations

OWN = (
    "media/a.png",
    "file:///C:\\Users\\wang\\AppData\\Local\\Temp\\ksohtml\\wps1.jpg",
    "file:///C:/chart.png",
    "file:C:/chart.png",
    "file://C:/chart.png",
    "file://localhost/C:/chart.png",
    "C:\\\\chart.png",
    "/images/a.png",
    "https://x.invalid/a.png",
    "",
)
SHARES = (
    "\\\\x.invalid\\a.png",
    "//x.invalid/a.png",
    "file://x.invalid/a.png",
    "file:///\\\\x.invalid\\a.png",
    "file:////x.invalid/a.png",
    "file:///%5C%5Cx.invalid\\a.png",
    "FILE:\\\\x.invalid\\a.png",
    "\\??\\UNC\\x.invalid\\a.png",
    "smb://x.invalid/a.png",
)
FIELD = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
BEGIN, RESULT, END = (FIELD.format(each) for each in ("begin", "separate", "end"))


def said(text: str) -> str:
    return f"<w:r><w:instrText>{text}</w:instrText></w:r>"


def footer(*parts: str) -> bytes:
    return f'<w:p xmlns:w="w">{"".join(parts)}</w:p>'.encode()


@pytest.mark.parametrize("target", OWN)
def test_what_lies_on_ones_own_disk_or_on_the_web_tells_nobody_anything(target: str) -> None:
    assert not is_on_a_share(target)
    packages.look(office("word", {"word/_rels/document.xml.rels": relations(external("image", target))}))


@pytest.mark.parametrize("target", SHARES)
def test_a_picture_of_a_share_is_refused(target: str) -> None:
    assert is_on_a_share(target)
    with pytest.raises(Refused, match="网络共享里的图片"):
        packages.look(office("word", {"word/_rels/document.xml.rels": relations(external("image", target))}))


@pytest.mark.parametrize(
    "parts",
    [
        (BEGIN, said(r'HYPERLINK "D:\\link\\附件.docx"'), END),
        (BEGIN, said(r'INCLUDEPICTURE "C:\\Users\\ksohtml\\wps1.jpg" \* MERGEFORMATINET'), RESULT, END),
        (BEGIN, said(r"TOC \o"), RESULT, BEGIN, said(r'HYPERLINK "D:\\dde\\a"'), END, END),
        (BEGIN, said("PAGE"), END),
    ],
)
def test_fields_that_wait_for_a_click_or_stay_at_home_are_taken(parts: tuple[str, ...]) -> None:
    packages.look(office("word", {"word/footer1.xml": footer(*parts)}))


@pytest.mark.parametrize(
    "parts",
    [
        (BEGIN, said(r"INCLUDEPICTURE &quot;"), BEGIN, said(r"QUOTE \\\\x\\a.png"), END, said("&quot;"), END),
        (BEGIN, said(r"INCLUDEPICTURE &quot;"), BEGIN, said(r"QUOTE 92 92 120"), END, said("&quot;"), END),
        (BEGIN, said(r"HYPERLINK &quot;x&quot;"), RESULT, BEGIN, said("DDE cmd"), END, END),
        (BEGIN, said("DD"), said("EAUTO cmd")),  # never ended
        (END, said("LINK Excel.Sheet.8 a.xls")),  # never begun
        (said("HYPERLINK x"), said(" DDE cmd")),
    ],
)
def test_fields_within_fields_hide_nothing(parts: tuple[str, ...]) -> None:
    with pytest.raises(Refused):
        packages.look(office("word", {"word/footer1.xml": footer(*parts)}))


@pytest.mark.parametrize("name", ["doc/d.xml", "word/d.bin", "d"])
def test_a_field_is_found_wherever_its_part_lies(name: str) -> None:
    with pytest.raises(Refused):
        packages.look(office("word", {name: footer(BEGIN, said("DDEAUTO cmd"), END)}))


def test_a_plain_archive_has_no_fields() -> None:
    packages.look(archive({"a.xml": footer(BEGIN, said("DDEAUTO cmd"), END)}))


@pytest.mark.parametrize(
    "catalog", [b"/OpenAction[3 0 R/Fit]", b"/OpenAction<</S/Named/N/FirstPage>>", b"/AA null", b"/AA[1]"]
)
def test_a_pdf_may_turn_to_a_page_when_it_is_opened(catalog: bytes) -> None:
    pdfs.look(pdf(catalog=catalog))


@pytest.mark.parametrize("catalog", [b"/OpenAction<</S/Named/N/Print>>", b"/AA<</WC<</S/URI/URI(http://x)>>>>"])
def test_a_pdf_may_do_nothing_else_by_itself(catalog: bytes) -> None:
    with pytest.raises(Refused):
        pdfs.look(pdf(catalog=catalog))

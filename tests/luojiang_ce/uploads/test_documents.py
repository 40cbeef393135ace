"""What a document of an office program may point to: its reader's own disk and the web, never a server by his name."""

from __future__ import annotations

import struct

import pytest

from luojiang_ce.uploads import compound, packages, pdfs
from luojiang_ce.uploads.dangers import Refused
from luojiang_ce.uploads.shares import is_on_a_share
from tests.documents import archive, external, office, pdf, relations
from tests.hostile import book, ole, stream

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
        (BEGIN, said("="), BEGIN, said("PAGE"), END, said("-1"), END),
        (BEGIN, said("IF "), BEGIN, said("PAGE"), END, said(" = 1 a b"), END),
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
        (BEGIN, BEGIN, said(" QUOTE 68 68 69 65 85 84 79 "), END, said(r" c:\\cmd "), END),  # spells its name
        (BEGIN, said("DD"), BEGIN, said("QUOTE 69"), END, said(" cmd"), END),
    ],
)
def test_fields_within_fields_hide_nothing(parts: tuple[str, ...]) -> None:
    with pytest.raises(Refused):
        packages.look(office("word", {"word/footer1.xml": footer(*parts)}))


@pytest.mark.parametrize("name", ["doc/d.xml", "word/d.bin", "d"])
def test_a_field_is_found_wherever_its_part_lies(name: str) -> None:
    with pytest.raises(Refused):
        packages.look(office("word", {name: footer(BEGIN, said("DDEAUTO cmd"), END)}))


DDE = "<{0}externalLink xmlns{1}='m'><{0}ddeLink ddeService='cmd' ddeTopic='/C calc'/></{0}externalLink>"
CONNECTION = "<connections xmlns='m'><connection id='1' refreshOnLoad='1'>{}</connection></connections>"


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("xl/externalLinks/externalLink1.xml", DDE.format("", "").encode()),
        ("xl/a.txt", DDE.format("a-b:", ":a-b").encode()),
        ("xl/externalLinks/externalLink1.xml", DDE.format("", "").encode("utf-16")),
        ("xl/externalLinks/externalLink1.xml", b"<!--" + b"-x" * 5_000 + b"-->" + DDE.format("", "").encode()),
        ("xl/connections.xml", CONNECTION.format('<webPr url="http://x.invalid"/>').encode()),
        ("xl/connections.xml", CONNECTION.format('<dbPr connection="Data Source=x.invalid"/>').encode()),
        ("xl/connections.xml", CONNECTION.format('<textPr sourceFile="//x.invalid/a.csv"/>').encode()),
        ("xl/styles.xml", "<!DOCTYPE a [<!ENTITY x 'y'>]><a/>".encode("utf-16")),
    ],
)
def test_a_workbook_that_starts_or_fetches_something_is_refused_however_it_is_written(name: str, part: bytes) -> None:
    with pytest.raises(Refused):
        packages.look(office("xl", {name: part}))


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("xl/connections.xml", CONNECTION.format('<textPr sourceFile="C:/名单.csv"/>').encode()),
        ("xl/drawings/vmlDrawing1.vml", b"<xml xmlns:v='v'><v:a>one<br>two</v:a></xml>"),
        ("xl/media/a.svg", b'<!DOCTYPE svg PUBLIC "a" "http://x.invalid/svg11.dtd"><svg xmlns="s"/>'),
        ("xl/externalLinks/externalLink1.xml", b"<externalLink xmlns='m'><externalBook/></externalLink>"),
        ("xl/empty.xml", b""),
    ],
)
def test_a_workbook_of_an_office_is_taken(name: str, part: bytes) -> None:
    packages.look(office("xl", {name: part}))


@pytest.mark.parametrize("kind", ["mailMergeHeaderSource", "transform", "attachedTemplate", "oleObject"])
def test_nothing_is_fetched_from_elsewhere_that_is_not_shown(kind: str) -> None:
    with pytest.raises(Refused):
        packages.look(office("word", {"word/_rels/settings.xml.rels": relations(external(kind, "C:/a"))}))


@pytest.mark.parametrize("target", SHARES)
def test_a_workbook_may_name_another_one_but_on_no_share(target: str) -> None:
    at = "xl/externalLinks/_rels/externalLink1.xml.rels"
    packages.look(office("xl", {at: relations(external("externalLinkPath", "file:///C:/a.xlsx"))}))
    with pytest.raises(Refused):
        packages.look(office("xl", {at: relations(external("externalLinkPath", target))}))


def test_links_to_click_on_lead_anywhere() -> None:
    packages.look(office("word", {"word/_rels/a.xml.rels": relations(external("hyperlink", "file://x.invalid/a"))}))


def test_a_page_within_a_document_is_refused_whatever_it_is_called() -> None:
    within = relations(external("aFChunk", "/word/a.txt").replace(' TargetMode="External"', ""))
    with pytest.raises(Refused, match="嵌着别的文件"):
        packages.look(office("word", {"word/_rels/document.xml.rels": within, "word/a.txt": b"<html></html>"}))


def address(text: str) -> tuple[int, bytes]:
    """The record of an older workbook that names another one."""
    return 0x1AE, struct.pack("<HHB", 1, len(text), 1) + text.encode("utf-16-le")


@pytest.mark.parametrize("text", ["cmd\3/C calc", "\1\1@x.invalid\3a.xls", "\\\\x.invalid\\a.xls"])
def test_an_older_workbook_that_starts_a_program_or_asks_a_share_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        compound.look(ole("Workbook", content=book(address(text))))


def test_an_older_workbook_may_name_another_one() -> None:
    itself = (0x1AE, struct.pack("<HH", 3, 0x401))
    compound.look(ole("Workbook", content=book(itself, address("\1\1D工作\3名单.xls"))))


@pytest.mark.parametrize("alphabet", ["latin-1", "utf-16-le"])
@pytest.mark.parametrize("before", [b"\0" * 600, b"\0" * 601])
def test_fields_of_older_documents_are_read(alphabet: str, before: bytes) -> None:
    def text(field: str) -> bytes:
        return ole("WordDocument", content=before + f"a\x13 {field} \x14b\x15".encode(alphabet) + b"\0" * 4000)

    for harmless in ("PAGE", 'HYPERLINK "http://x.invalid/DDE"', "TOC \\o"):
        compound.look(text(harmless))
    for acts in ("DDEAUTO cmd /k", 'INCLUDEPICTURE "\\\\x.invalid\\a.png"', "LINK Excel.Sheet.8 a"):
        with pytest.raises(Refused):
            compound.look(text(acts))


def test_a_plain_archive_has_no_fields() -> None:
    packages.look(archive({"a.xml": footer(BEGIN, said("DDEAUTO cmd"), END)}))


@pytest.mark.parametrize(
    "catalog", [b"/OpenAction[3 0 R/Fit]", b"/OpenAction<</S/Named/N/FirstPage>>", b"/AA null", b"/AA[1]"]
)
def test_a_pdf_may_turn_to_a_page_when_it_is_opened(catalog: bytes) -> None:
    pdfs.look(pdf(catalog=catalog))


def link(action: bytes) -> bytes:
    return pdf(b"<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<<%s>>>>" % action, catalog=b"/Kept 4 0 R")


@pytest.mark.parametrize(
    "action",
    [
        b"/S/URI/URI(https://x.invalid/a)",
        b"/S/URI/URI(www.x.invalid/a)",
        b"/S/URI/URI(mailto:a@x.invalid)",
        b"/S/URI/URI(tel:0595-1)",
        b"/S/URI/URI(file:///D:/a.docx)",
        b"/S/GoToR/F(a.pdf)/D[0/Fit]",
    ],
)
def test_links_of_a_pdf_to_the_web_and_to_ones_own_disk_are_taken(action: bytes) -> None:
    pdfs.look(link(action))


@pytest.mark.parametrize(
    "content",
    [
        link(b"/S/URI/URI(javascript:alert\\(1\\))"),
        link(b"/S/URI/URI(JAVA\\nscript:alert)"),
        link(b"/S/URI/URI<6a6176617363726970743a61>"),
        link(b"/S/URI/URI(file://x.invalid/x.exe)"),
        link(rb"/S/GoToR/F(\\\\x.invalid\\s\\x.pdf)/D[0/Fit]"),
        link(rb"/S/GoToR/F<</Type/Filespec/UF(\\\\x.invalid\\x.pdf)>>/D[0/Fit]"),
        pdf(stream(rb"/F(\\\\x.invalid\\x)", b""), catalog=b"/Kept 4 0 R"),
        pdf(stream(b"/Type/3D/Subtype/PRC/OnInstantiate 5 0 R", b"PRC"), stream(b"", b"x"), catalog=b"/Kept 4 0 R"),
    ],
    ids=range(8),
)
def test_what_leads_to_a_share_or_runs_is_refused_in_a_pdf(content: bytes) -> None:
    with pytest.raises(Refused):
        pdfs.look(content)


def with_invoice(*streams: bytes, names: bytes = b"/F(a.xml)/UF(a.xml)") -> bytes:
    """A PDF with one attachment, which has these streams."""
    held = b"".join(b"%s %d 0 R" % (key, 5 + n) for n, key in enumerate((b"/F", b"/UF")[: len(streams)]))
    spec = b"<</Type/Filespec%s/EF<<%s>>>>" % (names, held)
    files = [stream(b"/Type/EmbeddedFile", each) for each in streams]
    return pdf(spec, *files, catalog=b"/Names<</EmbeddedFiles<</Names[(a.xml)4 0 R]>>>>")


INVOICE = "<?xml version='1.0' encoding='{0}'?><EInvoice><Name>发票</Name></EInvoice>"
XHTML = b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><script>alert(1)</script></html>"


@pytest.mark.parametrize("alphabet", ["UTF-8", "GBK", "gb2312", "GB18030"])
def test_the_figures_of_an_invoice_are_taken(alphabet: str) -> None:
    figures = INVOICE.format(alphabet).encode(alphabet)
    pdfs.look(with_invoice(figures))
    pdfs.look(with_invoice(figures, figures))


@pytest.mark.parametrize(
    "content",
    [
        with_invoice(b"MZ\x90\0", INVOICE.format("UTF-8").encode()),
        with_invoice(INVOICE.format("UTF-8").encode(), names=b"/F(update.exe)/UF(a.xml)"),
        with_invoice(XHTML),
        with_invoice(b"<?xml version='1.0'?><?xml-stylesheet href='#s'?><a/>"),
        with_invoice(b"<?xml version='1.0'?><!DOCTYPE a><a/>"),
        with_invoice(b"<?xml version='1.0' encoding='GBK'?>" + XHTML.partition(b"?>")[2]),
        with_invoice(b"<?xml version='1.0'?>MZ"),
    ],
    ids=range(7),
)
def test_an_invoice_that_would_run_is_refused(content: bytes) -> None:
    with pytest.raises(Refused, match="嵌着别的文件"):
        pdfs.look(content)


@pytest.mark.parametrize("catalog", [b"/OpenAction<</S/Named/N/Print>>", b"/AA<</WC<</S/URI/URI(http://x)>>>>"])
def test_a_pdf_may_do_nothing_else_by_itself(catalog: bytes) -> None:
    with pytest.raises(Refused):
        pdfs.look(pdf(catalog=catalog))

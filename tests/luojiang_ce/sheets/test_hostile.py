"""Files made to break the reader, or broken on the way: each is refused with what it is, in time and in memory."""

import io
import struct
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress

import msoffcrypto.format.ooxml
import pytest

import luojiang_ce.sheets.reading.package as package
from luojiang_ce.sheets.imports import SMALL
from luojiang_ce.sheets.problems import FileProblem, TakesLonger, TooLarge, Unreadable
from luojiang_ce.sheets.reading import MAX_FILE_BYTES, open_tables
from tests.luojiang_ce.files.bombs import long_directory
from tests.luojiang_ce.sheets.reading import cells
from tests.luojiang_ce.sheets.workbooks import ole, row, text_cell, workbook

GOOD = row(text_cell("姓名"), text_cell("身份证号"))
MEGABYTE = b" " * 1_000_000


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, content in parts.items():
            package.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def encrypted() -> bytes:
    out = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(workbook(GOOD))).encrypt("secret", out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "0 字节"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "图片"),
        (b"\xff\xd8\xff\xe0" + bytes(99), "图片"),
        (b"Rar!\x1a\x07\x00", "压缩包"),
        (b"\x1f\x8b\x08" + bytes(99), "压缩包"),
        (b"{\\rtf1 \\ansi}", "RTF"),
        (b"MIME-Version: 1.0\r\n", "网页"),
        (zipped(**{"a.txt": b"x"}), "压缩包"),
        (zipped(**{"word__document.xml": b"<x/>"}), "Word"),
        (zipped(**{"ppt__presentation.xml": b"<x/>"}), "演示文稿"),
        (zipped(**{"xl__workbook.bin": b"x"}), "xlsb"),
        (zipped(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"), "OpenDocument"),
        (b"PK\x05\x06" + bytes(18), "压缩包"),
        (b"PK\x03\x04" + bytes(100), "损坏"),
        (ole("WordDocument"), "损坏|Word"),
        (encrypted(), "密码"),
        (ole("EncryptedPackage"), "密码"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_spreadsheet_is_named(data: bytes, word: str) -> None:
    with pytest.raises(Unreadable, match=word):
        cells(data)


def test_files_above_the_limit_are_refused_before_they_are_read() -> None:
    with pytest.raises(TooLarge, match="20 MB"):
        cells(b"a" * (MAX_FILE_BYTES + 1))


def test_what_says_that_it_inflates_too_far_is_refused_before_it_is_inflated(monkeypatch: pytest.MonkeyPatch) -> None:
    data = workbook(iter([GOOD.encode(), *[MEGABYTE] * 300]))
    monkeypatch.setattr(zipfile.ZipFile, "open", None)
    with pytest.raises(TooLarge, match="300 MB"):
        open_tables(io.BytesIO(data))


def test_what_lies_about_its_size_is_refused_while_it_is_inflated() -> None:
    data = workbook(iter([GOOD.encode(), *[MEGABYTE] * 301]))
    real = zipfile.ZipFile(io.BytesIO(data)).getinfo("xl/worksheets/sheet1.xml").file_size
    lie = data.replace(struct.pack("<I", real), struct.pack("<I", 1000))
    with pytest.raises(TooLarge, match="300 MB"):
        cells(lie)


def test_a_directory_of_many_parts_is_not_read() -> None:
    began = time.process_time()
    with pytest.raises(TooLarge, match="部件太多"):
        cells(long_directory(300_000, said=1))
    assert time.process_time() - began < 0.5


def test_what_a_request_reads_is_bounded_by_what_comes_out() -> None:
    data = workbook(iter([GOOD.encode(), *[b"<x/>" * 250_000] * 16]))
    real = zipfile.ZipFile(io.BytesIO(data)).getinfo("xl/worksheets/sheet1.xml").file_size
    lie = data.replace(struct.pack("<I", real), struct.pack("<I", 1000))
    assert len(lie) < 100_000
    began = time.process_time()
    with pytest.raises(TakesLonger):
        list(open_tables(io.BytesIO(lie), SMALL.limits)[0].rows())
    assert time.process_time() - began < 1


def test_a_wrong_checksum_is_damage() -> None:
    data = workbook(GOOD)
    checksum = zipfile.ZipFile(io.BytesIO(data)).getinfo("xl/worksheets/sheet1.xml").CRC
    with pytest.raises(Unreadable, match="损坏"):
        cells(data.replace(struct.pack("<I", checksum), struct.pack("<I", checksum ^ 1)))


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 0.99])
def test_an_xlsx_that_was_cut_off_is_damaged(share: float) -> None:
    data = workbook(GOOD)
    with pytest.raises(Unreadable):
        cells(data[: int(len(data) * share)])


def test_parts_that_are_locked_or_packed_otherwise() -> None:
    data = bytearray(workbook(GOOD))
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(header)
        while place >= 0:
            data[place + flags] |= 1
            place = data.find(header, place + 1)
    with pytest.raises(Unreadable, match="密码"):
        cells(bytes(data))
    source, out = zipfile.ZipFile(io.BytesIO(workbook(GOOD))), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as package:
        for name in source.namelist():
            package.writestr(name, source.read(name))
    with pytest.raises(Unreadable):
        cells(out.getvalue())


LAUGHS = "<!DOCTYPE x [" + "".join(
    f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(10)
) + "]>"  # fmt: skip


@pytest.mark.parametrize(
    "doctype",
    [
        LAUGHS,
        '<!DOCTYPE x [<!ENTITY a9 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
        "<!DOCTYPE worksheet>",
    ],
)
def test_document_types_are_refused(doctype: str) -> None:
    with pytest.raises(Unreadable, match="不安全"):
        cells(workbook(row('<c t="str"><v>&a9;</v></c>'), doctype=doctype))


def test_external_links_are_not_followed() -> None:
    relationships = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="s1" Type="x/worksheet" Target="http://127.0.0.1:9/sheet1.xml" TargetMode="External"/>'
        "</Relationships>"
    )
    source, out = zipfile.ZipFile(io.BytesIO(workbook(GOOD))), io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name in source.namelist():
            is_rels = name == "xl/_rels/workbook.xml.rels"
            package.writestr(name, relationships if is_rels else source.read(name))
    with pytest.raises(Unreadable):
        cells(out.getvalue())


def test_targets_cannot_leave_the_package() -> None:
    source, out = zipfile.ZipFile(io.BytesIO(workbook(GOOD))), io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name in source.namelist():
            content = source.read(name).replace(b"worksheets/sheet1.xml", b"../../../../etc/passwd")
            package.writestr(name, content)
    with pytest.raises(Unreadable):
        cells(out.getvalue())


def test_a_million_rows_of_formatted_empty_cells() -> None:
    def sheet() -> Iterator[bytes]:
        empty = "".join(f'<c r="{letter}1" s="1"/>' for letter in "ABCDEFGH").encode()
        yield b"".join((GOOD.encode(), *(b'<row r="%d" s="1">%s</row>' % (n, empty) for n in range(2, 200_000))))
        yield row(text_cell("末", "XFD1048576"), number=1048576).encode()

    assert cells(workbook(sheet())) == {1: {1: "姓名", 2: "身份证号"}, 1048576: {16384: "末"}}


def test_two_cells_at_the_ends_of_a_sheet() -> None:
    sheet = row(text_cell("首", "A1"), number=1) + row(text_cell("末", "XFD1048576"), number=1048576)
    assert cells(workbook(sheet)) == {1: {1: "首"}, 1048576: {16384: "末"}}


def test_tags_without_end_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "MAX_TAGS", 1_000_000)
    with pytest.raises(TooLarge, match="单元格太多"):
        cells(workbook(iter([GOOD.encode(), b"<row>", *[b"<c/>" * 10_000] * 101, b"</row>"])))


@pytest.mark.parametrize("line", [b"\n", b"<table><tr><td>x</tr>" + b"<tr>" * 7])
def test_more_rows_than_excel_has(line: bytes) -> None:
    with pytest.raises(TooLarge, match="1,048,576"):
        cells(line * 1_048_578 if line == b"\n" else line * 131_073)


def test_an_endless_tag_is_given_up() -> None:
    with pytest.raises(Unreadable):
        cells(workbook(iter([b'<row x="', *[MEGABYTE] * 20, b'"/>'])))


def test_an_endless_text_is_cut() -> None:
    text = cells(workbook(iter([b'<row><c t="str"><v>', *[b"x" * 1_000_000] * 20, b"</v></c></row>"])))[1][1]
    assert isinstance(text, str)
    assert 32_767 <= len(text) < 2_000_000


@pytest.mark.parametrize("seed", range(40))
def test_no_damage_breaks_it(seed: int) -> None:
    data = bytearray(workbook(GOOD * 5, strings="<si><t>x</t></si>"))
    for step in range(1 + seed % 7):
        data[(seed * 7919 + step * 104_729) % len(data)] ^= 1 + seed
    with suppress(FileProblem):
        cells(bytes(data))

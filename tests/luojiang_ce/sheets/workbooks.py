"""Workbooks made by hand, part by part: what honest and hostile programs write."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

TRANSITIONAL = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_OFFICE = {
    TRANSITIONAL: "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    STRICT: "http://purl.oclc.org/ooxml/officeDocument/relationships",
}
_CONTENT_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def text_cell(text: str, ref: str = "") -> str:
    at = f' r="{ref}"' if ref else ""
    return f'<c{at} t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def number_cell(number: object, ref: str = "", style: int | None = None) -> str:
    at = f' r="{ref}"' if ref else ""
    of = f' s="{style}"' if style is not None else ""
    return f"<c{at}{of}><v>{number}</v></c>"


def row(*cells: str, number: int | None = None) -> str:
    at = f' r="{number}"' if number else ""
    return f"<row{at}>{''.join(cells)}</row>"


def text_row(*texts: str) -> str:
    """A row that states no positions; an empty text is an empty cell."""
    return row(*(text_cell(text) if text else "<c/>" for text in texts))


def styles(*formats: str | int) -> str:
    """A style sheet whose n-th cell style has the n-th number format: a code of its own, or a built-in's number."""
    own = {code: 164 + place for place, code in enumerate(formats) if isinstance(code, str)}
    numbers = [own[code] if isinstance(code, str) else code for code in formats]
    codes = "".join(
        f'<numFmt numFmtId="{number}" formatCode="{escape(code, {chr(34): "&quot;"})}"/>'
        for code, number in own.items()
    )
    xfs = "".join(f'<xf numFmtId="{number}" applyNumberFormat="1"/>' for number in numbers)
    return f'<numFmts>{codes}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>{xfs}</cellXfs>'


def workbook(
    *sheets: str | bytes | Iterable[bytes],
    names: Iterable[str] = (),
    states: Iterable[str] = (),
    strings: str | None = None,
    style: str | None = None,
    date1904: bool = False,
    namespace: str = TRANSITIONAL,
    doctype: str = "",
    extra: Mapping[str, bytes] | None = None,
) -> bytes:
    """An .xlsx with these sheets: each the inside of sheetData, or the parts of it one after the other."""
    office = _OFFICE[namespace]
    titles = [*names] or [f"表{place}" for place in range(1, len(sheets) + 1)]
    shown = [*states] or ["visible"] * len(sheets)
    listed = "".join(
        f'<sheet name="{escape(title)}" sheetId="{place}" state="{state}" r:id="s{place}"/>'
        for place, (title, state) in enumerate(zip(titles, shown, strict=True), 1)
    )
    targets = [(f"s{place}", "worksheet", f"worksheets/sheet{place}.xml") for place in range(1, len(sheets) + 1)]
    targets += [("strings", "sharedStrings", "sharedStrings.xml")] if strings is not None else []
    targets += [("styles", "styles", "styles.xml")] if style is not None else []
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", _CONTENT_TYPES)
        package.writestr("_rels/.rels", _relationships([("book", "officeDocument", "xl/workbook.xml")], office))
        epoch = '<workbookPr date1904="1"/>' if date1904 else "<workbookPr/>"
        package.writestr(
            "xl/workbook.xml",
            f'<?xml version="1.0"?>{doctype}<workbook xmlns="{namespace}" xmlns:r="{office}">'
            f"{epoch}<sheets>{listed}</sheets></workbook>",
        )
        package.writestr("xl/_rels/workbook.xml.rels", _relationships(targets, office))
        for place, sheet in enumerate(sheets, 1):
            _write_sheet(package, f"xl/worksheets/sheet{place}.xml", sheet, namespace, doctype)
        if strings is not None:
            package.writestr("xl/sharedStrings.xml", f'<sst xmlns="{namespace}">{strings}</sst>')
        if style is not None:
            package.writestr("xl/styles.xml", f'<styleSheet xmlns="{namespace}">{style}</styleSheet>')
        for name, content in (extra or {}).items():
            package.writestr(name, content)
    return out.getvalue()


def _write_sheet(
    package: zipfile.ZipFile, name: str, sheet: str | bytes | Iterable[bytes], namespace: str, doctype: str
) -> None:
    parts = [sheet.encode()] if isinstance(sheet, str) else [sheet] if isinstance(sheet, bytes) else sheet
    with package.open(name, "w") as part:
        part.write(f'<?xml version="1.0"?>{doctype}<worksheet xmlns="{namespace}"><dimension ref="A1"/>'.encode())
        part.write(b"<sheetData>")
        for piece in parts:
            part.write(piece)
        part.write(b"</sheetData></worksheet>")


def _relationships(targets: Iterable[tuple[str, str, str]], office: str) -> str:
    listed = "".join(f'<Relationship Id="{i}" Type="{office}/{kind}" Target="{to}"/>' for i, kind, to in targets)
    return f'<Relationships xmlns="{_PACKAGE}">{listed}</Relationships>'


def ole(stream_name: str) -> bytes:
    """The beginning of an OLE container whose directory names this stream."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + stream_name.encode("utf-16-le") + bytes(512)

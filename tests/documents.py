"""Small sound documents, as somebody sends them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = {
    "word": ("word/document.xml", "wordprocessingml.document"),
    "xl": ("xl/workbook.xml", "spreadsheetml.sheet"),
    "ppt": ("ppt/presentation.xml", "presentationml.presentation"),
}


def pdf(*objects: bytes, catalog: bytes = b"", tail: bytes = b"") -> bytes:
    """One empty page; `objects` from number 4 on, `catalog`: entries of its root besides."""
    parts = [
        b"<</Type/Catalog/Pages 2 0 R" + catalog + b">>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
        *objects,
    ]
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    begins = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, begins)
    return bytes(out) + tail


def office(folder: str, parts: Mapping[str, bytes] | None = None, *, macros: bool = False) -> bytes:
    """A document of Word (`word`), a workbook (`xl`) or slides (`ppt`), with these parts besides."""
    main, kind = _MAIN[folder]
    said = f"application/vnd.openxmlformats-officedocument.{kind}.main+xml"
    if macros:
        said = "application/vnd.ms-word.document.macroEnabled.main+xml"
    listed = {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/{main}" ContentType="{said}"/></Types>',
        "_rels/.rels": relations(f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="{main}"/>').decode(),
        main: "<x/>",
    }
    return archive({**{name: text.encode() for name, text in listed.items()}, **(parts or {})})


def relations(*each: str) -> bytes:
    """A part that says where others lie."""
    return f'<Relationships xmlns="{_RELATIONS}">{"".join(each)}</Relationships>'.encode()


def external(kind: str, target: str) -> str:
    """A relationship that leads out of the document."""
    return f'<Relationship Id="r9" Type="{_OFFICE}/{kind}" Target="{target}" TargetMode="External"/>'


def archive(parts: Mapping[str, bytes]) -> bytes:
    """A ZIP with these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


PDF = pdf()

"""Archives of office programs (OOXML): which one it is, and what in it runs, hides, points elsewhere or never ends.

Every part is unpacked once, in bounded memory: what a directory says of sizes may be a lie.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from typing import IO
from xml.etree import ElementTree

from luojiang_ce import zips
from luojiang_ce.uploads import compound
from luojiang_ce.uploads.dangers import DAMAGED, EICAR, HOLDS_FILES, LOCKED, MACROS, Refused
from luojiang_ce.uploads.fields import POINTS_ELSEWHERE, UNSAFE_XML, Fields
from luojiang_ce.uploads.links import Links
from luojiang_ce.uploads.places import Kind
from luojiang_ce.uploads.shares import is_on_a_share

BEGINS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
MOST_BYTES = 300_000_000  # of all parts, unpacked: as much as is read of a workbook
MOST_EMBEDDED = 20_000_000  # of a workbook behind a chart
MOST_OF_A_LIST = 2_000_000  # of a part that lists others
_TYPES = "[content_types].xml"
_CHUNK = 1 << 20
_ENTRY_LOCKED = 1
_XML_BEGINS = (b"<", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0<")
_MAIN = re.compile(
    r"application/vnd\.openxmlformats-officedocument\."
    r"(wordprocessingml\.(?:document|template)|spreadsheetml\.(?:sheet|template)"
    r"|presentationml\.(?:presentation|slideshow|template))\.main\+xml"
)
_KINDS = {"word": Kind.WORD, "spre": Kind.EXCEL, "pres": Kind.SLIDES}
_MACROS = re.compile(r"vbaproject|vbadata|/macrosheets/|/dialogsheets/|/activex/")
_MACRO_TYPES = re.compile(r"macroenabled|vbaproject|ms-excel\.(?:intl)?macrosheet")
# What may lie elsewhere: what waits for a click; what is shown from where it lies, and other workbooks (also one that
# was not found), unless they lie on a share. All else is fetched, or run, as soon as the document is opened.
_CLICKED = "/hyperlink"
_SHOWN = ("/image", "/video", "/audio", "/media")
_WORKBOOKS = ("/externallinkpath", "/externallinklongpath", "/xlpathmissing", "/xlstartup")
_PAGE_WITHIN = "/afchunk"  # taken in as part of a document, whatever it is called
# Kinds of documents that come in as a part of another one, and programs.
_FOREIGN = (b"MZ", b"{\\rtf", b"%PDF", b"\x7fELF")
_FOREIGN_NAMES = (".rtf", ".htm", ".html", ".mht", ".mhtml", ".hta", ".exe", ".dll", ".js", ".vbs", ".lnk")
_TOO_LARGE = f"解压后超过 {MOST_BYTES // 1_000_000} MB，没有收下。请删去多余的图片和工作表，或拆成几个文件再上传"
_HIDES = "前后带着别的内容，不是 Office 或 WPS 直接保存的文件，没有收下。请打开后另存一份再上传"


def kind_of(content: bytes) -> Kind:
    """Which office program's it is, by the main part that its list of types names; else a plain archive."""
    try:
        with zips.opened(io.BytesIO(content)) as archive:
            names = {info.filename.lower(): info for info in archive.infolist()}
            listed = _part(archive, names[_TYPES]) if _TYPES in names else b""
    except (*zips.BROKEN, Refused):
        return Kind.ZIP
    text = listed.decode("utf-8", "replace")
    if found := _MAIN.search(text):
        return _KINDS[found[1][:4]]
    if _MACRO_TYPES.search(text.lower()):
        raise Refused(MACROS)
    return Kind.ZIP


def is_archive(content: bytes) -> bool:
    """Is it a plain archive, to be taken apart, and no document?"""
    try:
        return content.startswith(BEGINS) and kind_of(content) is Kind.ZIP
    except Refused:
        return False


def look(content: bytes, *, inside: bool = False) -> None:
    """Raises Refused. `inside`: it lies in another document, and may hold none itself."""
    has_fields = kind_of(content) is Kind.WORD
    try:
        with zips.opened(io.BytesIO(content)) as archive:
            _must_be_whole(archive, content)
            left = MOST_BYTES
            for info in archive.infolist():
                left -= _look_at(archive, info, left, inside=inside, has_fields=has_fields)
    except zips.BROKEN as broken:
        raise Refused(DAMAGED) from broken


def _must_be_whole(archive: zipfile.ZipFile, content: bytes) -> None:
    """It is the whole file, and each name is there once: else two readers may see two documents."""
    infos = archive.infolist()
    end = content.rfind(b"PK\x05\x06")
    names = {info.filename.lower() for info in infos}
    begins = min((info.header_offset for info in infos), default=0)
    if begins or len(names) < len(infos) or end + 22 + len(archive.comment) != len(content):
        raise Refused(_HIDES)


def _look_at(archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: int, *, inside: bool, has_fields: bool) -> int:
    """Looks at a part; how many bytes it has."""
    name = "/" + info.filename.replace("\\", "/").lower()
    if info.flag_bits & _ENTRY_LOCKED:
        raise Refused(LOCKED)
    if _MACROS.search(name):
        raise Refused(MACROS)
    with archive.open(info) as part:
        head = part.read(_CHUNK)
        reader = Fields() if has_fields else Links()
        size = _swept(part, head, left, reader if _is_xml(head) else None)
    if name == f"/{_TYPES}" and _MACRO_TYPES.search(head.decode("utf-8", "replace").lower()):
        raise Refused(MACROS)
    if b"<!DOCTYPE" in head[:_CHUNK] and name.endswith((".xml", ".rels")):
        raise Refused(UNSAFE_XML)
    if head.startswith(_FOREIGN) or name.endswith(_FOREIGN_NAMES):
        raise Refused(HOLDS_FILES)
    if name.endswith(".rels"):
        _must_stay_inside(_part(archive, info))
    if head.startswith((*BEGINS, compound.BEGINS)):
        _look_within(archive, info, head, inside)
    return size


def _is_xml(head: bytes) -> bool:
    """By how it begins: what a part is called, and where it lies, its writer chooses."""
    return head.lstrip(b" \t\r\n").startswith(_XML_BEGINS) or not head.strip()


def _swept(part: IO[bytes], head: bytes, left: int, reader: Fields | Links | None) -> int:
    """Unpacks a part to its end, looking for what is refused wherever it stands; how many bytes it has."""
    size, held, chunk = 0, b"", head
    while chunk:
        size += len(chunk)
        if size > left:
            raise Refused(_TOO_LARGE)
        seen = held + chunk
        if EICAR in seen:
            raise Refused("里面带有病毒测试特征（EICAR），没有收下。请用杀毒软件检查后换成没有问题的文件再上传")
        if reader:
            reader.feed(chunk)
        held, chunk = chunk[-1000:], part.read(_CHUNK)
    if reader:
        reader.end()
    return size


def _look_within(archive: zipfile.ZipFile, info: zipfile.ZipInfo, head: bytes, inside: bool) -> None:
    """A chart has its workbook, a formula its object; nothing else lies in a document, and nothing within those."""
    if inside or info.file_size > MOST_EMBEDDED or "embeddings" not in posixpath.dirname(info.filename).lower():
        raise Refused(HOLDS_FILES)
    content = _part(archive, info, MOST_EMBEDDED)
    if head.startswith(compound.BEGINS):
        compound.look_at_object(content)
    elif kind_of(content) is Kind.ZIP:
        raise Refused(HOLDS_FILES)
    else:
        look(content, inside=True)


def _must_stay_inside(relationships: bytes) -> None:
    try:
        listed = ElementTree.fromstring(relationships)  # noqa: S314  without a document type, and small
    except ElementTree.ParseError as broken:
        raise Refused(DAMAGED) from broken
    for each in listed:
        kind = each.get("Type", "").lower()
        if kind.endswith(_PAGE_WITHIN):
            raise Refused(HOLDS_FILES)
        if each.get("TargetMode", "Internal") == "Internal" or kind.endswith(_CLICKED):
            continue
        if not kind.endswith((*_SHOWN, *_WORKBOOKS)) or is_on_a_share(each.get("Target", "")):
            raise Refused(POINTS_ELSEWHERE)


def _part(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int = MOST_OF_A_LIST) -> bytes:
    with archive.open(info) as part:
        content = part.read(most + 1)
    if len(content) > most or b"<!DOCTYPE" in content[:_CHUNK]:
        raise Refused(DAMAGED)
    return content

"""The zip container of .xlsx and its XML parts, read in bounded memory; what a hostile file could do is refused.

Sizes are judged before anything is inflated, and again while it is.
"""

import codecs
import copy
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO, Protocol
from xml.parsers import expat

from luojiang_ce import zips

from ..characters import NOT_IN_XML
from ..problems import TakesLonger, TooLarge, Unreadable

MAX_INFLATED_BYTES = 300_000_000
# Tags of four bytes each would take a minute within that limit; the shortest honest cell has seventeen bytes.
MAX_TAGS = 20_000_000

_TOO_MANY_PARTS = "文件里的图片和部件太多，无法导入。请只留名单所在的工作表，删去图片后另存，再上传。"
_TOO_LARGE = "文件解压后超过 300 MB，无法导入。请删去多余的工作表、图片和空白格式，或把名单拆成几个文件。"
_TOO_MANY = "文件里的单元格太多，无法导入。请删去多余的工作表和空白格式，或把名单拆成几个文件。"
DAMAGED = "文件已损坏或没有下载完整，无法读取。请重新下载或用 Excel、WPS 打开后另存为 .xlsx 再上传。"
LOCKED = "文件加了密码，无法读取。请在 Excel 或 WPS 中取消密码后另存，再上传。"
_RELATIONSHIP = "http://schemas.openxmlformats.org/package/2006/relationships Relationship"

# Parts that only other kinds of file have, and what to tell who uploads one.
_OTHER_PARTS = {
    "word/document.xml": "这是 Word 文档，不是表格。请把名单复制到 Excel 或 WPS 表格中，存为 .xlsx 再上传。",
    "ppt/presentation.xml": "这是演示文稿，不是表格。请上传 .xlsx、.xls 或 .csv 文件。",
    "xl/workbook.bin": "这是 Excel 二进制工作簿（.xlsb），无法读取。请另存为 .xlsx 再上传。",
    "mimetype": "这是 OpenDocument 文件，无法读取。请另存为 .xlsx 再上传。",
}
_ANY_ARCHIVE = "这是压缩包，不是表格。请解压后上传里面的表格文件。"

CHUNK = 1 << 16
DAMAGED_PART = "文件内部结构损坏，无法读取。请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。"
# Expat scans an unfinished tag or comment anew with every chunk; no honest one is this long.
_LONGEST_TOKEN = 1 << 20
# A cell of Excel holds 32,767 characters.
_LONGEST_TEXT = 32_768

MAIN_NAMESPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)

Attributes = dict[str, str]

# A character written by its number.
_REFERENCE = re.compile("&#(x[0-9a-fA-F]{1,8}|[0-9]{1,8});")
_LONGEST_REFERENCE = 12
_DECLARED = re.compile(rb"""(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9_.-]+)["']""")


# --- its XML parts, in one forward pass -------------------------------------------------------------------------------


class Source(Protocol):
    """What an XML part is read from."""

    def read(self, size: int) -> bytes:
        """The next bytes, at most so many; empty at the end."""
        ...


def tag_table(*tags: str) -> dict[str, str]:
    """Expat's full names of these tags, in the Transitional and the Strict vocabulary, to their short ones."""
    return {f"{namespace} {tag}": tag for namespace in MAIN_NAMESPACES for tag in tags}


class XmlPass:
    """Reads one part; a subclass handles the starts of elements and asks for text where it wants it."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self.start
        # Without a document type there are no entities: none to expand a billion times, none to fetch.
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._text: list[str] = []
        self._length = 0

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""
        raise NotImplementedError

    def feed(self, source: Source) -> Iterator[None]:
        """Reads the part chunk by chunk, yielding after each; Unreadable where it is no sound XML."""
        fed = 0
        try:
            for chunk in _well_formed(source):
                self._parser.Parse(chunk, False)
                fed += len(chunk)
                if fed - self._parser.CurrentByteIndex > _LONGEST_TOKEN:
                    raise Unreadable(DAMAGED_PART)
                yield
            self._parser.Parse(b"", True)
        except (expat.ExpatError, UnicodeError) as error:
            raise Unreadable(DAMAGED_PART) from error
        yield

    def capture(self) -> None:
        """Collects the text up to the end of the element that begins now."""
        self._parser.CharacterDataHandler = self._collect
        self._parser.EndElementHandler = self._captured

    def skip(self) -> None:
        """Ignores everything up to the end of the element that begins now."""
        self._depth = 1
        self._parser.StartElementHandler = self._deeper
        self._parser.EndElementHandler = self._shallower

    def take_text(self) -> str:
        """The text collected since it was last taken."""
        text = "".join(self._text)
        self._text.clear()
        self._length = 0
        return text

    def _collect(self, data: str) -> None:
        if self._length < _LONGEST_TEXT:
            self._text.append(data)
            self._length += len(data)

    def _captured(self, name: str) -> None:
        self._parser.CharacterDataHandler = None
        self._parser.EndElementHandler = None

    def _deeper(self, name: str, attributes: Attributes) -> None:
        self._depth += 1

    def _shallower(self, name: str) -> None:
        self._depth -= 1
        if not self._depth:
            self._parser.StartElementHandler = self.start
            self._parser.EndElementHandler = None

    def _refuse_doctype(self, *args: object) -> None:
        raise Unreadable("文件内部带有不安全的 XML 声明，已拒绝读取。请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。")


def _well_formed(source: Source) -> Iterator[bytes]:
    """The part's bytes without the characters that XML forbids, for which a parser gives up the file.

    A byte that is no UTF-8 becomes �. A part in another encoding is passed on as it is.
    """
    first = source.read(CHUNK)
    if not _is_utf8(first):
        yield from chain([first], iter(lambda: source.read(CHUNK), b""))
        return
    decoder, held = codecs.getincrementaldecoder("utf-8")("replace"), ""
    for chunk in chain([first], iter(lambda: source.read(CHUNK), b"")):
        text = held + decoder.decode(chunk)
        # A reference that the chunk cuts in two is held back for the next.
        cut = text.rfind("&", -_LONGEST_REFERENCE)
        held = "" if cut < 0 or ";" in text[cut:] else text[cut:]
        yield _legal(text[: len(text) - len(held)]).encode()
    yield _legal(held + decoder.decode(b"", True)).encode()


def _is_utf8(beginning: bytes) -> bool:
    declared = _DECLARED.match(beginning)
    return not beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and (
        declared is None or declared[1].lower() in (b"utf-8", b"utf8", b"us-ascii")
    )


def _legal(text: str) -> str:
    return _REFERENCE.sub(_referred, NOT_IN_XML.sub("", text)) if "&#" in text else NOT_IN_XML.sub("", text)


def _referred(found: re.Match[str]) -> str:
    digits = found[1]
    code = int(digits[1:], 16) if digits.startswith("x") else int(digits)
    return "" if code > 0x10FFFF or NOT_IN_XML.fullmatch(chr(code)) else found[0]


# --- the container ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Relationship:
    """Where a part points to: the kind of target by its last word (worksheet, styles …), and the target's name."""

    kind: str
    target: str


@dataclass(frozen=True)
class Limits:
    """How much may be read now: bytes as they come out, whatever the file says of them, and tags."""

    inflated_bytes: int
    tags: int


class Package:
    """A zip of parts, found without regard to case; together they never inflate beyond the limit."""

    def __init__(self, file: BinaryIO, limits: Limits | None = None) -> None:
        try:
            self._zip = zips.opened(file)
        except zips.TooManyEntries as many:
            raise TooLarge(_TOO_MANY_PARTS) from many
        except zips.BROKEN as error:
            raise Unreadable(DAMAGED) from error
        entries = self._zip.infolist()
        if sum(entry.file_size for entry in entries) > MAX_INFLATED_BYTES:
            raise TooLarge(_TOO_LARGE)
        self._entries = {entry.filename.replace("\\", "/").lower(): entry for entry in entries}
        self._limits = limits
        self._bytes_left = limits.inflated_bytes if limits else MAX_INFLATED_BYTES
        self._tags_left = limits.tags if limits else MAX_TAGS

    def __contains__(self, part: str) -> bool:
        return part.lower() in self._entries

    def open(self, part: str) -> "Part":
        """The part's bytes from the start; Unreadable if it is missing, locked, or packed as no workbook is."""
        entry = self._entries.get(part.lower())
        if entry is None:
            raise Unreadable(DAMAGED)
        if entry.flag_bits & 1:
            raise Unreadable(LOCKED)
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unreadable(DAMAGED)
        # The directory may lie about the size: what counts is what really comes out, up to what is left.
        unbounded = copy.copy(entry)
        unbounded.file_size = 1 << 40
        try:
            return Part(self, self._zip.open(unbounded))
        except zips.BROKEN as error:
            raise Unreadable(DAMAGED) from error

    def spend(self, data: bytes) -> None:
        """Counts inflated bytes, and the tags in them; TooLarge beyond the limits, TakesLonger beyond smaller ones."""
        self._bytes_left -= len(data)
        self._tags_left -= data.count(b"<")
        if self._limits and min(self._bytes_left, self._tags_left) < 0:
            raise TakesLonger
        if self._bytes_left < 0:
            raise TooLarge(_TOO_LARGE)
        if self._tags_left < 0:
            raise TooLarge(_TOO_MANY)

    def relationships(self, part: str) -> dict[str, Relationship]:
        """The relationships of a part ("" for the package itself) by their ids."""
        folder, name = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", f"{name}.rels")
        return _RelationshipsPass(folder).read(self.open(rels)) if rels in self else {}

    def workbook_part(self) -> str:
        """The name of the workbook's main part; Unreadable, saying what the file is, if there is none."""
        named = [found.target for found in self.relationships("").values() if found.kind == "officeDocument"]
        for part in (*named, "xl/workbook.xml"):
            if part in self and part not in _OTHER_PARTS:
                return part
        raise Unreadable(next((message for part, message in _OTHER_PARTS.items() if part in self), _ANY_ARCHIVE))


class Part:
    """A part being read: bytes are counted, and the zip's own errors become ours."""

    def __init__(self, package: Package, source: Source) -> None:
        self._package = package
        self._source = source

    def read(self, size: int) -> bytes:
        """The next bytes, at most so many; empty at the end."""
        try:
            data = self._source.read(size)
        except zips.BROKEN as error:
            raise Unreadable(DAMAGED) from error
        self._package.spend(data)
        return data


class _RelationshipsPass(XmlPass):
    def __init__(self, folder: str) -> None:
        super().__init__()
        self._folder = folder
        self._found: dict[str, Relationship] = {}

    def read(self, source: Source) -> dict[str, Relationship]:
        for _ in self.feed(source):
            pass
        return self._found

    def start(self, name: str, attributes: Attributes) -> None:
        # External targets are links to elsewhere: nothing is ever fetched.
        if name == _RELATIONSHIP and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            target = posixpath.normpath(
                posixpath.join("/", self._folder, attributes.get("Target", "").replace("\\", "/"))
            )
            self._found[attributes.get("Id", "")] = Relationship(kind, target.lstrip("/"))
